import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { ServerProcess } from './server-process.js';

export interface LocalRedis {
  readonly port: number;
  readonly process: ServerProcess;
  /** Starts it at the same port, with the data that it had. */
  start(): Promise<void>;
}

/** A Redis that writes what it is told to disk, as managed ones do. */
export async function startRedis(directory: string, port: number): Promise<LocalRedis> {
  await mkdir(directory, { recursive: true });
  const server = new ServerProcess({
    name: 'Redis',
    command: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
      ...['--maxmemory-policy', 'noeviction'],
    ],
    logFile: join(directory, 'redis.log'),
  });
  const start = () => server.start(() => answersPing(port));
  await start();
  return { port, process: server, start };
}

/** Not while it still reads its data. */
async function answersPing(port: number): Promise<boolean> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
