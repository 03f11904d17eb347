import { ENVIRONMENT } from '../../../runtime/contract.cjs';
import type { Settings } from '../model/settings';

/** A setting that, with such a value, moves an application off its default. */
export interface Switch {
  readonly setting: string;
  /** Values that do it. @default any but an empty one */
  readonly value?: RegExp;
}

/** What is known of an application, by the repository of its image. */
export interface KnownApplication {
  readonly name: string;
  /** Matches the image's repository without registry: `open-webui/open-webui`. */
  readonly repository: RegExp;
  /** Documentation of these facts. */
  readonly source: string;
  /** Falls back to SQLite in this file when none of `replacedBy` is set. */
  readonly sqlite?: {
    readonly file: string;
    /** Setting that names the folder of the file, if it can be moved. */
    readonly folderSetting?: string;
    /** What else must be set for that. */
    readonly folderIf?: Switch;
    readonly replacedBy: readonly Switch[];
  };
  /** Holds sessions, sockets or caches in its process unless one of `sharedBy` is set. */
  readonly sessions?: { readonly what: string; readonly sharedBy: readonly Switch[] };
  /** Makes a key of its own to sign sessions or encrypt secrets with, unless one of these is set. */
  readonly signingKey?: {
    readonly settings: readonly string[];
    readonly consequence: string;
    /** File in which it keeps the key that it makes; on a shared volume, all pods find the same. @default none */
    readonly keptIn?: string;
  };
  /** Folder with models that it runs or embeds with itself. */
  readonly modelDirectory?: string;
  /** Port and path of its Prometheus metrics, and settings of which any turns them on. @default they are always on */
  readonly metrics?: {
    readonly port: number;
    readonly path: string;
    readonly enabledBy?: readonly Switch[];
  };
  /** Settings without which it does not work, each with what they lead to. */
  readonly needs?: readonly { readonly settings: readonly string[]; readonly what: string }[];
}

const NOT_SQLITE = /^(?!sqlite|file:).+/i;

