import { INGRESS_NGINX, retiredAddress } from '../../../constructs/checks/known/retired-services';
import { problem, type SystemCheck } from './check';

/** Services that are retired or will be. */
export const servicesLive: SystemCheck = {
  reads: ['backing', 'traffic', 'allow'],
  *check({ backing, traffic, allow }) {
    if (allow['retired-service'] !== undefined) return;
    const accept = 'Or say in allow.retired-service until when it must do.';
    for (const field of ['cache', 'database'] as const) {
      const server = backing[field];
      if (typeof server !== 'object') continue;
      const { retired } = retiredAddress(server.host) ?? {};
      if (retired === undefined) continue;
      const { what, date, end, instead } = retired;
      // What is retired here speaks another language than PostgreSQL; so does what replaces it.
      const mend = field === 'cache' ? instead : 'Use a PostgreSQL server that its provider goes on with.';
      yield problem(`backing.${field}.host`, server.host, `is ${what}: ${date}, ${end}`, `${mend} ${accept}`);
    }
    if (traffic.type === 'nginx-ingress') {
      const { what, date, end } = INGRESS_NGINX;
      const reason = `is ${what}: since ${date}, ${end}`;
      yield problem('traffic.type', traffic.type, reason, `Write gateway-api. ${accept}`);
    }
  },
};
