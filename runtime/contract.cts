/**
 * What the runtime promises to whoever deploys it: ports, paths, environment names, metric names and times.
 *
 * The runtime itself uses these values, and the library writes manifests from them; nothing of it is typed
 * twice. CommonJS, free of imports, so that both packages can load it at no cost.
 */

/** TCP ports that a node listens on. */
export const PORTS = {
  /** HTTP API, WebSocket and chat page. Seed 002's `api`. */
  api: 8080,
  /** Prometheus `/metrics`, never routed to the public. Seed 002's `metrics`. */
  metrics: 9090,
  /** Node-to-node calls, authenticated by the cluster secret. Takes seed 002's P2P port. */
  peer: 4001,
} as const;

/** HTTP paths, on {@link PORTS.api} unless said otherwise. */
export const PATHS = {
  /** Liveness: the process answers and its event loop turns. Says nothing of models. */
  health: '/api/v1/health',
  /** Readiness: the node has started, a model answers, and it takes new work; 503 while it drains. */
  ready: '/api/v1/ready',
  /** Startup: 200 once all models are loaded, else 503 with the progress of download and load. */
  startup: '/api/v1/startup',
  /** Takes a node out of the cluster: it hands its streams over and refuses new work. POST, for operators and peers. */
  leave: '/api/v1/cluster/leave',
  /** A peer's sign of life, for one of its own. POST, peer port. */
  ping: '/api/v1/cluster/ping',
  /** Whether every node reads its model files as they should be. GET shows the last check, POST starts one. */
  integrity: '/api/v1/cluster/integrity',
  /** WebSocket chat. */
  chat: '/ws/chat',
  /** Prometheus metrics, on {@link PORTS.metrics}. */
  metrics: '/metrics',
} as const;

/**
 * What a route may open to the public, all on {@link PORTS.api}. The operations below `/api/v1` and everything on
 * the other ports stay inside. Types as in Gateway API: `PathPrefix` matches whole path segments.
 */
export const PUBLIC_PATHS = [
  /** The chat page. */
  { type: 'Exact', path: '/' },
  /** Its scripts and styles. */
  { type: 'PathPrefix', path: '/assets' },
  /** Login with OpenID Connect. */
  { type: 'PathPrefix', path: '/auth' },
  /** OpenAI's API. */
  { type: 'PathPrefix', path: '/v1' },
  { type: 'Exact', path: PATHS.chat },
] as const;

/** HTTP headers of the runtime's own. */
export const HEADERS = {
  /** On every streamed answer: the URL at which the stream goes on after a lost connection. */
  resumeUrl: 'polypod-resume-url',
  /** On every streamed answer: `true` if another node can go on with the stream, `false` if it dies with this one. */
  durable: 'polypod-durable',
  /** On every answer: the node, or the backend, that gave it. */
  node: 'polypod-node',
  /** On an answer that another gave: the node that took the request. */
  via: 'polypod-via',
  /** On requests that should meet on one node, which holds their session in its cache: any name for that session. */
  session: 'polypod-session',
} as const;

/** Where files lie inside the image. */
export const DIRECTORIES = {
  /** The configuration file's folder, mounted from a ConfigMap. */
  config: '/etc/polypod',
  /** Secrets, one file a value, below a folder for each secret. */
  secrets: '/run/secrets/polypod',
  /** CA bundles. */
  certificates: '/etc/polypod-ca',
  /** Shared model store (RWX). */
  models: '/models',
  /** Scratch space; the root file system is read-only. */
  temporary: '/tmp',
} as const;

/**
 * Where a model's published file, or folder of files, lies in the shared store. An engine beside the runtime is
 * pointed at it, so it must be the same for whoever writes the manifest and for whoever downloads:
 * `hf:owner/repository/file.gguf` is `/models/hf/owner/repository/file.gguf`. A `file:` lies where it says.
 */
