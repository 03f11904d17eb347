import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { HEADERS, PATHS } from '../contract.cjs';
import type { configSchema } from '../src/config/config.js';
import { freePort } from '../src/free-port.js';
import { ServerProcess } from './server-process.js';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

export type NodeConfig = z.input<typeof configSchema>;

export interface LocalNodeOptions {
  readonly id: string;
  /** Address on which it listens. */
  readonly address: string;
  /** For its configuration, log and data. */
  readonly directory: string;
  readonly config: NodeConfig;
  /** What to run for a program to be on the node's network. */
  command(program: string, args: readonly string[]): [string, readonly string[]];
}

/** A node in a process of its own, at ports that it keeps. */
export class LocalNode {
  private constructor(
    readonly id: string,
    readonly address: string,
    readonly ports: { readonly api: number; readonly metrics: number; readonly peer: number },
    readonly process: ServerProcess,
  ) {}

  /** Writes its configuration; {@link start} starts it. */
  static async create({ id, address, directory, config, command }: LocalNodeOptions): Promise<LocalNode> {
    const ports = { api: await freePort(), metrics: await freePort(), peer: await freePort() };
    await mkdir(directory, { recursive: true });
    const file = join(directory, 'config.yaml');
    const whole: NodeConfig = {
      ...config,
      nodeId: id,
      host: address,
      ports,
      dataDirectory: directory,
      cluster: { ...config.cluster, podIp: address },
    };
    await writeFile(file, JSON.stringify(whole, null, 2), { mode: 0o600 });
    const [program, args] = command(process.execPath, [MAIN, 'serve', '--config', file]);
    const server = new ServerProcess({
      name: id,
      command: program,
      args,
      logFile: join(directory, 'node.log'),
    });
    return new LocalNode(id, address, ports, server);
  }

  get url(): string {
    return `http://${this.address}:${this.ports.api}`;
  }

  get metricsUrl(): string {
    return `http://${this.address}:${this.ports.metrics}${PATHS.metrics}`;
  }

  /** Starts it, again, and waits until it takes work: it, and not whoever else has its port. */
  start(): Promise<void> {
    return this.process.start(() =>
      fetch(`${this.url}${PATHS.ready}`, { signal: AbortSignal.timeout(2_000) }).then(
        async (response) => {
          await response.body?.cancel();
          return response.ok && response.headers.get(HEADERS.node) === this.id;
        },
        () => false,
      ),
    );
  }
}
