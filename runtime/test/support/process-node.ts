import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { configSchema } from '../../src/config/config.js';
import { freePort } from '../../src/free-port.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** A node in a process of its own, which can be killed. */
export class ProcessNode {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    readonly port: number,
  ) {}

  static async start(config: z.input<typeof configSchema>): Promise<ProcessNode> {
    const directory = await mkdtemp(join(tmpdir(), 'polypod-node-'));
    const port = await freePort();
    const file = {
      host: '127.0.0.1',
      ports: { api: port, metrics: 0, peer: 0 },
      modelDirectory: join(directory, 'models'),
      dataDirectory: directory,
      logLevel: 'error',
      embeddedDatabase: false,
      ...config,
    };
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(file));
    const node = new ProcessNode(directory, port);
    await node.launch();
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, again, and waits until its model is loaded. */
  async launch(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'serve', '--config', join(this.directory, 'config.yaml')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.child = child;
    while (child.exitCode === null && child.signalCode === null) {
      const started = await fetch(`${this.url}/api/v1/startup`)
        .then((response) => response.ok)
        .catch(() => false);
      if (started) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the node has ended');
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  /** Sends a signal and waits until the process is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}
