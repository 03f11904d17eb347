import type { EnvVar } from 'kubernetes-types/core/v1';
import type { DatabaseConnection } from '../../constructs/contracts';
import { accountVariables, objectName, secretVariable } from '../../constructs/kubernetes';
import { apiUrl } from '../system/api';
import { LEAVE_SCRIPT, PROBE_SCRIPT, TABLES_SCRIPT } from './scripts';
import { type DbgptSettings, modelName, type WorkerType } from './settings';

/** Seed 003's ports; the web server's is DB-GPT's own. */
export const PORTS = { controller: 8000, llm: 8001, embedding: 8003, web: 5670 } as const;

/** The parts of the system, each of them a workload. */
export type Role = keyof typeof PORTS;

/** Where each pod has its ConfigMap. */
export const CONFIG = '/etc/dbgpt';
export const MODELS = '/app/models';
export const DATABASE_CA = '/etc/dbgpt-database-ca';
export const CA_FILE = 'ca.crt';

/** How DB-GPT calls the workers of each role. */
export const WORKER_TYPES = { llm: 'llm', embedding: 'text2vec' } as const satisfies Record<
  string,
  WorkerType
>;

/** The address of each controller. Whoever is told all of them asks one that is healthy. */
export function controllerAddresses({ name, controllers }: DbgptSettings): string {
  const own = objectName(name, 'controller');
  return Array.from(
    { length: controllers },
    (_, ordinal) => `http://${own}-${ordinal}.${objectName(own, 'headless')}:${PORTS.controller}`,
  ).join(',');
}

/** What the ConfigMap of each part holds: its configuration, and the scripts that its pods run beside it. */
export function configFiles(settings: DbgptSettings): Readonly<Record<Role, Record<string, string>>> {
  const worker = { 'probe.py': PROBE_SCRIPT, 'leave.py': LEAVE_SCRIPT };
  const config = (tables: Tables) => ({ 'config.toml': toml(tables) });
  return {
    controller: {
      ...config(controllerConfig(settings)),
      'tables.py': TABLES_SCRIPT,
      'probe.py': PROBE_SCRIPT,
    },
    llm: { ...config(llmConfig(settings)), ...worker },
    embedding: { ...config(embeddingConfig(settings)), ...worker },
    web: { ...config(webConfig(settings)), 'tables.py': TABLES_SCRIPT },
  };
}

/** Tables of TOML, by their heads; `[[…]]` stands for one of a list. */
type Tables = Readonly<Record<string, Readonly<Record<string, string | number | boolean | undefined>>>>;

