import type { PoolClient } from 'pg';
import { createPool, type DatabaseConfig } from '../database/pool.js';

/** One connection that may take its time, in one transaction: rolled back if `work` throws. */
export async function inTransaction<Value>(
  config: DatabaseConfig,
  mode: 'READ ONLY' | 'READ WRITE',
  work: (client: PoolClient) => Promise<Value>,
): Promise<Value> {
  const pool = await createPool(config, 1);
  try {
    const client = await pool.connect();
    let failed = true;
    try {
      await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
      await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ ${mode}`);
      const value = await work(client);
      await client.query('COMMIT');
      failed = false;
      return value;
    } finally {
      // A connection in the middle of something is closed, which rolls back.
      client.release(failed);
    }
  } finally {
    await pool.end();
  }
}
