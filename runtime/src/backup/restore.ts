import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { PoolClient } from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { MIGRATIONS } from '../database/migrate.js';
import type { DatabaseConfig } from '../database/pool.js';
import { BackupError } from './backup-error.js';
import { migrationsOf, moveSequences, quoted, tablesOf } from './catalog.js';
import { readContent } from './content.js';
import { readSealed, type SealKey } from './sealed-file.js';
import { inTransaction } from './session.js';
import { type BackupSummary, verifyBackup } from './verify.js';

export interface RestoreOptions {
  readonly database: DatabaseConfig;
  readonly file: string;
  readonly key: SealKey;
  /** Puts the backup in the place of what the database holds. */
  readonly force: boolean;
}

/** What the cluster notes of itself while it runs: a database that holds nothing else counts as empty. */
const CLUSTER_STATE = ['nodes', 'model_instances', 'placements', 'leader_lease', 'duties', 'events'];
const ALIVE_SECONDS = 30;

/**
 * Puts a backup into a database, all of it or nothing: in one transaction, once the whole file has been read and found
 * good. Throws a {@link BackupError} when the file, its version or the database does not fit.
 */
export async function restore({ database, file, key, force }: RestoreOptions): Promise<BackupSummary> {
  const summary = await verifyBackup(file, key);
  const { migrations } = summary.header;
  const unknown = migrations.filter((name) => !(name in MIGRATIONS));
  if (unknown.length > 0) {
    throw new BackupError(
      `${file} was written by polypod-runtime ${summary.header.runtime}, whose tables this one does not know (${unknown.join(', ')}): use that version or a newer one.`,
    );
  }
  await inTransaction(database, 'READ WRITE', async (client) => {
    await refuseWrongTarget(client, database, migrations, force);
    await migrateTo(client, migrations.at(-1));
    await fill(client, file, key);
    await moveSequences(client);
    // Nodes enter themselves again; whoever led, leads no longer, and epochs go on behind all that were.
    await client.query(`UPDATE nodes SET status = 'left'`);
    await client.query(
      `UPDATE leader_lease SET node_id = NULL, incarnation = NULL, epoch = epoch + 1, expires_at = now()`,
    );
    await migrateTo(client, undefined);
  });
  return summary;
}

async function refuseWrongTarget(
  client: PoolClient,
  { name }: DatabaseConfig,
  migrations: readonly string[],
  force: boolean,
): Promise<void> {
  const there = await migrationsOf(client);
  if (there.length === 0) return;
  const newer = there.filter((each) => !migrations.includes(each));
  if (newer.length > 0) {
    throw new BackupError(
      `Database ${name} has newer tables than the backup (${newer.join(', ')}): restore into one that was just created; its tables are brought up to date then.`,
    );
  }
  const alive = await client.query<{ id: string }>(
    `SELECT id FROM nodes WHERE status IN ('healthy', 'draining')
      AND heartbeat_at > now() - make_interval(secs => ${ALIVE_SECONDS}) ORDER BY id`,
  );
  if (alive.rows.length > 0) {
    const nodes = alive.rows.map(({ id }) => id).join(', ');
    throw new BackupError(
      `Nodes work with database ${name}: stop ${nodes} first. One that was killed counts as stopped after ${ALIVE_SECONDS} seconds.`,
    );
  }
  if (force) return;
  const filled: string[] = [];
  for (const table of await tablesOf(client)) {
    if (CLUSTER_STATE.includes(table.name)) continue;
    const { rowCount } = await client.query(`SELECT FROM ${quoted(table.name)} LIMIT 1`);
    if (rowCount) filled.push(table.name);
  }
  if (filled.length === 0) return;
  throw new BackupError(
    `Database ${name} is not empty (${filled.join(', ')}): restore into a new one, or replace what it holds with --force.`,
  );
}

/** Makes tables within the transaction of `client`; all of them if no migration is named. */
async function migrateTo(client: PoolClient, name: string | undefined): Promise<void> {
  // The connection stays ours: Kysely may use it, and not give it back.
  const borrowed = new Proxy(client, {
    get: (target, name) => (name === 'release' ? () => {} : Reflect.get(target, name)),
  });
  const pool = { connect: async () => borrowed, end: async () => {}, options: {} };
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    disableTransactions: true,
  });
  const { error } = await (name === undefined ? migrator.migrateToLatest() : migrator.migrateTo(name));
  if (error) throw error;
}

async function fill(client: PoolClient, file: string, key: SealKey): Promise<void> {
  const tables = await tablesOf(client);
  await client.query(`TRUNCATE ${tables.map(({ name }) => quoted(name)).join(', ')}`);
  let copy: CopyStreamQuery | undefined;
  const end = async () => {
    if (!copy) return;
    copy.end();
    await finished(copy);
  };
  for await (const part of readContent(readSealed(file, key))) {
    if (part.kind === 'table') {
      await end();
      const list = part.columns.map(quoted).join(', ');
      copy = client.query(copyFrom(`COPY ${quoted(part.table)} (${list}) FROM STDIN`));
    }
    if (part.kind === 'row' && copy && !copy.write(Buffer.concat([part.line, LINE_END]))) {
      await once(copy, 'drain');
    }
  }
  await end();
}

const LINE_END = Buffer.from('\n');
