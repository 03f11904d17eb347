import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { CacheConnection, DatabaseConnection } from '../../constructs/contracts';
import { accountVariables, authority, certificateVolume } from '../../constructs/kubernetes';
import { baseUrl } from '../system/traffic';
import { poolSize } from './schema';
import type { MemosSettings } from './settings';

export const PORT = 5230;
export const DATA = '/var/opt/memos';

const DATABASE_CA = '/etc/memos/database-ca';
const CACHE_CA = '/etc/memos/cache-ca';
const CA_FILE = 'ca.crt';

/** Variables with which the cache's account is put into MEMOS_REDIS_URL. */
export const CACHE_ACCOUNT = {
  url: 'MEMOS_REDIS_URL',
  user: 'REDIS_USERNAME',
  password: 'REDIS_PASSWORD',
} as const;

/** What a pod of Memos is told, and the files that it is told of. */
export interface MemosEnvironment {
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
}

export function memosEnvironment(
  settings: MemosSettings,
  database: DatabaseConnection,
  cache: CacheConnection | undefined,
): MemosEnvironment {
  const databaseCa = database.tls === false ? undefined : database.tls.ca;
  const cacheCa = typeof cache?.tls === 'object' ? cache.tls.ca : undefined;
  const site =
    settings.instanceUrl ?? (settings.traffic.type === 'none' ? undefined : baseUrl(settings, PORT));
  const mount = (name: string, mountPath: string): VolumeMount => ({ name, mountPath, readOnly: true });
  return {
    env: [
      // Older versions start in development mode without it.
      value('MEMOS_MODE', 'prod'),
      value('MEMOS_PORT', String(PORT)),
      value('MEMOS_DATA', DATA),
      ...(site === undefined ? [] : [value('MEMOS_INSTANCE_URL', site)]),
      value('MEMOS_DRIVER', 'postgres'),
      value('MEMOS_DSN', dsnOf(database)),
      // The driver takes from these what the DSN leaves out: so any password is right, and none is in the DSN.
      ...accountVariables({ user: 'PGUSER', password: 'PGPASSWORD' }, database.credentials),
      ...(cache ? cacheVariables(settings, cache) : []),
      // Beside the image's own authorities, which a single file would replace.
      ...(cacheCa ? [value('SSL_CERT_DIR', `/etc/ssl/certs:${CACHE_CA}`)] : []),
    ],
    volumes: [
      ...(databaseCa ? [certificateVolume('database-ca', databaseCa, CA_FILE)] : []),
      ...(cacheCa ? [certificateVolume('cache-ca', cacheCa, CA_FILE)] : []),
    ],
    volumeMounts: [
      ...(databaseCa ? [mount('database-ca', DATABASE_CA)] : []),
      ...(cacheCa ? [mount('cache-ca', CACHE_CA)] : []),
    ],
  };
}

/** The DSN without user and password. */
function dsnOf(connection: DatabaseConnection): string {
  const { database, tls } = connection;
  const mode = tls === false ? 'disable' : tls.mode;
  const ca = tls !== false && tls.ca ? `&sslrootcert=${DATABASE_CA}/${CA_FILE}` : '';
  return `postgres://${authority(connection)}/${database}?sslmode=${mode}${ca}`;
}

function cacheVariables({ redis, connections }: MemosSettings, cache: CacheConnection): EnvVar[] {
  const { url, user, password } = CACHE_ACCOUNT;
  const scheme = cache.tls === false ? 'redis' : 'rediss';
  return [
    value(url, `${scheme}://${authority(cache)}`),
    ...(cache.credentials ? accountVariables({ user, password }, cache.credentials) : []),
    value('MEMOS_REDIS_POOL_SIZE', String(poolSize(connections.cache))),
    value('MEMOS_REDIS_DIAL_TIMEOUT', `${redis.dialTimeout.seconds}s`),
    value('MEMOS_REDIS_READ_TIMEOUT', `${redis.readTimeout.seconds}s`),
    value('MEMOS_REDIS_WRITE_TIMEOUT', `${redis.writeTimeout.seconds}s`),
    value('MEMOS_REDIS_KEY_PREFIX', redis.keyPrefix),
  ];
}

const value = (name: string, text: string): EnvVar => ({ name, value: text });
