import { access, rename, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { DatabaseConfig } from '../database/pool.js';
import type { Manifest } from '../models/manifest.js';
import { VERSION } from '../version.js';
import { BackupError } from './backup-error.js';
import { migrationsOf, quoted, tablesOf } from './catalog.js';
import { type BackupHeader, endLine, headerLine, tableLines } from './content.js';
import { type SealKey, writeSealed } from './sealed-file.js';
import { inTransaction } from './session.js';
import { type BackupSummary, verifyBackup } from './verify.js';

export interface BackupOptions {
  readonly database: DatabaseConfig;
  /** What the model store holds: its files are not part of a backup, they can be fetched again. */
  readonly models: readonly Manifest[];
  /** Is written; must not be there yet. */
  readonly file: string;
  readonly key: SealKey;
}

/**
 * Writes all tables, as they are at one moment, to an encrypted file, and reads it again before it gets its name.
 * Nodes go on working meanwhile. Needs no programs of PostgreSQL's, whose versions would have to fit the server's.
 */
export async function backup({ database, models, file, key }: BackupOptions): Promise<BackupSummary> {
  if (await isThere(file)) throw new BackupError(`${file} is there already: name another file.`);
  const unfinished = `${file}.unfinished`;
  await rm(unfinished, { force: true });
  try {
    const written = await inTransaction(database, 'READ ONLY', async (client) => {
      const rows = new Map<string, number>();
      const header = await headerOf(client, database, models);
      await writeSealed(unfinished, contentOf(client, header, rows), key);
      return rows;
    });
    const summary = await verifyBackup(unfinished, key);
    if (!isDeepStrictEqual(summary.rows, written)) {
      throw new BackupError(`${file} does not hold what was written to it: check its disk.`);
    }
    await rename(unfinished, file);
    return summary;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function headerOf(
  client: PoolClient,
  { name }: DatabaseConfig,
  models: readonly Manifest[],
): Promise<BackupHeader> {
  const migrations = await migrationsOf(client);
  if (migrations.length === 0) {
    throw new BackupError(`Database ${name} has no tables of Polypod: no node has used it yet.`);
  }
  return {
    format: 'polypod-backup',
    version: 1,
    createdAt: new Date().toISOString(),
    runtime: VERSION,
    database: name,
    migrations,
    models: models.map(({ source, revision, commit, files }) => ({
      source,
      ...(revision !== undefined && { revision }),
      ...(commit !== undefined && { commit }),
      files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    })),
  };
}

async function* contentOf(
  client: PoolClient,
  header: BackupHeader,
  rows: Map<string, number>,
): AsyncGenerator<Buffer | string> {
  yield headerLine(header);
  for (const { name, columns } of await tablesOf(client)) {
    const list = columns.map(quoted).join(', ');
    const copy = client.query(copyTo(`COPY ${quoted(name)} (${list}) TO STDOUT`));
    rows.set(name, yield* tableLines(name, columns, copy));
  }
  yield endLine(rows.size);
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
