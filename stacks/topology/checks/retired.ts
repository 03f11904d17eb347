import { type InferenceCheck, problem } from './check';

/** Services by the host names that they give, with the date of their end. Azure's retirement notices. */
const RETIRED_HOSTS: readonly { readonly host: RegExp; readonly what: string; readonly instead: string }[] = [
  {
    host: /\.redis\.cache\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)$/,
    what: 'Azure Cache for Redis: no new instances since 1 October 2026, the end on 30 September 2028',
    instead: 'use Azure Managed Redis (…redis.azure.net, port 10000)',
  },
  {
    host: /\.redisenterprise\.cache\.azure\.net$/,
    what: 'Azure Cache for Redis Enterprise, which ends on 31 March 2027',
    instead: 'use Azure Managed Redis (…redis.azure.net, port 10000)',
  },
  {
    host: /\.mariadb\.database\.azure\.com$/,
    what: 'Azure Database for MariaDB, which ended on 19 September 2025, and no PostgreSQL',
    instead: 'use Azure Database for PostgreSQL Flexible Server',
  },
];

/** Services that are retired or will be. */
export const servicesLive: InferenceCheck = {
  reads: ['backing', 'traffic', 'allow'],
  *check({ backing, traffic, allow }) {
    if (allow['retired-service'] !== undefined) return;
    const accept = 'or say in allow.retired-service until when it must do';
    for (const field of ['cache', 'database'] as const) {
      const server = backing[field];
      if (typeof server !== 'object') continue;
      const found = RETIRED_HOSTS.find(({ host }) => host.test(server.host));
      if (found)
        yield problem(
          `backing.${field}.host`,
          server.host,
          `is ${found.what}`,
          `${found.instead}, ${accept}`,
        );
    }
    if (traffic.type === 'nginx-ingress') {
      const reason = 'is ingress-nginx, which was retired in March 2026 and gets no security fixes';
      yield problem('traffic.type', traffic.type, reason, `write gateway-api, ${accept}`);
    }
  },
};
