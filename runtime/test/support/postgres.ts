import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { freePort } from '../../src/free-port.js';

export interface TestPostgres {
  /** Makes an empty database; returns the `database` section of a node that uses it. */
  database(): Promise<DatabaseConfig>;
  /** Runs one statement, in the given database. */
  query(config: DatabaseConfig, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Stops the server; its data stay. Connections break. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  restart(): Promise<void>;
  /** Lets it hang, as behind a dead network, and go on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A real PostgreSQL of this test's own, in about two seconds. Share it within a file; take a database each. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-postgres-'));
  // Root's PostgreSQL runs as another user.
  await chmod(directory, 0o755);
  const port = await freePort();
  let server = await startEmbeddedPostgres(directory, { port });
  const { host, userFile, passwordFile, user, password } = server;
  const query = async (name: string, text: string, values?: unknown[]) => {
    const client = new Client({ host, port, user, password, database: name });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const processes = async () => {
    const postmaster = Number(
      (await readFile(join(directory, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n', 1)[0],
    );
    const rows = await childrenOf(postmaster);
    return [postmaster, ...rows];
  };
  return {
    async database() {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await query('postgres', `CREATE DATABASE ${name}`);
      return { host, port, name, sslMode: 'disable', userFile, passwordFile, poolSize: 3 };
    },
    query: (config, text, values) => query(config.name, text, values),
    kill: () => server.stop(),
    async restart() {
      server = await startEmbeddedPostgres(directory, { port });
    },
    async pause() {
      for (const pid of await processes()) process.kill(pid, 'SIGSTOP');
    },
    async resume() {
      for (const pid of (await processes()).reverse()) process.kill(pid, 'SIGCONT');
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
