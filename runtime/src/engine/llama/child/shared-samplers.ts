import type { Bindings, NativeModel, NativeSampler, SamplerConfig } from './bindings.js';

/** As many as libuv has threads at most, on which they work. */
const SAMPLERS = 4;

interface Shared {
  readonly native: NativeSampler;
  config: SamplerConfig | undefined;
  seed: number | undefined;
  /** Settles when whoever uses it is done. */
  free: Promise<unknown>;
}

/**
 * The native samplers, for all sequences. Each holds a table of the whole vocabulary: one a request would take megabytes
 * that only garbage collection gives back, and few stay in the processor's cache.
 */
export class SharedSamplers {
  private readonly all: readonly Shared[];
  private turn = 0;

  constructor(bindings: Bindings, model: NativeModel) {
    this.all = Array.from({ length: SAMPLERS }, () => ({
      native: new bindings.AddonSampler(model),
      config: undefined,
      seed: undefined,
      free: Promise.resolve(),
    }));
  }

  /** Lends a sampler of this configuration. The same object as before is known to be the same configuration. */
  use<Result>(config: SamplerConfig, work: (sampler: NativeSampler) => Promise<Result>): Promise<Result> {
    const shared = this.all[this.turn++ % SAMPLERS];
    if (!shared) throw new Error('there is no sampler');
    const result = shared.free.then(() => {
      configure(shared, config);
      return work(shared.native);
    });
    shared.free = result.catch(() => undefined);
    return result;
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
