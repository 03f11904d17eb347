import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/free-port.js';
import { eventually } from '../../test/support/cluster.js';
import type { LoadResult, LoadTask } from './load-task.js';

/** The clients, in a process of their own. */
export class LoadGenerator {
  private readonly child = fork(fileURLToPath(new URL('./load.js', import.meta.url)), { execArgv: [] });
  private readonly failed = once(this.child, 'exit').then(() =>
    Promise.reject(new Error('the clients have failed')),
  );

  constructor() {
    this.failed.catch(() => undefined);
  }

  async run(task: LoadTask): Promise<LoadResult> {
    const answer: Promise<LoadResult[]> = once(this.child, 'message');
    this.child.send(task);
    const [result] = await Promise.race([answer, this.failed]);
    if (!result) throw new Error('no result');
    return result;
  }

  stop(): void {
    this.child.kill();
  }
}

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startMockUpstream(): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./mock-upstream.js', import.meta.url)), { execArgv: [] });
  const [port] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, stop: () => ended(child) };
}

/** nginx as a router before one server: connections that are kept, answers passed on as they come. */
export async function startNginx(upstream: string, workers: number): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  const config = `
    worker_processes ${workers}; daemon off; pid ${directory}/pid; error_log ${directory}/errors;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 100000000; ${temporary.join(' ')}
      upstream mock { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 100000000; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        }
      }
    }`;
  await writeFile(join(directory, 'nginx.conf'), config);
  const child = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  child.once('error', () => process.stderr.write('This benchmark needs nginx: apt-get install nginx\n'));
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    'nginx',
  );
  return {
    url,
    async stop() {
      await ended(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
