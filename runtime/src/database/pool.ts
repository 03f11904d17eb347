import { readFile } from 'node:fs/promises';
import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import type { Config } from '../config/config.js';

export type DatabaseConfig = NonNullable<Config['database']>;

const CONNECT_MILLISECONDS = 3_000;
/** No statement of a node takes nearly as long; one that does holds others up. */
const STATEMENT_MILLISECONDS = 15_000;
/** A node that was paused in the middle of a transaction loses it, and its locks, after so long. */
const IDLE_IN_TRANSACTION_MILLISECONDS = 5_000;

/** Counts and epochs fit a number for some thousand years. */
const INT8 = 20;
types.setTypeParser(INT8, Number);

/** Connections as the configuration says. The password's file is read for each, so that it may change. */
export async function createPool(config: DatabaseConfig, size: number): Promise<Pool> {
  const { passwordFile } = config;
  const [user, ca] = await Promise.all([
    config.userFile === undefined ? undefined : readFile(config.userFile, 'utf8'),
    config.sslRootCert === undefined ? undefined : readFile(config.sslRootCert, 'utf8'),
  ]);
  const options: PoolConfig = {
    host: config.host,
    port: config.port,
    database: config.name,
    ...(user !== undefined && { user: user.trim() }),
    ...(passwordFile !== undefined && {
      password: async () => (await readFile(passwordFile, 'utf8')).trim(),
    }),
    ssl: config.sslMode === 'verify-full' && { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    max: size,
    application_name: 'polypod-runtime',
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
    statement_timeout: STATEMENT_MILLISECONDS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MILLISECONDS,
  };
  const pool = new Pool(options);
  // An idle connection that breaks is replaced when it is needed.
  pool.on('error', () => {});
  return pool;
}

/** Returns how to break every connection of a pool: of a server that hangs, none will ever answer. */
export function breakable(pool: Pool): () => void {
  const clients = new Set<PoolClient>();
  pool.on('connect', (client) => {
    clients.add(client);
    // The query that was waiting, or the pool, tells of it.
    client.on('error', () => {});
  });
  pool.on('remove', (client) => clients.delete(client));
  return () => {
    for (const { connection } of clients) connection.stream.destroy(new Error('PostgreSQL does not answer'));
  };
}
