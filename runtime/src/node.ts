import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { modelNotFound } from './api/api-error.js';
import { chatCompletions } from './api/openai/chat-completions.js';
import { ChatStreamRenderer } from './api/openai/chat-rendering.js';
import { models } from './api/openai/models.js';
import { createServer } from './api/server.js';
import type { Config } from './config/config.js';
import { Engines } from './engine/engines.js';
import { LocalModelStore } from './models/local-model-store.js';
import { Generations } from './streams/generations.js';
import { MemoryJournal } from './streams/memory-journal.js';

/** A running node. */
export interface RuntimeNode {
  readonly engines: Engines;
  /** Base URL of the API. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Puts a node together: the one place that knows all parts. */
export async function startNode(config: Config): Promise<RuntimeNode> {
  const logger = pino({ level: config.logLevel });
  const engines = new Engines(config, new LocalModelStore(config.modelDirectory));
  const journal = new MemoryJournal(config.streams);
  const engineOf = (model: string) => {
    const engine = engines.get(model);
    if (!engine) throw modelNotFound(model);
    return engine;
  };
  const generations = new Generations(engineOf, journal, (err) => logger.error({ err }, 'generation failed'));
  const streaming = {
    generations,
    journal,
    rendererOf: (header: ConstructorParameters<typeof ChatStreamRenderer>[0]) =>
      new ChatStreamRenderer(header),
  };

  const app = createServer({ logger, maxBodyBytes: config.limits.bodyBytes });
  models(app, () => engines.describe());
  chatCompletions(app, streaming);
  await app.listen({ host: config.host, port: config.ports.api });

  const starting = new AbortController();
  await engines.start(starting.signal);
  return {
    engines,
    url: urlOf(app),
    async stop() {
      starting.abort();
      await app.close();
      await engines.stop();
      await journal.close();
    },
  };
}

function urlOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  const host =
    address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
