import type { Config } from '../config/config.js';
import { servedModels } from '../config/served-models.js';
import type { FetchProgress, ModelStore } from '../models/model-store.js';
import type { Engine, ModelDescription } from './engine.js';
import { type EngineConfig, ModelSlot, type ModelStatus, notInService } from './model-slot.js';

/** Told of what goes on while model files are fetched. */
export interface FetchReport {
  onProgress?(model: string, progress: FetchProgress): void;
  onNotice?(model: string, text: string): void;
}

export interface EnginesListener {
  /** Resolves when nothing runs on an engine any more that is about to be unloaded. */
  onUnload(model: string, engine: Engine): Promise<void>;
  /** The model has failed too often here, and is tried again after so many seconds. */
  onQuarantine(model: string, reason: string, seconds: number): void;
  /** A model that was quarantined answers again. */
  onRelease(model: string): void;
  onError(error: unknown): void;
}

const SETTLE_MILLISECONDS = 1_000;

/** The engines of this node, by the model that they serve. */
export class Engines {
  private readonly slots: readonly ModelSlot[];
  private started = false;
  private settling = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();
  private readonly engineListeners: ((model: string, engine: Engine) => void)[] = [];

  constructor(
    config: EngineConfig & Pick<Config, 'models' | 'role'>,
    store: ModelStore,
    report: FetchReport,
    private readonly listener: EnginesListener,
  ) {
    const slotListener = {
      ...listener,
      onEngine: (model: string, engine: Engine) => {
        for (const each of this.engineListeners) each(model, engine);
      },
      onQuarantine: (model: string, reason: string, seconds: number) =>
        listener.onQuarantine(model, reason, seconds),
      onRelease: (model: string) => listener.onRelease(model),
    };
    this.slots = servedModels(config).map(
      (model) => new ModelSlot(model, config, store, report, slotListener),
    );
  }

  /** Calls back with each engine before it starts. */
  onEngine(listener: (model: string, engine: Engine) => void): void {
    this.engineListeners.push(listener);
  }

  /** Fetches and loads what is wanted, one after the other. Throws what the first one that can't be loaded says. */
  async start(signal: AbortSignal): Promise<void> {
    this.settling = true;
    try {
      for (const slot of this.slots) {
        signal.throwIfAborted();
        if (slot.wanted) await slot.load(signal);
      }
      signal.throwIfAborted();
      this.started = true;
    } finally {
      this.settling = false;
    }
    this.timer = setInterval(() => void this.settle(), SETTLE_MILLISECONDS).unref();
  }

  /** From now on these models, of those that are configured, are to be here; others are unloaded. */
  want(models: ReadonlySet<string>): void {
    for (const slot of this.slots) slot.wanted = models.has(slot.model.id);
    if (this.started) void this.settle();
  }

  /** Ends the quarantine of a model early: it is tried again at once. */
  pardon(model: string): void {
    this.slots.find((slot) => slot.model.id === model)?.pardon();
    void this.settle();
  }

  /** The engine of a model; `undefined` if this node is not to serve it. Throws while it can't. */
  get(model: string): Engine | undefined {
    const slot = this.slots.find((each) => each.model.id === model);
    if (slot?.engine || !slot?.wanted) return slot?.engine;
    throw notInService(slot.status);
  }

  /** All models have been loaded, once. */
  get hasStarted(): boolean {
    return this.started;
  }

  /** After the start, one model that answers is enough: the others are being restarted, or for other nodes. */
  get isReady(): boolean {
    const here = this.slots.filter(({ wanted }) => wanted);
    return this.started && (here.length === 0 || this.all.some(({ state }) => state.phase === 'ready'));
  }

  /** Of the models that are to be here, or still are. */
  get status(): readonly ModelStatus[] {
    return this.slots.filter(({ wanted, engine }) => wanted || engine).map(({ status }) => status);
  }

  get all(): readonly Engine[] {
    return this.slots.flatMap(({ engine }) => engine ?? []);
  }

  /** Models that are loaded, as `/v1/models` lists them. */
  describe(): readonly ModelDescription[] {
    return this.all.flatMap(({ description }) => description ?? []);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort(new Error('The node is stopping.'));
    await Promise.all(this.all.map((engine) => engine.stop()));
  }

  /** Brings what is here in line with what is wanted, one model after the other. */
  private async settle(): Promise<void> {
    if (this.settling || this.stopping.signal.aborted) return;
    this.settling = true;
    try {
      for (const slot of this.slots) await this.settleOne(slot, this.stopping.signal);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.listener.onError(error);
    } finally {
      this.settling = false;
    }
  }

  private async settleOne(slot: ModelSlot, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (slot.wanted && !slot.engine) {
      const { quarantinedSeconds } = slot;
      if (quarantinedSeconds === undefined) {
        await slot.load(signal).catch((error: unknown) => {
          signal.throwIfAborted();
          return slot.confine(error instanceof Error ? error.message : String(error));
        });
      } else if (quarantinedSeconds === 0) {
        await slot.tryAgain(signal);
      }
    } else if (!slot.wanted && slot.engine) {
      const engine = slot.withdraw();
      if (!engine) return;
      await this.listener.onUnload(slot.model.id, engine);
      await engine.stop();
    }
  }
}
