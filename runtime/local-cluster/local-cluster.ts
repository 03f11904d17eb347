import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../contract.cjs';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { freePort } from '../src/free-port.js';
import { LocalNode, type NodeConfig } from './local-node.js';
import { LOOPBACK, type Network } from './network.js';
import { startNginx } from './nginx.js';
import { type LocalRedis, startRedis } from './redis.js';
import type { ServerProcess } from './server-process.js';
import { TcpForward } from './tcp-forward.js';

export interface LocalClusterOptions {
  /** How many. @default 3 */
  readonly nodes?: number;
  /** Where the balancer should listen, if nobody else does. @default any free port */
  readonly port?: number;
  /** What each node is. The balancer asks those that serve clients. @default `all` for each */
  readonly roles?: readonly Role[];
  /** What all nodes are configured with, beside what makes them a cluster. */
  readonly config?: NodeConfig;
  /** Where the nodes live. It is removed with the cluster. @default loopback */
  readonly network?: Network;
  /** Told of each part once it runs. */
  readonly onStarted?: (part: string, where: string, seconds: number) => void;
}

/**
 * Nodes, each a process, behind nginx, with a Redis and a PostgreSQL of their own, on this machine. Everything lies in
 * one temporary folder; {@link stop} leaves nothing behind.
 */
export class LocalCluster {
  readonly nodes: LocalNode[] = [];
  /** An administrator of the nodes, which are open to all where `config.access` says nothing else. */
  readonly admin = { name: 'admin', password: randomBytes(9).toString('base64url') };
  private redisServer: LocalRedis | undefined;
  private postgresServer: EmbeddedPostgres | undefined;
  private nginx: ServerProcess | undefined;
  private readonly forwards: TcpForward[] = [];
  private port = 0;
  private statusPort = 0;

  private constructor(
    readonly directory: string,
    private readonly network: Network,
  ) {}

  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'polypod-local-'));
    // PostgreSQL refuses root, so as root it runs as a user who must get through.
    await chmod(directory, 0o711);
    const cluster = new LocalCluster(directory, options.network ?? LOOPBACK);
    try {
      await cluster.startAll(options);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Of the balancer. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** The balancer's own figures. */
  get statusUrl(): string {
    return `http://localhost:${this.statusPort}/nginx-status`;
  }

  get redis(): LocalRedis {
    if (!this.redisServer) throw new Error('Redis has not been started');
    return this.redisServer;
  }

  get postgres(): EmbeddedPostgres {
    if (!this.postgresServer) throw new Error('PostgreSQL has not been started');
    return this.postgresServer;
  }

  /** Stops PostgreSQL and starts it again at the same port. */
  async restartPostgres(): Promise<void> {
    const { port } = this.postgres;
    await this.postgres.stop();
    this.postgresServer = await startEmbeddedPostgres(this.directory, { port });
  }

  /** Stops Redis, as its manager would, and starts it again with its data. */
  async restartRedis(): Promise<void> {
    await this.redis.process.kill('SIGTERM');
    await this.redis.start();
  }

  /** Restarts one node after the other, each as Kubernetes does: SIGTERM, and on with the next one when it is ready. */
  async rollingRestart(onNode: (node: LocalNode) => void = () => {}): Promise<void> {
    for (const node of this.nodes) {
      onNode(node);
      await node.process.kill('SIGTERM');
      await node.start();
    }
  }

  cutOff(node: LocalNode): Promise<void> {
    return this.network.cut(this.nodes.indexOf(node));
  }

  reconnect(node: LocalNode): Promise<void> {
    return this.network.mend(this.nodes.indexOf(node));
  }

  async stop(): Promise<void> {
    await this.nginx?.kill('SIGTERM');
    await Promise.all(this.nodes.map((node) => node.process.kill('SIGKILL')));
    await this.redisServer?.process.kill('SIGKILL');
    await this.postgresServer?.stop();
    for (const forward of this.forwards) forward.close();
    await this.network.remove();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async startAll({
    nodes: count = 3,
    roles = Array<Role>(count).fill('all'),
    port,
    config,
    onStarted,
  }: LocalClusterOptions): Promise<void> {
    const timed = async <Value>(
      part: string,
      start: () => Promise<Value>,
      where: (value: Value) => string,
    ) => {
      const begun = performance.now();
      const value = await start();
      onStarted?.(part, where(value), (performance.now() - begun) / 1000);
      return value;
    };
    const { directory } = this;
    this.postgresServer = await timed(
      'PostgreSQL',
      () => startEmbeddedPostgres(directory),
      ({ host, port }) => `${host}:${port}`,
    );
    this.redisServer = await timed(
      'Redis',
      async () => startRedis(join(directory, 'redis'), await freePort()),
      ({ port }) => `127.0.0.1:${port}`,
    );
    const shared = await this.sharedConfig(config);
    for (const [index, role] of roles.entries()) {
      const id = `node-${index + 1}`;
      const node = await LocalNode.create({
        id,
        address: this.network.addressOf(index),
        directory: join(directory, id),
        config: { ...shared, role },
        command: (program, args) => this.network.command(index, program, args),
      });
      this.nodes.push(node);
    }
    await Promise.all(
      this.nodes.map((node) =>
        timed(
          node.id,
          () => node.start(),
          () => node.url,
        ),
      ),
    );
    this.port = await freePort(port);
    this.statusPort = await freePort();
    this.nginx = await timed(
      'nginx',
      async () =>
        startNginx({
          directory: join(directory, 'nginx'),
          port: this.port,
          statusPort: this.statusPort,
          nodes: this.nodes
            .filter((_node, index) => roles[index] === 'all' || roles[index] === 'gateway')
            .map(({ address, ports }) => `${address}:${ports.api}`),
        }),
      () => this.url,
    );
  }

  private async sharedConfig(config: NodeConfig = {}): Promise<NodeConfig> {
    const { directory } = this;
    const { database, userFile, passwordFile, port } = this.postgres;
    const secretFile = join(directory, 'cluster-secret');
    await writeFile(secretFile, randomBytes(32).toString('base64url'), { mode: 0o600 });
    const adminFile = join(directory, 'admin-password');
    await writeFile(adminFile, this.admin.password, { mode: 0o600 });
    return {
      modelDirectory: join(directory, 'models'),
      ...config,
      access: {
        mode: 'open',
        firstAdmin: { name: this.admin.name, passwordFile: adminFile },
        ...config.access,
      },
      redis: { host: this.network.host, port: await this.reachable(this.redis.port) },
      database: {
        host: this.network.host,
        port: await this.reachable(port),
        name: database,
        sslMode: 'disable',
        userFile,
        passwordFile,
      },
      cluster: { ...config.cluster, secretFile },
      http: { ...config.http, trustedProxies: ['127.0.0.1', this.network.host] },
    };
  }

  /** A port of loopback, made reachable from the nodes' network. */
  private async reachable(port: number): Promise<number> {
    if (this.network.host === '127.0.0.1') return port;
    this.forwards.push(await TcpForward.start(this.network.host, port));
    return port;
  }
}