export function modelPath(source: string, store: string = DIRECTORIES.models): string {
  if (source === 'demo:') return `${store}/demo.gguf`;
  if (source.startsWith('file:')) return source.replace(/^file:(\/\/)?/, '');
  const path = source
    .replace(/[?#].*$/, '')
    .replace(/:\/*/, '/')
    .replace(/[^\w./-]+/g, '-')
    .replace(/(^|\/)\.+(?=\/|$)/g, '$1-');
  return `${store}/${path}`;
}

/** Commands in the image, to be run in its containers. */
export const COMMANDS = {
  /**
   * Fetches every model of the configuration file into the shared store, one node at a time, and returns once all
   * are there and whole. Runs before an engine that can't wait for its files.
   */
  pullModels: ['polypod-runtime', 'models', 'pull'],
  /** Waits so many seconds, before SIGTERM. The image has coreutils' or busybox's `sleep` on its PATH. */
  sleep: (seconds: number): string[] => ['sleep', String(seconds)],
} as const;

/** The one configuration file. */
export const CONFIG_FILE = `${DIRECTORIES.config}/config.yaml`;

/** Environment names. A `_FILE` name holds the path of a file with the value, for secrets. */
export const ENVIRONMENT = {
  role: 'POLYPOD_ROLE',
  configFile: 'POLYPOD_CONFIG',
  nodeId: 'POLYPOD_NODE_ID',
  podIp: 'POLYPOD_POD_IP',
  zone: 'POLYPOD_ZONE',
  peerService: 'POLYPOD_PEER_SERVICE',
  clusterSecretFile: 'POLYPOD_CLUSTER_SECRET_FILE',
  drainTimeoutSeconds: 'DRAIN_TIMEOUT_SECONDS',
  redisHost: 'REDIS_HOST',
  redisPort: 'REDIS_PORT',
  redisTls: 'REDIS_TLS',
  redisCaFile: 'REDIS_CA_FILE',
  redisMode: 'REDIS_MODE',
  redisUsernameFile: 'REDIS_USERNAME_FILE',
  redisPasswordFile: 'REDIS_PASSWORD_FILE',
  redisPoolSize: 'REDIS_POOL_SIZE',
  databaseHost: 'PGHOST',
  databasePort: 'PGPORT',
  databaseName: 'PGDATABASE',
  databaseSslMode: 'PGSSLMODE',
  databaseSslRootCert: 'PGSSLROOTCERT',
  databaseUserFile: 'PGUSER_FILE',
  databasePasswordFile: 'PGPASSWORD_FILE',
  databasePoolSize: 'PG_POOL_SIZE',
  /** `open` or `required`. */
  accessMode: 'POLYPOD_ACCESS_MODE',
  /** Where browsers find the system. */
  publicUrl: 'POLYPOD_PUBLIC_URL',
  /** Password of the account that a fresh system is entered with. */
  adminPasswordFile: 'POLYPOD_ADMIN_PASSWORD_FILE',
  oidcClientSecretFile: 'OIDC_CLIENT_SECRET_FILE',
  jwtSecretFile: 'JWT_SECRET_FILE',
  modelDirectory: 'MODEL_DIR',
  huggingFaceTokenFile: 'HF_TOKEN_FILE',
  /** A mirror of the Hugging Face Hub. */
  huggingFaceEndpoint: 'HF_ENDPOINT',
  /** One model instead of those in the configuration: `hf:owner/repo/file`, `https:…`, `demo:` or a file. */
  model: 'MODEL',
  logLevel: 'LOG_LEVEL',
  logFormat: 'LOG_FORMAT',
  apiPort: 'PORT',
  metricsPort: 'METRICS_PORT',
} as const;

/** The roles one image can take; `all` is the three in one process. */
export const ROLES = ['all', 'gateway', 'worker', 'controller'] as const;
export type Role = (typeof ROLES)[number];

/** Names of accounts: letters, digits and what e-mail addresses have; nothing that could lead a reader of logs astray. */
export const ACCOUNT_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._%+@-]{0,127}$/u;

/** Times, in seconds. */
export const SECONDS = {
  /** A node hands its streams over within this time of SIGTERM; it never waits for them to end. */
  drain: 20,
  /** Slept before SIGTERM, so that endpoints are withdrawn from every proxy first. */
  preStop: 10,
  /** Grace beyond preStop and drain until SIGKILL. */
  graceMargin: 15,
} as const;

/** The image's user and group. */
export const USER = { uid: 10001, gid: 10001 } as const;

/** Prometheus metric names that manifests, alerts and dashboards refer to. */
export const METRICS = {
  /** Gauge: requests that wait for a sequence, by `model`. What autoscalers and inference gateways read. */
  queued: 'polypod_requests_queued',
  /** Gauge: requests being generated, by `model`. */
  running: 'polypod_requests_running',
  /** Gauge, 0–1: share of the KV cache in use, by `model`. */
  kvUsage: 'polypod_kv_cache_usage_ratio',
} as const;

/** Engines that a node can drive. `llama.cpp` is in the image; the others run beside it, on localhost. */
export const ENGINES = ['llama.cpp', 'vllm', 'sglang', 'llama-server', 'ollama'] as const;
export type Engine = (typeof ENGINES)[number];
