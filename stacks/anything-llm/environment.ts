import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { DatabaseConnection } from '../../constructs/contracts';
import {
  accountIntoUrl,
  accountVariables,
  authority,
  certificateVolume,
  secretVariable,
} from '../../constructs/kubernetes';
import { apiUrl } from '../system/api';
import type { AnythingLlmTopology } from './schema';
import type { AnythingLlmSettings } from './settings';

export const PORT = 3001;
export const STORAGE = '/app/server/storage';
export const MODELS = `${STORAGE}/models`;

const DATABASE_CA = '/etc/anything-llm/database-ca';
const CA_FILE = 'ca.crt';
const ENTRYPOINT = 'exec /bin/bash /usr/local/bin/docker-entrypoint.sh';

/** Keys of the Secret that all pods share, and the variables that they fill. */
export const KEYS = {
  'auth-token': 'AUTH_TOKEN',
  'jwt-secret': 'JWT_SECRET',
  'sig-key': 'SIG_KEY',
  'sig-salt': 'SIG_SALT',
} as const;

/** What a pod of AnythingLLM is told, and the files that it is told of. */
export interface AnythingLlmEnvironment {
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
  /** @default the image's own command */
  readonly command: readonly string[] | undefined;
}

export function anythingLlmEnvironment(
  settings: AnythingLlmSettings,
  database: DatabaseConnection,
): AnythingLlmEnvironment {
  const { llm, embedding, state, keys } = settings;
  const ca = database.tls === false ? undefined : database.tls.ca;
  const isShared = state.kind === 'postgresql';
  return {
    env: [
      value('SERVER_PORT', String(PORT)),
      value('STORAGE_DIR', STORAGE),
      value('DISABLE_TELEMETRY', 'true'),
      // The collector's browser may not have the rights that its own sandbox wants; the container is one.
      value('ANYTHINGLLM_CHROMIUM_ARGS', '--no-sandbox,--disable-setuid-sandbox'),
      ...Object.entries(KEYS).map(([key, name]) => secretVariable(name, keys, key)),
      value('LLM_PROVIDER', 'generic-openai'),
      value('GENERIC_OPEN_AI_BASE_PATH', apiUrl(llm)),
      value('GENERIC_OPEN_AI_MODEL_PREF', llm.model),
      value('GENERIC_OPEN_AI_MODEL_TOKEN_LIMIT', String(llm.contextLength)),
      value('GENERIC_OPEN_AI_MAX_TOKENS', String(llm.maxTokens)),
      ...apiKey('GENERIC_OPEN_AI_API_KEY', llm.apiKey),
      ...(embedding === 'native'
        ? [value('EMBEDDING_ENGINE', 'native')]
        : [
            value('EMBEDDING_ENGINE', 'generic-openai'),
            value('EMBEDDING_BASE_PATH', apiUrl(embedding)),
            value('EMBEDDING_MODEL_PREF', embedding.model),
            value('EMBEDDING_MODEL_MAX_CHUNK_LENGTH', String(embedding.maxChunkLength)),
            ...apiKey('GENERIC_OPEN_AI_EMBEDDING_API_KEY', embedding.apiKey),
          ]),
      value('VECTOR_DB', 'pgvector'),
      value('PGVECTOR_CONNECTION_STRING', vectorUrl(database)),
      // The driver takes from these what the URL leaves out: so any password is right, and none is in the URL.
      ...accountVariables({ user: 'PGUSER', password: 'PGPASSWORD' }, database.credentials),
      ...(isShared ? [value('DATABASE_URL', stateUrl(database, settings))] : []),
    ],
    volumes: ca ? [certificateVolume('database-ca', ca, CA_FILE)] : [],
    volumeMounts: ca ? [{ name: 'database-ca', mountPath: DATABASE_CA, readOnly: true }] : [],
    // Prisma, unlike the driver, takes the account from nowhere but the URL.
    command: isShared
      ? [
          '/bin/bash',
          '-c',
          `${accountIntoUrl({ url: 'DATABASE_URL', user: 'PGUSER', password: 'PGPASSWORD' })}\n${ENTRYPOINT}`,
        ]
      : undefined,
  };
}

/** For node-postgres, without user and password. */
function vectorUrl(connection: DatabaseConnection): string {
  const { database, tls } = connection;
  const ca = tls !== false && tls.ca ? `&sslrootcert=${DATABASE_CA}/${CA_FILE}` : '';
  return `postgresql://${authority(connection)}/${database}?sslmode=${tls === false ? 'disable' : tls.mode}${ca}`;
}

/** For Prisma, whose words for the same are others. Half of the connections are its pool, the rest for vectors. */
function stateUrl(connection: DatabaseConnection, { connections }: AnythingLlmSettings): string {
  const { database, tls } = connection;
  const ca = tls !== false && tls.ca ? `&sslcert=${DATABASE_CA}/${CA_FILE}` : '';
  const mode = tls === false ? 'sslmode=disable' : `sslmode=require&sslaccept=strict${ca}`;
  const pool = Math.max(1, Math.floor(connections.database / 2));
  return `postgresql://${authority(connection)}/${database}?${mode}&connection_limit=${pool}`;
}

const apiKey = (name: string, reference: AnythingLlmTopology['llm']['apiKey']) =>
  reference ? [secretVariable(name, reference.secretName, reference.key)] : [];

const value = (name: string, text: string): EnvVar => ({ name, value: text });
