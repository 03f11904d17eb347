import { basename, resolve } from 'node:path';
import { ENVIRONMENT } from '../../contract.cjs';

/** Where in the configuration an environment variable goes, and as what. */
interface Override {
  readonly path: readonly string[];
  readonly type: 'text' | 'number' | 'boolean';
}

const text = (...path: string[]): Override => ({ path, type: 'text' });
const number = (...path: string[]): Override => ({ path, type: 'number' });

const OVERRIDES: Readonly<Record<Exclude<keyof typeof ENVIRONMENT, 'configFile' | 'model'>, Override>> = {
  role: text('role'),
  nodeId: text('nodeId'),
  podIp: text('cluster', 'podIp'),
  zone: text('cluster', 'zone'),
  peerService: text('cluster', 'peerService'),
  clusterSecretFile: text('cluster', 'secretFile'),
  drainTimeoutSeconds: number('drainSeconds'),
  redisHost: text('redis', 'host'),
  redisPort: number('redis', 'port'),
  redisTls: { path: ['redis', 'tls'], type: 'boolean' },
  redisCaFile: text('redis', 'caFile'),
  redisMode: text('redis', 'mode'),
  redisUsernameFile: text('redis', 'usernameFile'),
  redisPasswordFile: text('redis', 'passwordFile'),
  redisPoolSize: number('redis', 'poolSize'),
  databaseHost: text('database', 'host'),
  databasePort: number('database', 'port'),
  databaseName: text('database', 'name'),
  databaseSslMode: text('database', 'sslMode'),
  databaseSslRootCert: text('database', 'sslRootCert'),
  databaseUserFile: text('database', 'userFile'),
  databasePasswordFile: text('database', 'passwordFile'),
  databasePoolSize: number('database', 'poolSize'),
  accessMode: text('access', 'mode'),
  publicUrl: text('access', 'publicUrl'),
  adminPasswordFile: text('access', 'firstAdmin', 'passwordFile'),
  oidcClientSecretFile: text('access', 'oidc', 'clientSecretFile'),
  jwtSecretFile: text('access', 'jwt', 'secretFile'),
  modelDirectory: text('modelDirectory'),
  huggingFaceTokenFile: text('huggingFaceTokenFile'),
  huggingFaceEndpoint: text('huggingFaceEndpoint'),
  logLevel: text('logLevel'),
  logFormat: text('logFormat'),
  apiPort: number('ports', 'api'),
  metricsPort: number('ports', 'metrics'),
};

/** Writes environment variables over what the file says. An empty variable counts as none. */
export function applyEnvironment(
  input: Record<string, unknown>,
  environment: NodeJS.ProcessEnv,
): Record<string, unknown> {
  const result = structuredClone(input);
  for (const [key, override] of Object.entries(OVERRIDES)) {
    const value = environment[ENVIRONMENT[key as keyof typeof OVERRIDES]];
    if (value) set(result, override.path, converted(value, override.type));
  }
  const model = environment[ENVIRONMENT.model];
  if (model) result.models = [modelOf(model)];
  return result;
}

/** The variable that overrides a field, so that an error can name it. */
export function variableOf(path: string, environment: NodeJS.ProcessEnv): string | undefined {
  if (/^models\b/.test(path) && environment[ENVIRONMENT.model]) return ENVIRONMENT.model;
  const entry = Object.entries(OVERRIDES).find(([, override]) => override.path.join('.') === path);
  const variable = entry && ENVIRONMENT[entry[0] as keyof typeof OVERRIDES];
  return variable && environment[variable] ? variable : undefined;
}

function modelOf(value: string): { id: string; source: string } {
  const source = /^(demo:|file:|hf:|https:)/.test(value) ? value : `file:${resolve(value)}`;
  // An id is shown everywhere, and the query of an address may hold a signature.
  const name = source.startsWith('https:') ? source.replace(/[?#].*$/s, '') : source;
  const id = source === 'demo:' ? 'demo' : basename(name).replace(/\.gguf$/i, '');
  return { id, source };
}

/** Sets a field by its path, with the sections that it is in. */
export function set(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const next = target[key];
  const child: Record<string, unknown> = isRecord(next) ? next : {};
  target[key] = child;
  set(child, rest, value);
}

function converted(value: string, type: Override['type']): unknown {
  if (type === 'number' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  if (type === 'boolean' && /^(true|1)$/i.test(value)) return true;
  if (type === 'boolean' && /^(false|0)$/i.test(value)) return false;
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
