import { resolve } from 'node:path';
import type { Config, ModelConfig } from '../config/config.js';
import type { FetchProgress, ModelStore } from '../models/model-store.js';
import type { Engine, EngineState, ModelDescription } from './engine.js';
import { EngineError } from './engine-error.js';
import { LlamaEngine } from './llama/llama-engine.js';
import { createUpstream } from './upstream/create-upstream.js';

/** The demonstration model writes thousands of tokens a second, which nobody can watch. */
const DEMO_TOKENS_PER_SECOND = 40;
/** Requests that the embedded engine generates at once. */
const SEQUENCES = 4;

/** Told of what goes on while model files are fetched. */
export interface FetchReport {
  onProgress?(model: string, progress: FetchProgress): void;
  onNotice?(model: string, text: string): void;
}

/** How far one model is, from the first byte that is fetched on. */
export interface ModelStatus {
  readonly id: string;
  /** `queued`: other models come first. */
  readonly phase: 'queued' | FetchProgress['phase'] | EngineState['phase'];
  readonly receivedBytes?: number;
  readonly totalBytes?: number;
  /** Of loading, 0–1. */
  readonly progress?: number;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly engine?: Engine;
}

/** The engines of this node, by the model that they serve. */
export class Engines {
  private readonly engines = new Map<string, Engine>();
  private readonly fetching = new Map<string, FetchProgress>();
  private started = false;
  private readonly listeners: ((model: string, engine: Engine) => void)[] = [];

  constructor(
    private readonly config: Pick<Config, 'models' | 'engine' | 'modelDirectory'>,
    private readonly store: ModelStore,
    private readonly report: FetchReport = {},
  ) {}

  private get models(): readonly ModelConfig[] {
    return this.config.models;
  }

  /** Calls back with each engine before it starts. */
  onEngine(listener: (model: string, engine: Engine) => void): void {
    this.listeners.push(listener);
  }

  /** Fetches and loads all models, one after the other. */
  async start(signal: AbortSignal): Promise<void> {
    for (const model of this.models) {
      const engine = await this.create(model, signal);
      this.engines.set(model.id, engine);
      for (const listener of this.listeners) listener(model.id, engine);
      await engine.start();
      signal.throwIfAborted();
    }
    this.started = true;
  }

  /** A server beside the node has its files already, or asks for them. */
  private async create(model: ModelConfig, signal: AbortSignal): Promise<Engine> {
    const { engine, modelDirectory } = this.config;
    if (!engine) return createEmbedded(model, await this.fetch(model, signal));
    return createUpstream(engine, model, {
      directory: resolve(modelDirectory),
      fetch: (signal) => this.fetch(model, signal),
    });
  }

  private async fetch(model: ModelConfig, signal: AbortSignal): Promise<string> {
    try {
      return await this.store.fetch(model, {
        signal,
        onProgress: (progress) => {
          this.fetching.set(model.id, progress);
          this.report.onProgress?.(model.id, progress);
        },
        onNotice: (text) => this.report.onNotice?.(model.id, text),
      });
    } finally {
      this.fetching.delete(model.id);
    }
  }

  /** The engine of a model; `undefined` if this node does not serve it. Throws while it has yet to be fetched. */
  get(model: string): Engine | undefined {
    const engine = this.engines.get(model);
    if (engine || !this.models.some(({ id }) => id === model)) return engine;
    throw new EngineError('unavailable', `The model '${model}' is being fetched.`);
  }

  /** All models have been loaded, once. */
  get hasStarted(): boolean {
    return this.started;
  }

  /** After the start, one model that answers is enough: the others are being restarted, or for other nodes. */
  get isReady(): boolean {
    const { all } = this;
    return this.started && (all.length === 0 || all.some(({ state }) => state.phase === 'ready'));
  }

  get status(): readonly ModelStatus[] {
    return this.models.map(({ id }) => {
      const engine = this.engines.get(id);
      return {
        id,
        phase: 'queued',
        ...this.fetching.get(id),
        ...engine?.state,
        ...(engine && { engine }),
      };
    });
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

function createEmbedded(model: ModelConfig, path: string): Engine {
  const pace = model.tokensPerSecond ?? (model.source === 'demo:' ? DEMO_TOKENS_PER_SECOND : 0);
  const sequences = model.sequences ?? SEQUENCES;
  return new LlamaEngine({ ...model, sequences, model: model.id, path, tokensPerSecond: pace });
}
