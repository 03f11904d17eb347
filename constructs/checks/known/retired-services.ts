import type { Retired } from './retired';

const BITNAMI = {
  date: '2025-09-29', // https://github.com/bitnami/containers/issues/83267
  instead: "Use the project's own image, or mirror one into a registry of yours.",
};

/** Images by registry, repository and tag; the registry is `docker.io` where none is written. */
const IMAGES: readonly (Retired & { readonly image: RegExp })[] = [
  {
    image: /^(?:[a-z]+\.)?k8s\.gcr\.io\/|^gcr\.io\/google[-_]containers\//,
    what: 'The registry k8s.gcr.io',
    date: '2023-04-03', // https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/
    end: 'it is frozen, and may be gone at any time',
    instead: 'Write registry.k8s.io.',
  },
  {
    // Only the tag latest stayed, for some.
    image: /^docker\.io\/bitnami\/[^:@]+(?::(?!latest(?:$|@)).+|@.+)$/,
    what: 'The image with a version of docker.io/bitnami',
    end: 'it was moved to docker.io/bitnamilegacy, which gets no updates, and cannot be pulled',
    ...BITNAMI,
  },
  {
    image: /^docker\.io\/bitnamilegacy\//,
    what: 'The archive docker.io/bitnamilegacy',
    end: 'it gets no updates and no security fixes',
    isGone: false,
    ...BITNAMI,
  },
  {
    image:
      /^[^/]+\/(?:ingress-nginx\/controller(?:-chroot)?|kubernetes-ingress-controller\/nginx-ingress-controller)(?:[:@]|$)/,
    what: 'ingress-nginx',
    date: '2026-03-31', // https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
    end: 'it gets no security fixes',
    instead: 'Use Gateway API, with a controller that is maintained.',
  },
  {
    image: /^gcr\.io\/kubebuilder\/kube-rbac-proxy(?:[:@]|$)/,
    what: 'The image gcr.io/kubebuilder/kube-rbac-proxy',
    date: '2025-03-18', // https://github.com/kubernetes-sigs/kubebuilder/discussions/3907
    end: 'it is no longer published, and may be gone',
    instead: 'Use quay.io/brancz/kube-rbac-proxy, or the authentication of controller-runtime.',
  },
  {
    image: /^docker\.pkg\.github\.com\//,
    what: 'The registry docker.pkg.github.com',
    date: '2025-02-24', // https://github.blog/changelog/2025-01-23-legacy-docker-registry-closing-down/
    end: 'it is closed',
    instead: 'Write ghcr.io.',
  },
  {
    image: /^docker\.io\/grafana\/promtail(?:[:@]|$)/,
    what: 'Promtail',
    date: '2026-03-02', // https://grafana.com/docs/loki/latest/send-data/promtail/
    end: 'it gets no security fixes',
    instead: 'Use Grafana Alloy.',
  },
  {
    image: /^docker\.io\/grafana\/agent(?:-operator)?(?:[:@]|$)/,
    what: 'Grafana Agent',
    date: '2025-11-01', // https://grafana.com/docs/agent/latest/
    end: 'it gets no security fixes',
    instead: 'Use Grafana Alloy.',
  },
  {
    image: /^(?:docker|quay)\.io\/minio\/minio(?:[:@]|$)/,
    what: 'The community edition of MinIO',
    date: '2026-04-25', // https://github.com/minio/minio
    end: 'the project is archived and publishes no images',
    instead: 'Use an object store that is maintained, such as the cloud’s own, Ceph, Garage or SeaweedFS.',
    isGone: false,
  },
  {
    image: /^quay\.io\/external_storage\//,
    what: 'The external-storage provisioners',
    date: '2020-11-30', // https://github.com/kubernetes-retired/external-storage
    end: 'the project is archived',
    instead: 'Use the CSI driver of the storage.',
  },
];

