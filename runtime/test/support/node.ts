import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { type Logger, pino } from 'pino';
import type { z } from 'zod';
import { configSchema } from '../../src/config/config.js';
import { LiveConfig } from '../../src/config/live-config.js';
import { type RuntimeNode, startNode } from '../../src/node.js';

export interface TestNode {
  readonly node: RuntimeNode;
  readonly url: string;
  readonly client: OpenAI;
  /** The model store, unless the configuration names one. */
  readonly directory: string;
  stop(): Promise<void>;
}

/** A real node on free ports, silent, with the demonstration model as fast as it goes. */
export async function startTestNode(
  overrides: z.input<typeof configSchema> = {},
  logger: Logger = pino({ level: overrides.logLevel ?? 'silent' }),
): Promise<TestNode> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
  const config = configSchema.parse({
    host: '127.0.0.1',
    ports: { api: 0, metrics: 0, peer: 0 },
    models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0 }],
    modelDirectory: directory,
    logLevel: 'silent',
    ...overrides,
  });
  const node = await startNode(new LiveConfig(config), logger, new AbortController().signal);
  return {
    node,
    url: node.url,
    directory,
    client: new OpenAI({ baseURL: `${node.url}/v1`, apiKey: 'none', maxRetries: 0 }),
    async stop() {
      await node.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
