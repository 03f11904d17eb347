import type { Config } from '../config/config.js';
import { ConfigError } from '../config/load-config.js';
import { connectDatabase, type Database } from '../database/database.js';
import {
  hasEmbeddedPostgres,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../database/embedded-postgres.js';
import type { DatabaseConfig } from '../database/pool.js';

/** Works on the configuration's database, or on the embedded one, whether its node runs or not. */
export async function withDatabase<Result>(
  config: Config,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const source = await databaseOf(config);
  let database: Database | undefined;
  try {
    let reason: unknown;
    database = await connectDatabase(source.config, { onOutage: (_away, error) => (reason = error) });
    if (!database.available) throw new Error(`The database does not answer: ${messageOf(reason)}`);
    return await work(database);
  } finally {
    await database?.close();
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
