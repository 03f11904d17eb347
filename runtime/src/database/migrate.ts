import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as cluster from './migrations/001-cluster.js';
import * as identity from './migrations/002-identity.js';
import * as conversations from './migrations/003-conversations.js';
import type { Tables } from './tables.js';

/**
 * In the order in which they run. They only add, so that nodes of the version before work beside those of the next
 * one while a release rolls out; what has been released is never changed.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-cluster': cluster,
  '002-identity': identity,
  '003-conversations': conversations,
};

/**
 * Makes what is missing. Nodes that start together wait for the one that is at it; a database that a newer version
 * has been at is left as it is.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const done = await executed(db);
  if (Object.keys(MIGRATIONS).every((name) => done.has(name))) return;
  const provider = { getMigrations: async () => ({ ...MIGRATIONS }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
}

async function executed(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const table = await sql<{ found: string | null }>`SELECT to_regclass('kysely_migration') AS found`.execute(
    db,
  );
  if (!table.rows[0]?.found) return new Set();
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db);
  return new Set(rows.map(({ name }) => name));
}
