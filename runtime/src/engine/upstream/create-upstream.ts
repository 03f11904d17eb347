import { modelPath } from '../../../contract.cjs';
import type { Config, ModelConfig } from '../../config/config.js';
import { LlamaServer } from './llama-server.js';
import { Ollama } from './ollama.js';
import { Sglang } from './sglang.js';
import { UpstreamEngine } from './upstream-engine.js';
import type { UpstreamServer } from './upstream-server.js';
import { Vllm } from './vllm.js';

export type UpstreamConfig = NonNullable<Config['engine']>;

export interface UpstreamFiles {
  /** The store's folder. */
  readonly directory: string;
  /** Sees to it that the model's files are in the store. */
  fetch(signal: AbortSignal): Promise<string>;
  /** Milliseconds between two looks at the server. @default a second while it is away, else five */
  readonly poll?: { readonly away: number; readonly ready: number };
}

/** What servers take at once by default: they have queues of their own. */
const SEQUENCES = 256;

/** The engine of a model that a server beside the node serves. */
export function createUpstream(
  engine: UpstreamConfig,
  model: ModelConfig,
  files: UpstreamFiles,
): UpstreamEngine {
  return new UpstreamEngine(serverOf(engine, model, files), {
    model: model.id,
    contextSize: model.contextSize,
    sequences: model.sequences ?? SEQUENCES,
    queue: model.queue,
    ...(files.poll && { poll: files.poll }),
  });
}

function serverOf({ name, url }: UpstreamConfig, model: ModelConfig, files: UpstreamFiles): UpstreamServer {
  const path = modelPath(model.source, files.directory);
  switch (name) {
    case 'vllm':
      return new Vllm(url, model.id, path);
    case 'sglang':
      return new Sglang(url, model.id, path);
    case 'llama-server':
      return new LlamaServer(url, model.id);
    case 'ollama':
      return new Ollama(url, { name: model.id, contextSize: model.contextSize, fetch: files.fetch });
  }
}