/** Why an image is retired. */
export function retiredImage(image: string): Retired | undefined {
  const [first = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const full = hasRegistry
    ? image.replace(/^(?:index|registry-1)\.docker\.io\//, 'docker.io/')
    : `docker.io/${rest.length === 0 ? 'library/' : ''}${image}`;
  return IMAGES.find((each) => each.image.test(full));
}

/** Hosts and URLs, wherever they stand in a text. */
const ADDRESSES: readonly (Retired & { readonly address: RegExp })[] = [
  {
    address:
      /\b[\w-]{1,63}(?:\.privatelink)?\.redis\.cache\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)\b/i,
    what: 'Azure Cache for Redis',
    date: '2028-09-30', // https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq
    end: 'Azure ends the service; it has made no new instances since 1 October 2026',
    instead: 'Use Azure Managed Redis (…redis.azure.net, port 10000).',
  },
  {
    address: /\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.redisenterprise\.cache\.azure\.net\b/i,
    what: 'Azure Cache for Redis Enterprise',
    date: '2027-03-31', // https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq
    end: 'Azure ends the service',
    instead: 'Use Azure Managed Redis (…redis.azure.net, port 10000).',
  },
  {
    address: /\b[\w-]{1,63}(?:\.privatelink)?\.mariadb\.database\.azure\.com\b/i,
    what: 'Azure Database for MariaDB',
    date: '2025-09-19', // https://learn.microsoft.com/azure/mariadb/whats-happening-to-mariadb
    end: 'Azure has ended the service',
    instead: 'Use Azure Database for MySQL Flexible Server.',
  },
  {
    address:
      /\bkubernetes-charts(?:-incubator)?\.storage\.googleapis\.com\b|\bcharts\.helm\.sh\/(?:stable|incubator)\b/i,
    what: 'The chart repository Helm stable',
    date: '2020-11-13', // https://helm.sh/blog/charts-repo-deprecation/
    end: 'its charts get no updates',
    instead: "Use the chart of the application's own project.",
  },
  {
    address: /\bkubernetes\.github\.io\/ingress-nginx\b/i,
    what: 'ingress-nginx',
    date: '2026-03-31',
    end: 'it gets no security fixes',
    instead: 'Use Gateway API, with a controller that is maintained.',
  },
  {
    address: /(?:^|[\s"'=/])(?:[a-z]+\.)?k8s\.gcr\.io(?=\/|["'\s]|$)/i,
    what: 'The registry k8s.gcr.io',
    date: '2023-04-03',
    end: 'it is frozen, and may be gone at any time',
    instead: 'Write registry.k8s.io.',
  },
];

/** A quick look, since hardly any text names one. */
const ANY_ADDRESS =
  /(?:azure\.(?:com|net)|windows\.net|chinacloudapi\.cn|usgovcloudapi\.net|googleapis\.com|helm\.sh|github\.io|k8s\.gcr\.io)/i;

/** A retired service that a text names, and the address by which it does. */
export function retiredAddress(
  text: string,
): { readonly retired: Retired; readonly address: string } | undefined {
  if (!ANY_ADDRESS.test(text)) return undefined;
  for (const retired of ADDRESSES) {
    const [address] = retired.address.exec(text) ?? [];
    if (address !== undefined) return { retired, address: address.replace(/^[\s"'=/]+/, '') };
  }
  return singleServer(text);
}

const SINGLE_SERVERS: Readonly<Record<string, Retired>> = {
  postgres: {
    what: 'Azure Database for PostgreSQL Single Server',
    date: '2025-03-28', // https://learn.microsoft.com/azure/postgresql/migrate/whats-happening-to-postgresql-single-server
    end: 'Azure has ended the service',
    instead:
      'Use Azure Database for PostgreSQL Flexible Server, whose users have no @server after their name.',
  },
  mysql: {
    what: 'Azure Database for MySQL Single Server',
    date: '2024-09-16', // https://learn.microsoft.com/azure/mysql/migrate/whats-happening-to-mysql-single-server
    end: 'Azure has ended the service',
    instead: 'Use Azure Database for MySQL Flexible Server, whose users have no @server after their name.',
  },
};
const SERVER =
  /([a-z0-9-]{1,63})(?:\.privatelink)?\.(postgres|mysql)\.database\.(?:azure\.com|chinacloudapi\.cn|usgovcloudapi\.net)\b/i;

/** Flexible Servers have the same host names; only Single Server wants `user@server` as the user. */
function singleServer(text: string) {
  const [address, server, kind = ''] = SERVER.exec(text) ?? [];
  if (address === undefined || server === undefined) return undefined;
  const before = text.slice(0, text.indexOf(address)).toLowerCase();
  const after = text.slice(text.indexOf(address) + address.length).toLowerCase();
  const suffix = new RegExp(`(?:@|%40)${server.toLowerCase()}(?![\\w.-])`);
  const retired = SINGLE_SERVERS[kind.toLowerCase()];
  return retired && (suffix.test(before) || suffix.test(after)) ? { retired, address } : undefined;
}

/** The server of a host of Azure's databases: `db1` for `db1.postgres.database.azure.com`. */
export function azureServer(
  host: string,
): { readonly server: string; readonly retired: Retired } | undefined {
  const [, server, kind = ''] = SERVER.exec(host) ?? [];
  const retired = SINGLE_SERVERS[kind.toLowerCase()];
  return server !== undefined && retired ? { server, retired } : undefined;
}

export const INGRESS_NGINX: Retired = {
  what: 'ingress-nginx',
  date: '2026-03-31', // https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
  end: 'it gets no security fixes',
  instead: 'Use a Gateway API route, or a controller that is maintained.',
};

/** Ingress classes of managed controllers that are gone or going. */
export const RETIRED_CLASSES: Readonly<Record<string, Retired>> = {
  // https://learn.microsoft.com/azure/aks/app-routing
  'webapprouting.kubernetes.azure.com': {
    what: "AKS's application routing with NGINX",
    date: '2026-11-30',
    end: 'Azure supports it no longer',
    instead: 'Use its Gateway API implementation, or Application Gateway for Containers.',
  },
  // https://learn.microsoft.com/azure/aks/http-application-routing
  'addon-http-application-routing': {
    what: "AKS's HTTP application routing",
    date: '2025-03-03',
    end: 'Azure has ended the add-on',
    instead: 'Use a Gateway API route.',
  },
};
