import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../runtime/src/free-port';

/** A PostgreSQL of Debian's, as old as the `pg_dump` beside it: that refuses a newer server. */
export interface DebianPostgresql {
  readonly port: number;
  /** Runs statements as the administrator `postgres`. */
  query(database: string, statements: string): string;
  stop(): void;
}

const INSTALLED = '/usr/lib/postgresql';
/** Nobody: PostgreSQL does not run as root. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

export async function startDebianPostgresql(): Promise<DebianPostgresql> {
  const [version] = readdirSync(INSTALLED)
    .filter((name) => existsSync(join(INSTALLED, name, 'bin', 'postgres')))
    .sort((a, b) => Number(b) - Number(a));
  if (version === undefined) throw new Error(`no PostgreSQL in ${INSTALLED}: run test/servers.sh`);
  const program = (name: string, ...args: string[]) => {
    const { status, stderr, stdout } = spawnSync(join(INSTALLED, version, 'bin', name), args, {
      ...USER,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0) throw new Error(`${name}: ${stdout}${stderr}`);
  };
  const folder = mkdtempSync(join(tmpdir(), 'postgresql-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(folder, 0o755);
  const password = join(folder, 'password');
  writeFileSync(password, 'administrator');
  if (USER) for (const path of [folder, data, password]) chownSync(path, USER.uid, USER.gid);
  program(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    '--pwfile',
    password,
    '--auth=scram-sha-256',
    '--locale=C',
    '--no-sync',
  );
  const port = await freePort();
  // Nothing of it need survive.
  const options = `-p ${port} -k ${folder} -h 127.0.0.1 -c fsync=off`;
  // Its output must not hold this process's pipes.
  program('pg_ctl', '-D', data, '-w', '-t', '120', '-l', join(folder, 'log'), '-o', options, 'start');
  return {
    port,
    query(database, statements) {
      const { status, stdout, stderr } = spawnSync(
        'psql',
        [
          '-XAtq',
          '-v',
          'ON_ERROR_STOP=1',
          '-h',
          '127.0.0.1',
          '-p',
          String(port),
          '-U',
          'postgres',
          '-d',
          database,
        ],
        { input: statements, encoding: 'utf8', env: { ...process.env, PGPASSWORD: 'administrator' } },
      );
      if (status !== 0) throw new Error(stderr);
      return stdout.trim();
    },
    stop() {
      program('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true });
    },
  };
}
