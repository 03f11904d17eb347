/** Clouds that `polypod init` knows; `local` is any cluster, with cache and database inside it. */
export const CLOUDS = ['aws', 'gcp', 'azure', 'local'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** What differs from cloud to cloud. */
interface CloudParts {
  /** What must be there before the file can be used. */
  readonly needs: readonly string[];
  readonly profile: 'small' | 'medium';
  readonly model: string;
  readonly modelStore: string;
  readonly backing: string;
  readonly traffic: string;
}

const MODEL_STORE = '#modelStore: { uid: 10001, gid: 10001 }';

const QWEN_7B = `models:
  - name: qwen2.5-7b-instruct
    # hf:owner/repository/file for one GGUF file, hf:owner/repository for safetensors (vllm, sglang), https:, file:
    source: hf:bartowski/Qwen2.5-7B-Instruct-GGUF/Qwen2.5-7B-Instruct-Q4_K_M.gguf
    # Commit of the repository, so that the model never changes by itself.
    #revision: main
    # Bytes of its files together (the model card says 4.68 GB). Memory, claim and startup budget follow from it.
    size: 4.7G
    # Tokens of prompt and answer together, and requests that one pod generates at once.
    #contextLength: 8192
    #sequences: 8
    #purpose: chat`;

const QWEN_HALF = `models:
  - name: qwen2.5-0.5b-instruct
    # hf:owner/repository/file for one GGUF file, hf:owner/repository for safetensors (vllm, sglang), https:, file:
    source: hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf
    # Commit of the repository, so that the model never changes by itself.
    #revision: main
    # Bytes of its files together (the repository says 491 MB). Memory, claim and startup budget follow from it.
    size: 492M
    # Tokens of prompt and answer together, and requests that one pod generates at once.
    #contextLength: 8192
    #sequences: 8
    #purpose: chat`;

const PARTS: Readonly<Record<Cloud, CloudParts>> = {
  aws: {
    needs: [
      'an EKS cluster with the EFS CSI driver, and an EFS file system with a mount target in every zone',
      'ElastiCache for Valkey and RDS for PostgreSQL, reachable from the pods',
      'Secrets chat-cache and chat-database (username, password) and chat-cluster (secret) in the namespace',
      'a ConfigMap rds-ca with the bundle https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
      'Envoy Gateway, or another implementation of the Gateway API',
    ],
    profile: 'medium',
    model: QWEN_7B,
    modelStore: MODEL_STORE,
    backing: `  storage:
    kind: efs
    fileSystemId: fs-0123456789abcdef0
    # bursting file systems run out of credit in the middle of a load
    #throughputMode: elastic
  cache:
    host: master.chat-cache.abc123.use1.cache.amazonaws.com
    # one primary, or a cluster of shards
    #mode: single
    #port: 6379
    #tls: true
    credentials: { secretName: chat-cache }
    # connections that the server grants; checked against the most pods
    maxConnections: 65000
    # the subnets it answers from, for the network policy
    cidrs: [10.0.64.0/20, 10.0.80.0/20, 10.0.96.0/20]
  database:
    host: chat.abcdefghijkl.us-east-1.rds.amazonaws.com
    #port: 5432
    #database: polypod
    #tls: verify-full
    ca: { configMapName: rds-ca, key: global-bundle.pem }
    credentials: { secretName: chat-database }
    # max_connections of the server, less what it reserves; checked against the most pods
    maxConnections: 400
    cidrs: [10.0.64.0/20, 10.0.80.0/20, 10.0.96.0/20]`,
    traffic: `# also aws-alb, with a certificate of AWS Certificate Manager
traffic:
  type: gateway-api
  hosts: [chat.acme.dev]
  tls: { secretName: chat-tls }
  # an existing Gateway to attach to, instead of one made here: { name, namespace }
  #className: envoy
  #from: { namespace: envoy-gateway-system }`,
  },
  gcp: {
    needs: [
      'a GKE cluster with the Filestore CSI driver and the Gateway API',
      'Memorystore for Valkey or Redis, and Cloud SQL for PostgreSQL with a private address',
      'Secrets chat-cache and chat-database (username, password) and chat-cluster (secret) in the namespace',
      'ConfigMaps memorystore-ca and cloudsql-ca with the authorities of the two servers (ca.crt)',
    ],
    profile: 'medium',
    model: QWEN_7B,
    modelStore: `# Filestore is as fast as it is large: 260 MiB/s a TiB for all pods together.
modelStore:
  size: 1Ti
  #uid: 10001
  #gid: 10001`,
    backing: `  storage:
    kind: filestore
    # regional survives the loss of a zone and begins at 100 GiB; zonal begins at 1 TiB; standard is hard disks
    tier: regional
    #network: default
    # a shared VPC needs PRIVATE_SERVICE_ACCESS
    #connectMode: DIRECT_PEERING
  cache:
    host: 10.20.0.3
    # one primary, or a cluster of shards
    #mode: single
    port: 6378
    #tls: true
    ca: { configMapName: memorystore-ca }
    credentials: { secretName: chat-cache }
    # connections that the server grants; checked against the most pods
    maxConnections: 65000
    # the addresses it answers from, for the network policy
    cidrs: [10.20.0.0/28]
  database:
    # its DNS name, as its certificate has it
    host: 1a2b3c4d5e6f.2g3h4i5j6k7l.us-central1.sql.goog
    #port: 5432
    #database: polypod
    #tls: verify-full
    ca: { configMapName: cloudsql-ca }
    credentials: { secretName: chat-database }
    # max_connections of the server, less what it reserves; checked against the most pods
    maxConnections: 400
    cidrs: [10.30.0.0/24]`,
    traffic: `traffic:
  type: gke
  hosts: [chat.acme.dev]
  tls: { secretName: chat-tls }
  # gke-l7-rilb is internal
  #className: gke-l7-global-external-managed
  # Google's proxies and health checks
  #loadBalancerCidrs: [130.211.0.0/22, 35.191.0.0/16]`,
  },
  azure: {
    needs: [
      'an AKS cluster with the Azure Files CSI driver',
      'Azure Managed Redis and Azure Database for PostgreSQL Flexible Server, reachable from the pods',
      'Secrets chat-cache and chat-database (username, password) and chat-cluster (secret) in the namespace',
      'Envoy Gateway, or the ALB controller of Application Gateway for Containers (type: azure-agc)',
    ],
    profile: 'medium',
    model: QWEN_7B,
    modelStore: MODEL_STORE,
    backing: `  storage:
    kind: azure-files
    # SSDs in three zones; Standard_* is hard disks without NFS
    #sku: Premium_ZRS
  cache:
    host: chat-cache.westeurope.redis.azure.net
    # one primary, or a cluster of shards
    #mode: single
    port: 10000
    #tls: true
    credentials: { secretName: chat-cache }
    # connections that the server grants; checked against the most pods
    maxConnections: 15000
    # the subnet of its private endpoint, for the network policy
    cidrs: [10.1.8.0/24]
  database:
    host: chat-db.postgres.database.azure.com
    #port: 5432
    #database: polypod
    #tls: verify-full
    credentials: { secretName: chat-database }
    # max_connections of the server, less what it reserves; checked against the most pods
    maxConnections: 400
    cidrs: [10.1.9.0/24]`,
    traffic: `# also azure-agc, Application Gateway for Containers
traffic:
  type: gateway-api
  hosts: [chat.acme.dev]
  tls: { secretName: chat-tls }
  # an existing Gateway to attach to, instead of one made here: { name, namespace }
  #className: envoy
  #from: { namespace: envoy-gateway-system }`,
  },
  local: {
    needs: [
      'a cluster with a StorageClass that grants ReadWriteMany',
      'Secrets chat-cache, chat-database and chat-cluster in the namespace',
    ],
    profile: 'small',
    model: QWEN_HALF,
    modelStore: MODEL_STORE,
    backing: `  storage:
    # also efs, filestore, azure-files, nfs, existing-claim
    kind: existing-class
    name: nfs-client
  # an existing server ({ host, port, credentials, cidrs }), or one in the namespace, for development
  cache: local
  database: local`,
    traffic: `# only a Service inside the cluster: kubectl port-forward reaches it
traffic:
  type: none`,
  },
};

/**
 * The text of a topology file for a cloud. Prose begins with `# `; a field that is commented out begins with `#`
 * alone and shows its default, so that taking the `#` away changes nothing.
 */
export function topologyTemplate(cloud: Cloud): string {
  const parts = PARTS[cloud];
  return `# yaml-language-server: $schema=https://unpkg.com/polypod/schemas/topology.schema.json
#
# A Polypod topology: polypod synth FILE -o DIR writes its manifests, polypod check DIR examines them.
# What it needs:
${parts.needs.map((need) => `#   - ${need}`).join('\n')}

kind: Inference
name: chat
#namespace: chat
# The Namespace is written, too, with Pod Security "restricted" enforced.
#createNamespace: true
#labels: {}

# small: fewer than 100 users, 2-3 pods; medium: 100-1000 users, 3-8 pods; large: 1000 and more, 8-20 pods;
# enterprise: beyond, 20-40 pods. Every figure of it can be set by itself.
profile: ${parts.profile}

${parts.model}

# llama.cpp is in the image (GGUF). vllm and sglang (safetensors), llama-server and ollama (GGUF) run beside it.
engine:
  name: llama.cpp
  # GPUs need the CUDA variant of the image: accelerator: cuda and gpu: { count: 1 }
  #accelerator: none

# all: every pod does everything. Or a workload each: { gateway: {}, worker: {}, controller: {} }.
#roles: all

# A number, or a range for the autoscaler. Default: from the profile.
${parts.profile === 'small' ? '#replicas: { min: 2, max: 3 }' : '#replicas: { min: 3, max: 8 }'}

# Default: 4 cores, and memory for the models and their context; no CPU limit, since throttling stalls streams.
#resources: {}

# cpu-memory is a HorizontalPodAutoscaler; queue is KEDA on waiting requests and needs prometheusAddress.
autoscaling:
  signal: cpu-memory
  #cpuPercent: 70
  #memoryPercent: 80
  # two pods up and one down a minute, after five minutes of the same advice
  #behavior: { scaleUp: { pods: 2, period: 60s, stabilization: 300s }, scaleDown: { pods: 1, period: 60s, stabilization: 300s } }

# Connections of each pod. The most pods times these must fit what the servers grant.
#connections: { database: 20, cache: 10 }

# Sizes of database and cache where Pulumi makes them. Default: from the profile.
#sizing: { database: {}, cache: {} }

# The claim for model files, and the user of the pods. Default size: twice the models, no less than the storage grants.
${parts.modelStore}

# Where pods may run.
#scheduling: { nodeSelector: {}, tolerations: [] }

# Over zones and nodes: preferred, required (a pod stays pending rather than uneven) or off.
#spread: { zones: preferred, nodes: preferred }

# Pods that a drain may take at once.
#disruption: { maxUnavailable: 1 }

# partition: N updates only the pods from ordinal N on: a canary.
#update: { partition: 0, minReady: 10s }

# The startup budget follows from model bytes and storage throughput; one beyond this is refused.
#startup: { limit: 1h }

# Streams are handed over within drain; grace is preStop, drain and 15s.
#shutdown: { preStop: 10s, drain: 20s, grace: 45s }

# Everything is denied but what follows from this file and what is named here.
network:
  #isolation: true
  # who scrapes metrics
  metricsFrom: { namespace: monitoring }
  # where models are fetched from; private networks are never opened by it
  #modelSource: { cidrs: [0.0.0.0/0, "::/0"], ports: [443] }
  #egress: []
  #dns: { namespace: kube-system, podLabels: { k8s-app: kube-dns }, nodeLocal: false }

${parts.traffic}${
  cloud === 'local'
    ? ''
    : `
  # Any pod can answer; affinity only keeps caches warm. Streams are long: the usual 60s would cut them.
  #affinity: { by: cookie, name: polypod-session, ttl: 1h }
  #timeouts: { request: 1h, idle: 1h }`
}

# The secret that pods prove to each other; huggingFaceToken: { secretName: … } for gated models.
#security: { clusterSecret: { secretName: chat-cluster, key: secret }, imagePullSecrets: [] }

# Findings that are accepted, each with its reason: lost-streams, slow-storage, plain-http, retired-service.
#allow: {}

# What it stands on.
backing:
  # the runtime's image, pinned by tag or digest
  image: ghcr.io/acme/polypod-runtime:0.1.0
${parts.backing}
`;
}
