import { pino } from 'pino';
import { HybridCache } from '../cache/hybrid-cache.js';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/load-config.js';
import { connectDatabase, type Database } from '../database/database.js';
import {
  hasEmbeddedPostgres,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../database/embedded-postgres.js';
import type { DatabaseConfig } from '../database/pool.js';
import { Accounts } from '../identity/accounts.js';
import { ApiKeys } from '../identity/api-keys.js';
import { AuditLog } from '../identity/audit.js';
import { Sessions } from '../identity/sessions.js';
import { Metrics } from '../operations/metrics.js';
import { RedisConnections } from '../redis/connection.js';

export interface AccountStores {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly audit: AuditLog;
}

/** How long Redis may take to connect, so that running nodes hear of a change at once. */
const CONNECT_MILLISECONDS = 2_000;

/** Works on the accounts of the configuration's database, or of the embedded one, whether its node runs or not. */
export async function withAccounts<Result>(
  config: Config,
  work: (stores: AccountStores) => Promise<Result>,
): Promise<Result> {
  const source = await databaseOf(config);
  const metrics = new Metrics();
  const connections = config.redis && (await RedisConnections.create(config.redis, () => {}));
  const cache = new HybridCache({ connections, nodeId: 'command', metrics });
  let database: Database | undefined;
  try {
    let reason: unknown;
    database = await connectDatabase(source.config, { onOutage: (_away, error) => (reason = error) });
    if (!database.available) throw new Error(`The database does not answer: ${messageOf(reason)}`);
    await cache.connected(CONNECT_MILLISECONDS);
    return await work({
      accounts: new Accounts(database, cache),
      sessions: new Sessions(database, cache, config.access.sessions),
      keys: new ApiKeys(database, cache),
      audit: new AuditLog({ database, nodeId: undefined, logger: pino(process.stderr), metrics }),
    });
  } finally {
    await cache.close();
    connections?.close();
    await database?.close();
    metrics.close();
    await source.stop();
  }
}

async function databaseOf(config: Config): Promise<{ config: DatabaseConfig; stop(): Promise<void> }> {
  if (config.database) return { config: config.database, stop: async () => {} };
  if (config.role !== 'all' || !config.embeddedDatabase || !hasEmbeddedPostgres()) {
    throw new ConfigError('polypod-runtime', [
      'database: none is configured: name it in the file, or with PGHOST',
    ]);
  }
  const running = await runningEmbeddedPostgres(config.dataDirectory);
  const own = running ? undefined : await startEmbeddedPostgres(config.dataDirectory);
  const server = running ?? own;
  if (!server) throw new Error('The embedded PostgreSQL could not be started.');
  const { host, port, database: name, userFile, passwordFile } = server;
  return {
    config: { host, port, name, sslMode: 'disable', userFile, passwordFile, poolSize: 2 },
    stop: async () => own?.stop(),
  };
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
