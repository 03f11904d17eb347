import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateX25519Identity } from 'age-encryption';
import { backup } from '../../src/backup/backup.js';
import { BackupError } from '../../src/backup/backup-error.js';
import { type BackupHeader, endLine, headerLine } from '../../src/backup/content.js';
import { restore } from '../../src/backup/restore.js';
import { readSealKey, type SealKey, writeSealed } from '../../src/backup/sealed-file.js';
import { verifyBackup } from '../../src/backup/verify.js';
import { connectDatabase } from '../../src/database/database.js';
import { MIGRATIONS } from '../../src/database/migrate.js';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const run = promisify(execFile);

/** What COPY must escape, and what must not be taken for the end of a table. */
const NASTY = ['a\ttab', 'two\nlines', 'back\\slash', '\\.', 'cr\r', ' line separator', '🦫', ''];

describe('a backup', () => {
  let directory: string;
  let postgres: TestPostgres;
  let source: DatabaseConfig;
  let key: SealKey;
  let file: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-backup-'));
    postgres = await startTestPostgres();
    source = await migrated();
    for (const text of NASTY) {
      await postgres.query(
        source,
        `INSERT INTO events (type, node_id, details) VALUES ($1, 'node-1', '{"a": 1}')`,
        [text],
      );
    }
    await postgres.query(
      source,
      `INSERT INTO nodes (id, incarnation, role, version, started_at, beat, status, load, offers, heartbeat_at)
       VALUES ('node-1', 'x', 'all', '1', now(), 7, 'healthy', '{}', '[]', now() - interval '1 hour')`,
    );
    await postgres.query(
      source,
      `INSERT INTO model_instances (node_id, model, state, weight) VALUES ('node-1', 'demo', 'ready', 0.25)`,
    );
    await postgres.query(source, `UPDATE leader_lease SET epoch = 41, node_id = 'node-1'`);
    await postgres.query(source, `CREATE TABLE notes (id serial PRIMARY KEY, text text)`);
    await postgres.query(source, `INSERT INTO notes (text) VALUES ('kept')`);
    const identity = join(directory, 'key');
    await writeFile(identity, `# created: today\n${await generateX25519Identity()}\n`);
    key = await readSealKey(identity);
    file = join(directory, 'polypod.backup');
    await backup({ database: source, models: [], file, key });
  });
  after(async () => {
    await postgres?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const command = (name: string, database: DatabaseConfig, path: string, ...more: string[]) =>
    run(process.execPath, [MAIN, name, path, '--key-file', join(directory, 'key'), ...more], {
      env: {
        ...process.env,
        PGHOST: database.host,
        PGPORT: String(database.port),
        PGDATABASE: database.name,
        PGSSLMODE: 'disable',
        PGUSER_FILE: database.userFile,
        PGPASSWORD_FILE: database.passwordFile,
        MODEL_DIR: directory,
      },
    });
  /** A database with all tables, and nothing in them. */
  const migrated = async (): Promise<DatabaseConfig> => {
    const config = await postgres.database();
    const database = await connectDatabase(config, { onOutage: () => {} });
    await database.close();
    return config;
  };
  const refused = (work: Promise<unknown>, reason: RegExp) =>
    assert.rejects(work, (error) => error instanceof BackupError && reason.test(error.message));

  it('brings every row back into a new database, and goes on behind it', async () => {
    const target = await postgres.database();
    await postgres.query(target, `CREATE TABLE notes (id serial PRIMARY KEY, text text)`);
    await restore({ database: target, file, key, force: false });
    for (const table of ['events', 'model_instances', 'notes']) {
      const all = `SELECT * FROM ${table} ORDER BY 1`;
      assert.deepEqual(await postgres.query(target, all), await postgres.query(source, all), table);
    }
    const [node] = await postgres.query(target, 'SELECT * FROM nodes');
    assert.equal(node?.status, 'left', 'whoever was there must enter itself again');
    const [lease] = await postgres.query(target, 'SELECT * FROM leader_lease');
    assert.deepEqual([lease?.node_id, lease?.epoch], [null, 42], 'nobody leads, and no epoch comes twice');
    const [event] = await postgres.query(
      target,
      `INSERT INTO events (type, node_id, details) VALUES ('next', 'node-1', '{}') RETURNING id`,
    );
    assert.equal(event?.id, NASTY.length + 1);
  });

  it('tells nothing to who has not the key', async () => {
    const bytes = await readFile(file);
    assert.ok(bytes.subarray(0, 21).equals(Buffer.from('age-encryption.org/v1')));
    for (const secret of ['polypod-backup', 'node-1', 'notes']) assert.ok(!bytes.includes(secret));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const other: SealKey = { kind: 'identity', identity: await generateX25519Identity() };
    await refused(verifyBackup(file, other), /encrypted with another key/);
    await refused(
      verifyBackup(file, { kind: 'passphrase', passphrase: 'x'.repeat(20) }),
      /encrypted with another key/,
    );
  });

  it('can be encrypted with a passphrase', async () => {
    const passphrase: SealKey = { kind: 'passphrase', passphrase: 'correct horse battery staple' };
    const path = join(directory, 'passphrase.backup');
    const { rows } = await backup({ database: source, models: [], file: path, key: passphrase });
    assert.equal(rows.get('events'), NASTY.length);
    await refused(
      verifyBackup(path, { ...passphrase, passphrase: 'another horse, another staple' }),
      /another key/,
    );
    const short = join(directory, 'short');
    await writeFile(short, 'hunter2\n');
    await refused(readSealKey(short), /needs 16/);
  });

  it('is refused with any byte changed or missing, and the database left as it was', async () => {
    const target = await postgres.database();
    const bytes = await readFile(file);
    const damaged = join(directory, 'damaged.backup');
    const places = [5, 120, bytes.length >> 1, bytes.length - 1];
    for (const place of places) {
      const copy = Buffer.from(bytes);
      copy[place] = (copy[place] ?? 0) ^ 1;
      await writeFile(damaged, copy);
      await refused(restore({ database: target, file: damaged, key, force: true }), /damaged|another key/);
    }
    for (const length of [0, 30, bytes.length >> 1, bytes.length - 1]) {
      await copyFile(file, damaged);
      await truncate(damaged, length);
      await refused(restore({ database: target, file: damaged, key, force: true }), /damaged|no backup/);
    }
    const tables = await postgres.query(target, `SELECT FROM pg_tables WHERE schemaname = 'public'`);
    assert.equal(tables.length, 0);
  });

  it('is refused where its tables are not known, or the database is further', async () => {
    const header = {
      format: 'polypod-backup' as const,
      version: 1 as const,
      createdAt: new Date().toISOString(),
      runtime: '9.0.0',
      database: 'polypod',
      migrations: [...Object.keys(MIGRATIONS), '900-future'],
      models: [],
    } satisfies BackupHeader;
    const future = join(directory, 'future.backup');
    await writeSealed(future, lines(headerLine(header), endLine(0)), key);
    const target = await postgres.database();
    await refused(restore({ database: target, file: future, key, force: true }), /9\.0\.0.*900-future/);

    const [first = ''] = Object.keys(MIGRATIONS);
    const past = join(directory, 'past.backup');
    await writeSealed(past, lines(headerLine({ ...header, migrations: [first] }), endLine(0)), key);
    const full = await migrated();
    await refused(restore({ database: full, file: past, key, force: true }), /newer tables than the backup/);
    await restore({ database: target, file: past, key, force: false });
    const { rows } = await verifyBackup(past, key);
    assert.equal(rows.size, 0);
    const migrations = await postgres.query(target, 'SELECT name FROM kysely_migration ORDER BY name');
    assert.deepEqual(
      migrations.map(({ name }) => name),
      Object.keys(MIGRATIONS).sort(),
      'it is brought up to date',
    );
  });

  it('replaces what a database holds only when told to, and never under nodes that run', async () => {
    const target = await migrated();
    await postgres.query(target, `CREATE TABLE notes (id serial PRIMARY KEY, text text)`);
    await postgres.query(target, `INSERT INTO notes (text) VALUES ('precious')`);
    await refused(restore({ database: target, file, key, force: false }), /not empty \(.*notes\).*--force/);
    await postgres.query(
      target,
      `INSERT INTO nodes (id, incarnation, role, version, started_at, beat, status, load, offers)
       VALUES ('node-9', 'x', 'all', '1', now(), 1, 'healthy', '{}', '[]')`,
    );
    await refused(restore({ database: target, file, key, force: true }), /stop node-9 first/);
    await postgres.query(target, `UPDATE nodes SET status = 'left'`);
    await restore({ database: target, file, key, force: true });
    assert.deepEqual(await postgres.query(target, 'SELECT text FROM notes'), [{ text: 'kept' }]);
  });

  it('leaves no half file, and overwrites none', async () => {
    await refused(backup({ database: source, models: [], file, key }), /is there already/);
    const path = join(directory, 'empty.backup');
    await refused(
      backup({ database: await postgres.database(), models: [], file: path, key }),
      /no node has used it yet/,
    );
    const away: DatabaseConfig = { ...source, port: 1 };
    await assert.rejects(backup({ database: away, models: [], file: path, key }), /ECONNREFUSED/);
    const left = (await readdir(directory)).filter((name) => name.startsWith('empty'));
    assert.deepEqual(left, []);
  });

  it('is written, checked and restored by the command', async () => {
    const path = join(directory, 'command.backup');
    const target = await migrated();
    const write = await command('backup', source, path);
    assert.match(
      write.stdout,
      /command\.backup {2}.*read again and found good\n {2}\d+ tables, \d+ rows, 0 models/,
    );
    const check = await command('restore', target, path, '--check', '--json');
    assert.equal(JSON.parse(check.stdout).rows.notes, 1);
    const again = await command('backup', source, path).catch((error) => error);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^\S+command\.backup is there already: name another file\.\n$/);
    const none = await run(process.execPath, [
      MAIN,
      'backup',
      path,
      '--key-file',
      join(directory, 'key'),
    ]).catch((error) => error);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /PGHOST/);
  });

  it('is one moment, whatever is written meanwhile', async () => {
    let done = false;
    const writing = (async () => {
      while (!done) {
        await postgres.query(
          source,
          `WITH n AS (INSERT INTO notes (text) VALUES ('pair') RETURNING id)
           INSERT INTO events (type, node_id, details) SELECT 'pair', 'node-1', '{}' FROM n`,
        );
      }
    })();
    const path = join(directory, 'busy.backup');
    const { rows } = await backup({ database: source, models: [], file: path, key });
    done = true;
    await writing;
    assert.equal((rows.get('notes') ?? 0) - 1, (rows.get('events') ?? 0) - NASTY.length);
  });
});

async function* lines(...all: string[]): AsyncGenerator<string> {
  yield* all;
}
