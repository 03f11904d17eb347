import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseBackup, type DatabaseBackupProps, filestore } from '../../../../constructs/kubernetes';
import { type DebianPostgresql, startDebianPostgresql } from '../../../support/postgresql';
import { manifestsOf, strictFaults } from '../../../support/strict-validation';
import { chart, database, problemsOf, storage } from '../fixtures';

const laid = (change: Partial<DatabaseBackupProps> = {}) => {
  const all = chart();
  const backup = new DatabaseBackup(all, 'backup', {
    name: 'chat',
    database,
    volume: { storage },
    ...change,
  });
  return { all, backup, spec: backup.backup.toJson().spec };
};
const podOf = (object: DatabaseBackup['backup']) => object.toJson().spec.jobTemplate.spec.template.spec;

describe('what it lays', () => {
  test('a claim that stays, a CronJob, and a suspended one to restore from: valid', () => {
    const { all, backup } = laid();
    const manifests = manifestsOf(all);
    expect(strictFaults(manifests)).toEqual([]);
    expect(manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`)).toEqual([
      'PersistentVolumeClaim/chat-backups',
      'CronJob/chat-backup',
      'CronJob/chat-restore',
    ]);
    expect(backup.claim?.toJson()).toMatchObject({
      metadata: { annotations: { 'helm.sh/resource-policy': 'keep' } },
      spec: { accessModes: ['ReadWriteMany'], storageClassName: 'nfs' },
    });
    expect(backup.restore.toJson().spec).toMatchObject({
      suspend: true,
      jobTemplate: { spec: { backoffLimit: 0 } },
    });
  });

  test('one backup at a time, which is given up after an hour', () => {
    const { spec } = laid();
    expect(spec).toMatchObject({
      schedule: '17 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      suspend: false,
    });
    expect(spec.jobTemplate.spec).toMatchObject({ activeDeadlineSeconds: 3600, backoffLimit: 2 });
  });

  test('pods that the restricted standard admits, and that hold the password in a file', () => {
    const pod = podOf(laid().backup.backup);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.containers[0].securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(JSON.stringify(pod.containers[0].env)).not.toMatch(/valueFrom|PGPASSWORD|PGUSER/);
    expect(pod.volumes).toContainEqual(
      expect.objectContaining({
        name: 'account',
        secret: expect.objectContaining({ secretName: 'database' }),
      }),
    );
  });

  test('the server is verified by its authorities', () => {
    const [container] = podOf(laid().backup.backup).containers;
    expect(container.env).toEqual(
      expect.arrayContaining([
        { name: 'PGSSLMODE', value: 'verify-full' },
        { name: 'PGSSLROOTCERT', value: '/etc/polypod-ca/database.pem' },
      ]),
    );
  });

  test('a claim is never smaller than what the storage grants', () => {
    const { backup } = laid({ volume: { storage: filestore({ tier: 'regional' }) } });
    expect(backup.claim?.toJson().spec.resources.requests.storage).toBe('100Gi');
  });

  test('it reaches the database, and nobody reaches it', () => {
    const { backup } = laid();
    expect(backup.connections.map(({ from, to, ports }) => [from, to, ports])).toEqual([
      ['chat-backup', { cidrs: ['10.0.0.0/24'] }, [5432]],
      ['chat-restore', { cidrs: ['10.0.0.0/24'] }, [5432]],
    ]);
  });

  test('what can not work is refused, all at once', () => {
    const { ca: _none, ...tls } = database.tls === false ? { ca: undefined } : database.tls;
    const refused = problemsOf(() =>
      laid({
        name: 'c'.repeat(45),
        keep: 0,
        image: { repository: 'postgres', tag: 'latest' },
        database: { ...database, engine: 'mysql' },
        volume: { storage, size: '10GB' },
      }),
    );
    expect(Object.keys(refused).sort()).toEqual(['database.engine', 'image', 'keep', 'name', 'volume.size']);
    const unverified = { ...database, tls } as typeof database;
    expect(Object.keys(problemsOf(() => laid({ database: unverified })))).toEqual(['database.tls.ca']);
    const image = { repository: 'ghcr.io/acme/postgres-with-ca', tag: '18.1' };
    expect(podOf(laid({ database: unverified, image }).backup.backup).containers[0].env).toContainEqual({
      name: 'PGSSLROOTCERT',
      value: 'system',
    });
  });
});

describe('the very scripts, against a real PostgreSQL', () => {
  let server: DebianPostgresql;
  let folder: string;
  const backups = () => join(folder, 'backups');
  const files = () => readdirSync(backups()).sort();

  beforeAll(async () => {
    server = await startDebianPostgresql();
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    server.query('postgres', "CREATE ROLE app LOGIN PASSWORD 'it''s \"$secret'");
    makeDatabase('source');
    server.query(
      'source',
      `SET ROLE app;
       CREATE TABLE notes (id serial PRIMARY KEY, text text NOT NULL);
       INSERT INTO notes (text) SELECT 'Zeile ' || n || ' ✓' FROM generate_series(1, 5000) n;
       CREATE INDEX ON notes USING gin (text gin_trgm_ops);`,
    );
  }, 180_000);
  afterAll(() => {
    server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    for (const name of ['account', 'backups']) rmSync(join(folder, name), { recursive: true, force: true });
    for (const name of ['account', 'backups']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'account', 'username'), 'app');
    writeFileSync(join(folder, 'account', 'password'), 'it\'s "$secret');
    makeDatabase('target');
  });

  function makeDatabase(name: string) {
    server.query('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    server.query('postgres', `CREATE DATABASE ${name} OWNER app`);
    // The administrator makes extensions; the application may not.
    server.query(name, 'CREATE EXTENSION pg_trgm');
  }

  /** Runs a CronJob's own command, as its container would. */
  function run(component: 'backup' | 'restore', name: string, env: Record<string, string> = {}) {
    const [container] = podOf(
      laid({ database: { ...database, tls: false }, keep: 2 }).backup[component],
    ).containers;
    const plain = Object.fromEntries(
      container.env.map((one: { name: string; value: string }) => [one.name, one.value]),
    );
    const [program, ...args] = container.command;
    return spawnSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        ...plain,
        ACCOUNT: join(folder, 'account'),
        BACKUPS: backups(),
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGDATABASE: name,
        ...env,
      },
    });
  }

  const contents = (name: string) =>
    server.query(
      name,
      "SELECT count(*), min(text), max(id), md5(string_agg(text, E'\\n' ORDER BY id)) FROM notes",
    );

  test('a dump, restored into an empty database: every row, and the next one too', () => {
    expect(run('backup', 'source')).toMatchObject({ status: 0, stderr: '' });
    expect(files()).toEqual([expect.stringMatching(/^chat-\d{8}T\d{6}Z\.dump$/)]);
    expect(statSync(join(backups(), files()[0] ?? '')).mode & 0o077).toBe(0);
    expect(run('restore', 'target')).toMatchObject({ status: 0, stderr: '' });
    expect(contents('target')).toBe(contents('source'));
    server.query('target', "SET ROLE app; INSERT INTO notes (text) VALUES ('one more')");
    expect(server.query('target', 'SELECT max(id) FROM notes')).toBe('5001');
  });

  test('the newest are kept, and nothing else of the folder is touched', () => {
    const old = ['chat-20250101T000000Z.dump', 'chat-20260101T000000Z.dump'];
    const others = ['chat-two-20250101T000000Z.dump', 'notes.txt'];
    for (const name of [...old, ...others, 'chat-20260301T000000Z.dump.part']) {
      writeFileSync(join(backups(), name), '');
    }
    const { status, stdout } = run('backup', 'source');
    expect(status).toBe(0);
    expect(stdout).toContain('chat-20250101T000000Z.dump removed');
    expect(files()).toEqual(expect.arrayContaining([old[1], ...others]));
    expect(files()).toHaveLength(4);
    expect(files()).not.toContain(old[0]);
  });

  test('a wrong password ends it, and costs no backup that is there', () => {
    const old = ['chat-20250101T000000Z.dump', 'chat-20250102T000000Z.dump', 'chat-20250103T000000Z.dump'];
    for (const name of old) writeFileSync(join(backups(), name), '');
    writeFileSync(join(folder, 'account', 'password'), 'wrong');
    const { status, stdout, stderr } = run('backup', 'source');
    expect(status).not.toBe(0);
    expect(stderr).toContain('password authentication failed');
    expect(`${stdout}${stderr}`).not.toContain('wrong');
    expect(files()).toEqual(old);
  });

  test('a named backup is restored instead of the newest', () => {
    expect(run('backup', 'source').status).toBe(0);
    const [first = ''] = files();
    writeFileSync(join(backups(), 'chat-29990101T000000Z.dump'), 'newer, and no dump');
    expect(run('restore', 'target', { BACKUP: first }).status).toBe(0);
    expect(contents('target')).toBe(contents('source'));
  });

  test('a damaged dump changes nothing', () => {
    expect(run('backup', 'source').status).toBe(0);
    const path = join(backups(), files()[0] ?? '');
    truncateSync(path, Math.floor(statSync(path).size / 2));
    expect(run('restore', 'target').status).not.toBe(0);
    expect(server.query('target', "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).toBe('0');
  });

  test('a database that holds anything is left alone', () => {
    expect(run('backup', 'source').status).toBe(0);
    server.query('target', 'CREATE TABLE mine (id int)');
    const { status, stderr } = run('restore', 'target');
    expect(status).toBe(1);
    expect(stderr).toContain('not empty (1 tables, views and sequences): nothing was changed');
    expect(server.query('target', "SELECT count(*) FROM pg_tables WHERE tablename = 'notes'")).toBe('0');
  });

  test('without a backup it says what there is', () => {
    writeFileSync(join(backups(), 'other.dump'), '');
    const none = run('restore', 'target');
    expect(none).toMatchObject({ status: 1, stderr: 'There is no backup of chat. There are:\nother.dump\n' });
    const missing = run('restore', 'target', { BACKUP: 'chat-19700101T000000Z.dump' });
    expect(missing.stderr).toContain('There is no backup chat-19700101T000000Z.dump.');
  });
});
