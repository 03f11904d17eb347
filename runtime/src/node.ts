import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { PATHS } from '../contract.cjs';
import { modelNotFound } from './api/api-error.js';
import { chatCompletions } from './api/openai/chat-completions.js';
import { completions } from './api/openai/completions.js';
import { embeddings } from './api/openai/embeddings.js';
import { models } from './api/openai/models.js';
import { rendererOf } from './api/openai/renderers.js';
import { streams } from './api/openai/streams.js';
import { createServer } from './api/server.js';
import type { LiveConfig } from './config/live-config.js';
import { Engines } from './engine/engines.js';
import { modelStoreOf } from './models/configured-store.js';
import { fetchLog } from './models/fetch-log.js';
import { Generations } from './streams/generations.js';
import { MemoryJournal } from './streams/memory-journal.js';

/** A running node. */
export interface RuntimeNode {
  readonly engines: Engines;
  /** Base URL of the API. */
  readonly url: string;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/**
 * Puts a node together and starts it: the one place that knows all parts. The API listens at once, so that probes see
 * the progress; it resolves when all models are loaded. Aborting `signal` gives a start up.
 */
export async function startNode(live: LiveConfig, logger: Logger, signal: AbortSignal): Promise<RuntimeNode> {
  const config = live.current;
  const engines = new Engines(config.models, modelStoreOf(config), fetchLog(logger));
  const journal = new MemoryJournal(() => live.current.streams);
  const engineOf = (model: string) => {
    const engine = engines.get(model);
    if (!engine) throw modelNotFound(model);
    return engine;
  };
  const generations = new Generations(engineOf, journal, (err) => logger.error({ err }, 'generation failed'));
  const streaming = { generations, journal, rendererOf };

  const app = createServer({ logger, maxBodyBytes: config.limits.bodyBytes });
  models(app, () => engines.describe());
  chatCompletions(app, streaming);
  completions(app, streaming);
  embeddings(app, engineOf);
  streams(app, streaming);

  const stop = async () => {
    await app.close();
    await engines.stop();
    await journal.close();
  };
  const giveUp = () => void engines.stop();
  signal.addEventListener('abort', giveUp);
  try {
    await app.listen({ host: config.host, port: config.ports.api });
    await engines.start(signal);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  const url = urlOf(app);
  return { engines, url, metricsUrl: `http://localhost:${config.ports.metrics}${PATHS.metrics}`, stop };
}

function urlOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  const host =
    address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
