/** Clouds that `polypod init` knows; `local` is any cluster, with cache and database inside it. */
export const CLOUDS = ['aws', 'gcp', 'azure', 'local'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** What differs from cloud to cloud in a topology file of any kind. */
interface CloudParts {
  /** What must be there before the file can be used: the cluster, for its cache, for its database. */
  readonly needs: {
    readonly cluster: readonly string[];
    readonly cache: readonly string[];
    readonly database: readonly string[];
  };
  /** The fields below `backing`. */
  readonly storage: string;
  readonly cache: string;
  readonly database: string;
  /** The field `traffic`. */
  readonly traffic: string;
}

const PARTS: Readonly<Record<Cloud, (name: string) => CloudParts>> = {
  aws: (name) => ({
    needs: {
      cluster: [
        'an EKS cluster with the EFS CSI driver, and an EFS file system with a mount target in every zone',
        'Envoy Gateway, or another implementation of the Gateway API',
      ],
      cache: [
        `ElastiCache for Valkey, reachable from the pods; its Secret ${name}-cache (username, password)`,
      ],
      database: [
        `RDS for PostgreSQL, reachable from the pods; its Secret ${name}-database (username, password)`,
        'a ConfigMap rds-ca with the bundle https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
      ],
    },
    storage: `  storage:
    kind: efs
    fileSystemId: fs-0123456789abcdef0
    # bursting file systems run out of credit in the middle of a load
    #throughputMode: elastic`,
    cache: `  cache:
    host: master.${name}-cache.abc123.use1.cache.amazonaws.com
    # one primary, or a cluster of shards
    #mode: single
    #port: 6379
    #tls: true
    credentials: { secretName: ${name}-cache }
    # connections that the server grants; checked against the most pods
    maxConnections: 65000
    # the subnets it answers from, for the network policy
    cidrs: [10.0.64.0/20, 10.0.80.0/20, 10.0.96.0/20]`,
    database: `  database:
    host: ${name}.abcdefghijkl.us-east-1.rds.amazonaws.com
    #port: 5432
    #database: polypod
    #tls: verify-full
    ca: { configMapName: rds-ca, key: global-bundle.pem }
    credentials: { secretName: ${name}-database }
    # max_connections of the server, less what it reserves; checked against the most pods
    maxConnections: 400
    cidrs: [10.0.64.0/20, 10.0.80.0/20, 10.0.96.0/20]`,
    traffic: `# also aws-alb, with a certificate of AWS Certificate Manager
traffic:
  type: gateway-api
  hosts: [${name}.acme.dev]
  tls: { secretName: ${name}-tls }
  # an existing Gateway to attach to, instead of one made here: { name, namespace }
  #className: envoy
  #from: { namespace: envoy-gateway-system }`,
  }),
  gcp: (name) => ({
    needs: {
      cluster: ['a GKE cluster with the Filestore CSI driver and the Gateway API'],
      cache: [
        `Memorystore for Valkey or Redis; its Secret ${name}-cache (username, password)`,
        'a ConfigMap memorystore-ca with its authorities (ca.crt)',
      ],
      database: [
        `Cloud SQL for PostgreSQL with a private address; its Secret ${name}-database (username, password)`,
        'a ConfigMap cloudsql-ca with its authorities (ca.crt)',
      ],
    },
    storage: `  storage:
    kind: filestore
    # regional survives the loss of a zone and begins at 100 GiB; zonal begins at 1 TiB; standard is hard disks
    tier: regional
    #network: default
    # a shared VPC needs PRIVATE_SERVICE_ACCESS
    #connectMode: DIRECT_PEERING`,
    cache: `  cache:
    host: 10.20.0.3
    # one primary, or a cluster of shards
    #mode: single
    port: 6378
    #tls: true
    ca: { configMapName: memorystore-ca }
    credentials: { secretName: ${name}-cache }
    # connections that the server grants; checked against the most pods
    maxConnections: 65000
    # the addresses it answers from, for the network policy
    cidrs: [10.20.0.0/28]`,
    database: `  database:
    # its DNS name, as its certificate has it
    host: 1a2b3c4d5e6f.2g3h4i5j6k7l.us-central1.sql.goog
    #port: 5432
    #database: polypod
    #tls: verify-full
    ca: { configMapName: cloudsql-ca }
    credentials: { secretName: ${name}-database }
    # max_connections of the server, less what it reserves; checked against the most pods
    maxConnections: 400
    cidrs: [10.30.0.0/24]`,
    traffic: `traffic:
  type: gke
  hosts: [${name}.acme.dev]
  tls: { secretName: ${name}-tls }
  # gke-l7-rilb is internal
  #className: gke-l7-global-external-managed
  # Google's proxies and health checks
  #loadBalancerCidrs: [130.211.0.0/22, 35.191.0.0/16]`,
  }),
  azure: (name) => ({
    needs: {
      cluster: [
        'an AKS cluster with the Azure Files CSI driver',
        'Envoy Gateway, or the ALB controller of Application Gateway for Containers (type: azure-agc)',
      ],
      cache: [`Azure Managed Redis, reachable from the pods; its Secret ${name}-cache (username, password)`],
      database: [
        `Azure Database for PostgreSQL Flexible Server; its Secret ${name}-database (username, password)`,
      ],
    },
    storage: `  storage:
    kind: azure-files
    # SSDs in three zones; Standard_* is hard disks without NFS
    #sku: Premium_ZRS`,
    cache: `  cache:
    host: ${name}-cache.westeurope.redis.azure.net
    # one primary, or a cluster of shards
    #mode: single
    port: 10000
    #tls: true
    credentials: { secretName: ${name}-cache }
    # connections that the server grants; checked against the most pods
    maxConnections: 15000
    # the subnet of its private endpoint, for the network policy
    cidrs: [10.1.8.0/24]`,
    database: `  database:
    host: ${name}-db.postgres.database.azure.com
    #port: 5432
    #database: polypod
    #tls: verify-full
    credentials: { secretName: ${name}-database }
    # max_connections of the server, less what it reserves; checked against the most pods
    maxConnections: 400
    cidrs: [10.1.9.0/24]`,
    traffic: `# also azure-agc, Application Gateway for Containers
traffic:
  type: gateway-api
  hosts: [${name}.acme.dev]
  tls: { secretName: ${name}-tls }
  # an existing Gateway to attach to, instead of one made here: { name, namespace }
  #className: envoy
  #from: { namespace: envoy-gateway-system }`,
  }),
  local: (name) => ({
    needs: {
      cluster: ['a cluster with a StorageClass that grants ReadWriteMany'],
      cache: [`the Secret ${name}-cache in the namespace`],
      database: [`the Secret ${name}-database in the namespace`],
    },
    storage: `  storage:
    # also efs, filestore, azure-files, nfs, existing-claim
    kind: existing-class
    name: nfs-client`,
    cache: `  cache: local`,
    database: `  # an existing server ({ host, port, credentials, cidrs }), or one in the namespace, for development
  database: local`,
    traffic: `# only a Service inside the cluster: kubectl port-forward reaches it
traffic:
  type: none`,
  }),
};

/** What a topology file of any kind says of a cloud. */
export const cloudParts = (cloud: Cloud, name: string): CloudParts => PARTS[cloud](name);

/** Fields that topologies of all kinds have, commented out with their defaults. */
export const surroundingsTemplate = `# Sizes of database and cache where Pulumi makes them. Default: from the profile.
#sizing: { database: {}, cache: {} }

# Where pods may run.
#scheduling: { nodeSelector: {}, tolerations: [] }

# Over zones and nodes: preferred, required (a pod stays pending rather than uneven) or off.
#spread: { zones: preferred, nodes: preferred }

# Pods that a drain may take at once.
#disruption: { maxUnavailable: 1 }

# Alerts and a dashboard, for a cluster with the Prometheus operator (kube-prometheus-stack); {} switches them on, and
# Prometheus may look for labels: { labels: { release: kube-prometheus-stack } }.
#observability: off

# Nightly dumps of the database on a claim of their own, { keep: 14 }; {} switches them on.
#backup: off`;

/** Timeouts and affinity of a way in; nothing where there is none. */
export const trafficDefaults = (cloud: Cloud) =>
  cloud === 'local'
    ? ''
    : `
  # Any pod can answer; affinity only keeps caches warm. Streams are long: the usual 60s would cut them.
  #affinity: { by: cookie, name: polypod-session, ttl: 1h }
  #timeouts: { request: 1h, idle: 1h }`;
