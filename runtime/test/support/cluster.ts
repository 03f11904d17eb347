import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { configSchema } from '../../src/config/config.js';
import type { DatabaseConfig } from '../../src/database/pool.js';
import { startTestPostgres, type TestPostgres } from './postgres.js';
import { ProcessNode } from './process-node.js';
import { startTestRedis, type TestRedis } from './redis.js';

type NodeConfig = z.input<typeof configSchema>;

export interface TestClusterOptions {
  /** Of each node, beside what makes it a member. */
  readonly config?: NodeConfig | ((index: number) => NodeConfig);
  /** Servers of a test file that starts several clusters; each gets a database of its own. */
  readonly postgres?: TestPostgres;
  readonly redis?: TestRedis;
}

export interface TestCluster {
  readonly nodes: readonly ProcessNode[];
  readonly redis: TestRedis;
  readonly postgres: TestPostgres;
  readonly database: DatabaseConfig;
  readonly secret: string;
  /** For files of the test. */
  readonly directory: string;
  /** The configuration of one more node. */
  config(index: number): NodeConfig;
  stop(): Promise<void>;
}

const SECRET = 'test-cluster-secret';

/** Nodes `node-0`, `node-1` … in processes of their own, on one Redis and one PostgreSQL, once all know each other. */
export async function startTestCluster(
  count: number,
  options: TestClusterOptions = {},
): Promise<TestCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-cluster-'));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, SECRET);
  const [redis, postgres] = await Promise.all([
    options.redis ?? startTestRedis(),
    options.postgres ?? startTestPostgres(),
  ]);
  const database = await postgres.database();
  const config = (index: number): NodeConfig => {
    const own = typeof options.config === 'function' ? options.config(index) : options.config;
    return {
      nodeId: `node-${index}`,
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0 }],
      modelDirectory: join(directory, 'models'),
      redis: { host: redis.host, port: redis.port },
      database,
      ...own,
      cluster: { secretFile, ...own?.cluster },
    };
  };
  const nodes = await Promise.all(
    Array.from({ length: count }, (_, index) => ProcessNode.start(config(index))),
  );
  const knowsAll = async ({ url }: ProcessNode): Promise<boolean> => {
    const response = await fetch(`${url}/api/v1/nodes`);
    const { data } = (await response.json()) as { data: readonly { status: string }[] };
    return data.filter(({ status }) => status === 'healthy').length === count;
  };
  await eventually(async () => (await Promise.all(nodes.map(knowsAll))).every(Boolean), 'a whole cluster');
  return {
    nodes,
    redis,
    postgres,
    database,
    secret: SECRET,
    directory,
    config,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      if (!options.redis) await redis.stop();
      if (!options.postgres) await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const PATIENCE_MILLISECONDS = 120_000;

/** Waits until a condition holds, however busy the machine is. */
export async function eventually(condition: () => Promise<boolean> | boolean, what = 'it'): Promise<void> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what} did not come true within two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
