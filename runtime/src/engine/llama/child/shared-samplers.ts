import type { Bindings, NativeModel, NativeSampler, SamplerConfig } from './bindings.js';

/** As many as libuv has threads at most, on which they work. */
const SAMPLERS = 4;
/** Constant configurations that are kept. */
const MOST_CONSTANTS = 256;

interface Shared {
  readonly native: NativeSampler;
  config: SamplerConfig | undefined;
  seed: number | undefined;
}

/**
 * The native samplers, for all sequences. Each holds a table of the whole vocabulary: one a request would take megabytes
 * that only garbage collection gives back, and few stay in the processor's cache.
 */
export class SharedSamplers {
  /** The one that was used last is the first to be used again. */
  private readonly idle: Shared[];
  private readonly waiting: ((shared: Shared) => void)[] = [];
  private readonly constants = new Map<string, SamplerConfig>();

  constructor(bindings: Bindings, model: NativeModel) {
    this.idle = Array.from({ length: SAMPLERS }, () => ({
      native: new bindings.AddonSampler(model),
      config: undefined,
      seed: undefined,
    }));
  }

  /**
   * The same object for each configuration that says the same, of those that hold neither a seed nor a state: sequences
   * that are sampled alike pass a sampler on as it is.
   */
  constant(config: SamplerConfig): SamplerConfig {
    const { tokenBiasKeys = [], tokenBiasValues = [] } = config;
    const key = `${tokenBiasKeys.join()} ${tokenBiasValues.join()}`;
    const known = this.constants.get(key) ?? config;
    if (this.constants.size >= MOST_CONSTANTS) this.constants.clear();
    this.constants.set(key, known);
    return known;
  }

  /** Lends a sampler of this configuration. The same object as before is known to be the same configuration. */
  async use<Result>(
    config: SamplerConfig,
    work: (sampler: NativeSampler) => Promise<Result>,
  ): Promise<Result> {
    const shared = this.idle.pop() ?? (await new Promise<Shared>((resolve) => this.waiting.push(resolve)));
    try {
      configure(shared, config);
      return await work(shared.native);
    } finally {
      const next = this.waiting.shift();
      if (next) next(shared);
      else this.idle.push(shared);
    }
  }
}

function configure(shared: Shared, config: SamplerConfig): void {
  if (shared.config === config) return;
  const { seed } = config;
  // The random numbers begin anew with another seed only: with the same one they would go on.
  if (seed !== undefined && seed === shared.seed) shared.native.applyConfig({ ...config, seed: ~seed >>> 0 });
  shared.native.applyConfig(config);
  shared.config = config;
  shared.seed = seed ?? shared.seed;
}
