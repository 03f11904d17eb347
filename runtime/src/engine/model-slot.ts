import { resolve } from 'node:path';
import type { Config, ModelConfig } from '../config/config.js';
import type { FetchProgress, ModelStore } from '../models/model-store.js';
import type { Engine, EngineState } from './engine.js';
import { EngineError } from './engine-error.js';
import type { FetchReport } from './engines.js';
import { LlamaEngine } from './llama/llama-engine.js';
import { probe } from './probe.js';
import { Quarantine } from './quarantine.js';
import { createUpstream } from './upstream/create-upstream.js';

/** The demonstration model writes thousands of tokens a second, which nobody can watch. */
const DEMO_TOKENS_PER_SECOND = 40;
/** Requests that the embedded engine generates at once. */
const SEQUENCES = 4;

export type EngineConfig = Pick<Config, 'engine' | 'modelDirectory' | 'selfHealing'>;

export interface SlotListener {
  /** An engine is about to start. */
  onEngine(model: string, engine: Engine): void;
  onQuarantine(model: string, reason: string, seconds: number): void;
  onRelease(model: string): void;
}

/** How far one model is, from the first byte that is fetched on. */
export interface ModelStatus {
  readonly id: string;
  /** `queued`: other models come first. */
  readonly phase: 'queued' | FetchProgress['phase'] | EngineState['phase'] | 'quarantined';
  readonly receivedBytes?: number;
  readonly totalBytes?: number;
  /** Of loading, 0–1. */
  readonly progress?: number;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly engine?: Engine;
}

/** One model of the configuration on this node: fetched, loaded, healed, unloaded. */
export class ModelSlot {
  /** Whether the model is to be here. */
  wanted = false;
  /** In service. */
  engine: Engine | undefined;
  private fetching: FetchProgress | undefined;
  private readonly quarantine: Quarantine;

  constructor(
    readonly model: ModelConfig,
    private readonly config: EngineConfig,
    private readonly store: ModelStore,
    private readonly report: FetchReport,
    private readonly listener: SlotListener,
  ) {
    this.quarantine = new Quarantine(config.selfHealing);
  }

  get status(): ModelStatus {
    const { id } = this.model;
    const { reason } = this.quarantine;
    if (reason !== undefined) return { id, phase: 'quarantined', reason };
    return {
      id,
      phase: 'queued',
      ...this.fetching,
      ...this.engine?.state,
      ...(this.engine && { engine: this.engine }),
    };
  }

  /** It is kept from the model until then, in seconds; `undefined` if it is not quarantined. */
  get quarantinedSeconds(): number | undefined {
    return this.quarantine.seconds;
  }

  /** Fetches and loads the model. Throws an {@link EngineError}. */
  async load(signal: AbortSignal): Promise<void> {
    const engine = await this.create(signal);
    signal.throwIfAborted();
    this.engine = engine;
    this.listener.onEngine(this.model.id, engine);
    if (!this.config.engine) engine.onState((state) => this.onState(engine, state));
    await engine.start();
  }

  /** Takes the model out of service; what runs goes on until the engine that is returned is stopped. */
  withdraw(): Engine | undefined {
    const { engine } = this;
    this.engine = undefined;
    return engine;
  }

  /** Keeps from the model what can't serve it. */
  async confine(reason: string): Promise<void> {
    const seconds = this.quarantine.begin(reason);
    this.listener.onQuarantine(this.model.id, reason, seconds);
    await this.withdraw()?.stop();
  }

  /** Loads a quarantined model, and puts it into service if it answers. */
  async tryAgain(signal: AbortSignal): Promise<void> {
    let engine: Engine | undefined;
    try {
      engine = await this.create(signal);
      await engine.start();
      await probe(
        engine,
        AbortSignal.any([signal, AbortSignal.timeout(this.config.selfHealing.hangSeconds * 1000)]),
      );
    } catch (error) {
      await engine?.stop();
      signal.throwIfAborted();
      await this.confine(error instanceof Error ? error.message : String(error));
      return;
    }
    const probed = engine;
    this.quarantine.end();
    this.engine = probed;
    this.listener.onEngine(this.model.id, probed);
    probed.onState((state) => this.onState(probed, state));
    this.listener.onRelease(this.model.id);
  }

  /** An operator says that it may be tried again now, and forgets what was. */
  pardon(): void {
    this.quarantine.pardon();
  }

  private onState(engine: Engine, state: EngineState): void {
    if (engine !== this.engine) return;
    const crashed = state.phase === 'restarting' && state.attempt === 1;
    if (crashed && this.quarantine.count()) {
      const { failures, windowSeconds } = this.config.selfHealing;
      void this.confine(`${failures} crashes within ${windowSeconds} seconds, the last one: ${state.reason}`);
    } else if (state.phase === 'failed' && engine.description) {
      void this.confine(state.reason);
    }
  }

  /** A server beside the node has its files already, or asks for them. */
  private async create(signal: AbortSignal): Promise<Engine> {
    const { engine, modelDirectory } = this.config;
    if (!engine) return this.createEmbedded(await this.fetch(signal));
    return createUpstream(engine, this.model, {
      directory: resolve(modelDirectory),
      fetch: (signal) => this.fetch(signal),
    });
  }

  private createEmbedded(path: string): Engine {
    const { model } = this;
    return new LlamaEngine({
      ...model,
      sequences: model.sequences ?? SEQUENCES,
      model: model.id,
      path,
      tokensPerSecond: model.tokensPerSecond ?? (model.source === 'demo:' ? DEMO_TOKENS_PER_SECOND : 0),
      hangSeconds: this.config.selfHealing.hangSeconds,
    });
  }

  private async fetch(signal: AbortSignal): Promise<string> {
    const { id } = this.model;
    try {
      return await this.store.fetch(this.model, {
        signal,
        onProgress: (progress) => {
          this.fetching = progress;
          this.report.onProgress?.(id, progress);
        },
        onNotice: (text) => this.report.onNotice?.(id, text),
      });
    } finally {
      this.fetching = undefined;
    }
  }
}

/** What {@link Engines.get} throws for a model that is not in service yet, or not any more. */
export function notInService({ id, phase, reason }: ModelStatus): EngineError {
  return phase === 'quarantined'
    ? new EngineError('unavailable', `The model '${id}' is quarantined on this node: ${reason}`)
    : new EngineError('unavailable', `The model '${id}' is being fetched.`);
}