const applications: readonly KnownApplication[] = [
  {
    name: 'Open WebUI',
    repository: /(?:^|\/)open-webui$/,
    source: 'https://docs.openwebui.com/getting-started/env-configuration',
    sqlite: {
      file: '/app/backend/data/webui.db',
      folderSetting: 'DATA_DIR',
      replacedBy: [
        { setting: 'DATABASE_URL', value: NOT_SQLITE },
        { setting: 'DATABASE_TYPE', value: NOT_SQLITE },
      ],
    },
    sessions: {
      what: 'WebSocket sessions and running tasks',
      sharedBy: [{ setting: 'WEBSOCKET_REDIS_URL' }, { setting: 'REDIS_URL' }],
    },
    signingKey: {
      settings: ['WEBUI_SECRET_KEY', 'WEBUI_JWT_SECRET_KEY'],
      consequence: 'a login on one pod is refused by the next',
    },
  },
  {
    name: 'AnythingLLM',
    repository: /(?:^|\/)anything-?llm$/,
    source: 'https://docs.anythingllm.com/configuration',
    sqlite: {
      file: '/app/server/storage/anythingllm.db',
      folderSetting: 'STORAGE_DIR',
      replacedBy: [{ setting: 'DATABASE_URL', value: /^postgres/i }],
    },
    sessions: { what: 'agent sockets and document jobs', sharedBy: [] },
    modelDirectory: '/app/server/storage/models',
    signingKey: { settings: ['JWT_SECRET'], consequence: 'a login on one pod is refused by the next' },
  },
  {
    name: 'Memos',
    repository: /(?:^|\/)memos$/,
    source: 'https://usememos.com/docs/configuration/database',
    sqlite: {
      file: '/var/opt/memos/memos_prod.db',
      folderSetting: 'MEMOS_DATA',
      replacedBy: [
        { setting: 'MEMOS_DRIVER', value: /^(?!sqlite).+/i },
        { setting: '--driver', value: /^(?!sqlite).+/i },
      ],
    },
    sessions: { what: 'cached users, settings and sessions', sharedBy: [{ setting: 'MEMOS_REDIS_URL' }] },
  },
  {
    name: 'n8n',
    repository: /(?:^|\/)n8n$/,
    source: 'https://docs.n8n.io/hosting/configuration/environment-variables/database/',
    sqlite: {
      file: '/home/node/.n8n/database.sqlite',
      folderSetting: 'N8N_USER_FOLDER',
      replacedBy: [{ setting: 'DB_TYPE', value: /^(?:postgres|mysql|maria)/i }],
    },
    sessions: {
      what: 'running executions and push connections',
      sharedBy: [{ setting: 'QUEUE_BULL_REDIS_HOST' }, { setting: 'QUEUE_BULL_REDIS_CLUSTER_NODES' }],
    },
    signingKey: {
      settings: ['N8N_ENCRYPTION_KEY'],
      consequence: 'credentials saved by one pod cannot be decrypted by the next',
      keptIn: '/home/node/.n8n/config',
    },
    metrics: { port: 5678, path: '/metrics', enabledBy: [{ setting: 'N8N_METRICS', value: /^true$/i }] },
  },
  {
    name: 'Langflow',
    repository: /(?:^|\/)langflow(?:-all|-backend|-ep)?$/,
    source: 'https://docs.langflow.org/memory',
    sqlite: {
      file: '/app/.venv/lib/python3.12/site-packages/langflow/langflow.db',
      folderSetting: 'LANGFLOW_CONFIG_DIR',
      folderIf: { setting: 'LANGFLOW_SAVE_DB_IN_CONFIG_DIR', value: /^true$/i },
      replacedBy: [{ setting: 'LANGFLOW_DATABASE_URL', value: NOT_SQLITE }],
    },
    sessions: {
      what: 'build jobs and the flow cache',
      sharedBy: [{ setting: 'LANGFLOW_REDIS_URL' }, { setting: 'LANGFLOW_REDIS_HOST' }],
    },
    signingKey: {
      settings: ['LANGFLOW_SECRET_KEY'],
      consequence: 'a login on one pod is refused by the next',
      keptIn: '/app/langflow/secret_key',
    },
  },
  {
    name: 'Grafana',
    repository: /(?:^|\/)grafana(?:-oss|-enterprise)?$/,
    source: 'https://grafana.com/docs/grafana/latest/setup-grafana/set-up-for-high-availability/',
    sqlite: {
      file: '/var/lib/grafana/grafana.db',
      folderSetting: 'GF_PATHS_DATA',
      replacedBy: [
        { setting: 'GF_DATABASE_TYPE', value: /^(?:mysql|postgres)/i },
        { setting: 'GF_DATABASE_URL', value: NOT_SQLITE },
        { setting: 'database.type', value: /^(?:mysql|postgres)/i },
        { setting: 'database.url', value: NOT_SQLITE },
      ],
    },
    metrics: { port: 3000, path: '/metrics' },
  },
  {
    name: 'Flowise',
    repository: /(?:^|\/)flowise$/,
    source: 'https://docs.flowiseai.com/configuration/environment-variables',
    sqlite: {
      file: '/root/.flowise/database.sqlite',
      folderSetting: 'DATABASE_PATH',
      replacedBy: [{ setting: 'DATABASE_TYPE', value: /^(?:postgres|mysql|maria)/i }],
    },
    sessions: {
      what: 'running flows and login sessions',
      sharedBy: [{ setting: 'REDIS_URL' }, { setting: 'REDIS_HOST' }],
    },
    signingKey: {
      settings: ['FLOWISE_SECRETKEY_OVERWRITE', 'SECRETKEY_PATH', 'JWT_AUTH_TOKEN_SECRET'],
      consequence: 'credentials saved by one pod cannot be decrypted by the next',
      keptIn: '/root/.flowise/encryption.key',
    },
  },
  {
    name: 'Phoenix',
    repository: /(?:^|\/)arizephoenix\/phoenix$/,
    source: 'https://arize.com/docs/phoenix/self-hosting/configuration',
    sqlite: {
      file: '/root/.phoenix/phoenix.db',
      folderSetting: 'PHOENIX_WORKING_DIR',
      replacedBy: [
        { setting: 'PHOENIX_SQL_DATABASE_URL', value: NOT_SQLITE },
        { setting: 'PHOENIX_POSTGRES_HOST' },
      ],
    },
  },
  {
    name: 'LibreChat',
    repository: /(?:^|\/)librechat(?:-dev|-api)?$/,
    source: 'https://www.librechat.ai/docs/configuration/redis',
    sessions: {
      what: 'login sessions, rate limits and running streams',
      sharedBy: [{ setting: 'REDIS_URI' }],
    },
    needs: [{ settings: ['MONGO_URI'], what: 'MongoDB' }],
  },
  {
    name: 'Dify',
    repository: /(?:^|\/)dify-api$/,
    source: 'https://docs.dify.ai/en/getting-started/install-self-hosted/environments',
    sessions: {
      what: 'tasks and streamed answers',
      sharedBy: [{ setting: 'REDIS_HOST' }, { setting: 'REDIS_SENTINELS' }, { setting: 'REDIS_CLUSTERS' }],
    },
    signingKey: { settings: ['SECRET_KEY'], consequence: 'a login on one pod is refused by the next' },
    needs: [
      { settings: ['DB_HOST'], what: 'PostgreSQL' },
      { settings: ['CELERY_BROKER_URL'], what: 'a broker' },
    ],
  },
  {
    name: 'LiteLLM',
    repository: /(?:^|\/)litellm(?:-database|-non_root)?$/,
    source: 'https://docs.litellm.ai/docs/proxy/prod',
    // https://docs.litellm.ai/docs/proxy/prometheus
    metrics: {
      port: 4000,
      path: '/metrics',
      enabledBy: [0, 1, 2, 3].flatMap((index) =>
        ['callbacks', 'success_callback', 'failure_callback'].map((list) => ({
          setting: `litellm_settings.${list}.${index}`,
          value: /prometheus/,
        })),
      ),
    },
  },
  {
    name: 'vLLM router',
    repository: /(?:^|\/)(?:lmstack|vllm)-router$/,
    source: 'https://docs.vllm.ai/projects/production-stack/en/latest/deployment/observability.html',
    metrics: { port: 8000, path: '/metrics' },
  },
  {
    name: 'DB-GPT',
    repository: /(?:^|\/)dbgpt(?:-openai|-allinone)?$/,
    source: 'http://docs.dbgpt.cn/docs/installation/advanced_usage/ha_cluster_deployment',
    sqlite: {
      file: '/app/pilot/meta_data/dbgpt.db',
      replacedBy: [
        { setting: 'LOCAL_DB_TYPE', value: /^(?!sqlite).+/i },
        { setting: '--registry_type', value: /^database$/i },
        { setting: 'service.web.database.type', value: /^(?!sqlite).+/i },
      ],
    },
  },
  {
    name: 'Polypod runtime',
    repository: /(?:^|\/)polypod-runtime(?:-cuda)?$/,
    source: 'runtime/contract.cts',
    sessions: { what: 'sessions and streams', sharedBy: [{ setting: ENVIRONMENT.redisHost }] },
  },
];

/** The application of an image's repository. */
export function knownApplication(repository: string): KnownApplication | undefined {
  return applications.find((application) => application.repository.test(repository));
}

/** The first of several switches that is thrown; one whose value nobody can know counts as thrown. */
export function thrown(switches: readonly Switch[], settings: Settings) {
  for (const { setting: name, value } of switches) {
    const setting = settings.get(name);
    if (setting === undefined || setting.value === '') continue;
    if (setting.value === undefined || (value?.test(setting.value) ?? true)) return setting;
  }
  return undefined;
}