function toml(tables: Tables): string {
  return Object.entries(tables)
    .map(([head, fields]) => {
      const lines = Object.entries(fields).filter(([, value]) => value !== undefined);
      return [head, ...lines.map(([field, value]) => `${field} = ${JSON.stringify(value)}`)].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

/** The variables are those of DB-GPT's own examples. */
function databaseTable({ connections }: DbgptSettings) {
  return {
    type: 'mysql',
    host: variable('MYSQL_HOST'),
    port: variable('MYSQL_PORT'),
    database: variable('MYSQL_DATABASE'),
    user: variable('MYSQL_USER'),
    password: variable('MYSQL_PASSWORD'),
    // Two more are opened when a process starts, to look at the database.
    pool_size: connections.database - STARTING,
    max_overflow: 0,
  };
}

function controllerConfig(settings: DbgptSettings): Tables {
  return {
    '[service.model.controller]': {
      host: '0.0.0.0',
      port: PORTS.controller,
      heartbeat_timeout_secs: settings.heartbeat.timeout.seconds,
    },
    '[service.model.controller.registry.database]': databaseTable(settings),
  };
}

function workerTable(settings: DbgptSettings, role: 'llm' | 'embedding') {
  return {
    host: '0.0.0.0',
    port: PORTS[role],
    worker_type: WORKER_TYPES[role],
    // A name that stays, where an address would leave a line in the registry at each restart.
    worker_register_host: variable('WORKER_HOST'),
    controller_addr: controllerAddresses(settings),
  };
}

function llmConfig(settings: DbgptSettings): Tables {
  const { llm } = settings;
  return {
    '[service.model.worker]': workerTable(settings, 'llm'),
    '[[models.llms]]':
      llm.kind === 'proxy'
        ? {
            name: modelName(llm),
            provider: 'proxy/openai',
            backend: llm.model,
            api_base: apiUrl(llm),
            api_key: API_KEY,
            context_length: llm.contextLength,
          }
        : { name: modelName(llm), provider: llm.provider, path: `${MODELS}/${llm.path}` },
  };
}

function embeddingConfig(settings: DbgptSettings): Tables {
  const { embedding } = settings;
  return {
    '[service.model.worker]': workerTable(settings, 'embedding'),
    '[[models.embeddings]]':
      embedding.kind === 'proxy'
        ? {
            name: modelName(embedding),
            provider: 'proxy/openai',
            backend: embedding.model,
            api_url: `${apiUrl(embedding)}/embeddings`,
            api_key: API_KEY,
          }
        : { name: modelName(embedding), provider: embedding.provider, path: `${MODELS}/${embedding.path}` },
  };
}

function webConfig(settings: DbgptSettings): Tables {
  const { name, language, llm, embedding } = settings;
  return {
    '[system]': { language, encrypt_key: variable('ENCRYPT_KEY') },
    '[service.web]': {
      host: '0.0.0.0',
      port: PORTS.web,
      light: true,
      controller_addr: controllerAddresses(settings),
    },
    '[service.web.database]': databaseTable(settings),
    '[models]': { default_llm: modelName(llm), default_embedding: modelName(embedding) },
    // Its default counts tokens, which DB-GPT 0.8 can't do of a model that a worker serves: no answer ever came.
    '[[app.configs]]': { name: 'chat_normal' },
    '[app.configs.memory]': { type: 'window', keep_end_rounds: 10 },
    '[rag.storage.vector]': { type: 'chroma', persist_path: 'pilot/data' },
    // Files are known by the host that took them: its address would be another after a restart, and they were lost.
    '[[serves]]': {
      type: 'file',
      host: objectName(name, 'web'),
      port: PORTS.web,
      local_storage_path: `${MODELS}/.uploads`,
    },
  };
}

/** Connections of a process beside its pool. */
const STARTING = 2;

const variable = (name: string, otherwise = '') => `\${env:${name}${otherwise}}`;

/** The client wants some key, even where the API asks for none. */
const API_KEY = variable('API_KEY', ':-none');

/** Where the database is, and the account, which only the Secret knows. */
export function databaseVariables(connection: DatabaseConnection): EnvVar[] {
  const { host, port, credentials } = connection;
  return [
    // As it stands in the driver's URL.
    { name: 'MYSQL_HOST', value: host.includes(':') ? `[${host}]` : host },
    { name: 'MYSQL_PORT', value: String(port) },
    { name: 'MYSQL_DATABASE', value: databaseAndOptions(connection) },
    ...accountVariables({ user: 'MYSQL_USER', password: 'MYSQL_PASSWORD' }, credentials),
  ];
}

/**
 * The database's name, with what makes the driver verify the server's certificate. DB-GPT has no setting for that, but
 * ends the driver's URL with this text; its web server puts `?charset=utf8mb4` behind, which the last option swallows.
 */
function databaseAndOptions({ database, tls }: DatabaseConnection): string {
  if (tls === false) return database;
  const authorities = tls.ca ? `ssl_ca=${DATABASE_CA}/${CA_FILE}` : 'ssl_capath=/etc/ssl/certs';
  return `${database}?charset=utf8mb4&${authorities}&ssl_check_hostname=true&program_name=dbgpt`;
}

/** The key of the API that a worker passes on to. */
export function apiKeyVariables(model: DbgptSettings['llm'] | DbgptSettings['embedding']): EnvVar[] {
  if (model.kind !== 'proxy' || model.apiKey === undefined) return [];
  return [secretVariable('API_KEY', model.apiKey.secretName, model.apiKey.key)];
}
