import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/free-port.js';

const SERVER = 'redis-server';

export interface TestRedis {
  readonly host: string;
  readonly port: number;
  /** With a certificate. */
  readonly tlsPort?: number;
  /** Kills the server; its data, which is in memory only, is gone. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same port. */
  restart(): Promise<void>;
  /** Lets it hang, as behind a dead network, and go on. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** A real Redis of this test's own, from the `redis-server` on PATH. */
export async function startTestRedis(
  args: readonly string[] = [],
  tls?: { readonly key: string; readonly certificate: string },
): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-redis-'));
  const port = await freePort();
  const tlsPort = tls && (await freePort());
  const encryption =
    tls && tlsPort
      ? [
          ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
          ...[
            '--tls-cert-file',
            tls.certificate,
            '--tls-key-file',
            tls.key,
            '--tls-ca-cert-file',
            tls.certificate,
          ],
        ]
      : [];
  const all = [...args, ...encryption];
  let server = await launch(port, directory, all);
  const kill = async () => {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await exited;
  };
  return {
    host: '127.0.0.1',
    port,
    ...(tlsPort && { tlsPort }),
    kill,
    async restart() {
      server = await launch(port, directory, all);
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      if (server.exitCode === null && server.signalCode === null) await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, directory: string, args: readonly string[]): Promise<ChildProcess> {
  const server = spawn(
    SERVER,
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      directory,
      '--save',
      '',
      '--appendonly',
      'no',
      ...args,
    ],
    { stdio: 'ignore' },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('spawn', resolve);
    server.once('error', () =>
      reject(new Error('These tests need a Redis server: apt-get install redis-server (or put it on PATH).')),
    );
  });
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, maxRetriesPerRequest: 3000 });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
  return server;
}
