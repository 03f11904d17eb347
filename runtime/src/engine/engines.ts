import type { ModelConfig } from '../config/config.js';
import type { ModelStore } from '../models/model-store.js';
import type { Engine, ModelDescription } from './engine.js';
import { EngineError } from './engine-error.js';
import { LlamaEngine } from './llama/llama-engine.js';

/** The demonstration model writes thousands of tokens a second, which nobody can watch. */
const DEMO_TOKENS_PER_SECOND = 40;

/** The engines of this node, by the model that they serve. */
export class Engines {
  private readonly engines = new Map<string, Engine>();

  constructor(
    private readonly models: readonly ModelConfig[],
    private readonly store: ModelStore,
  ) {}

  /** Fetches and loads all models, one after the other. */
  async start(signal: AbortSignal): Promise<void> {
    for (const model of this.models) {
      const path = await this.store.fetch(model.source, { signal });
      const engine = createEngine(model, path);
      this.engines.set(model.id, engine);
      await engine.start();
      signal.throwIfAborted();
    }
  }

  /** The engine of a model; `undefined` if this node does not serve it. Throws while it has yet to be fetched. */
  get(model: string): Engine | undefined {
    const engine = this.engines.get(model);
    if (engine || !this.models.some(({ id }) => id === model)) return engine;
    throw new EngineError('unavailable', `The model '${model}' is being fetched.`);
  }

  get all(): readonly Engine[] {
    return [...this.engines.values()];
  }

  /** Models that are loaded, as `/v1/models` lists them. */
  describe(): readonly ModelDescription[] {
    return this.all.flatMap(({ description }) => description ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((engine) => engine.stop()));
  }
}

function createEngine(model: ModelConfig, path: string): Engine {
  const pace = model.tokensPerSecond ?? (model.source === 'demo:' ? DEMO_TOKENS_PER_SECOND : 0);
  return new LlamaEngine({ ...model, model: model.id, path, tokensPerSecond: pace });
}
