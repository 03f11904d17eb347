import type { Sampling, TokenLogprobs } from '../../generation.js';
import type { NativeContext, SamplerConfig } from './bindings.js';
import type { OutputConstraint } from './output-constraint.js';
import type { SharedSamplers } from './shared-samplers.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Chooses one sequence's tokens. The random draw depends on the seed and the token's position alone, so a sequence
 * that is continued elsewhere draws what it would have drawn here.
 */
export class TokenSampler {
  private readonly counts = new Map<number, number>();
  private readonly history: number[];
  /** Nothing depends on position or history: one configuration serves all tokens. */
  private readonly constant: boolean;
  private known: SamplerConfig | undefined;

  constructor(
    private readonly samplers: SharedSamplers,
    private readonly sampling: Sampling,
    prompt: Uint32Array,
    private readonly contextSize: number,
    private readonly constraint?: OutputConstraint,
  ) {
    this.history = sampling.repetitionPenalty === 1 ? [] : [...prompt];
    this.constant =
      sampling.temperature === 0 &&
      sampling.repetitionPenalty === 1 &&
      sampling.frequencyPenalty === 0 &&
      sampling.presencePenalty === 0;
  }

  sample(context: NativeContext, logits: number, position: number): Promise<number> {
    const config = this.known ?? this.config(position);
    if (this.constant) this.known = config;
    return this.samplers.use(config, (sampler) => context.sampleToken(logits, sampler));
  }

  /** Notes a token that was sampled. */
  generated(token: number, bytes: Uint8Array): void {
    if (this.constraint?.observe(bytes)) this.known = undefined;
    if (this.constant) return;
    this.counts.set(token, (this.counts.get(token) ?? 0) + 1);
    if (this.sampling.repetitionPenalty !== 1) this.history.push(token);
  }

  /** Notes a token that another engine sampled. */
  resumed(token: number, bytes: Uint8Array): void {
    this.constraint?.accept(token);
    this.generated(token, bytes);
  }

  private config(position: number): SamplerConfig {
    const { sampling } = this;
    const config: SamplerConfig = {};
    if (sampling.temperature > 0) {
      config.temperature = sampling.temperature;
      config.seed = seedAt(sampling.seed, position);
      if (sampling.topK > 0) config.topK = sampling.topK;
      if (sampling.topP < 1) config.topP = sampling.topP;
      if (sampling.minP > 0) config.minP = sampling.minP;
    }
    if (sampling.repetitionPenalty !== 1) {
      config.repeatPenalty = sampling.repetitionPenalty;
      config.repeatPenaltyMaxTokens = this.contextSize;
      config.repeatPenaltyTokens = Uint32Array.from(this.history);
    }
    const biases = this.biases();
    if (biases.size > 0) {
      config.tokenBiasKeys = Uint32Array.from(biases.keys());
      config.tokenBiasValues = Float32Array.from(biases.values());
    }
    const state = this.constraint?.state;
    if (state) return { ...config, grammarEvaluationState: state };
    return this.constant ? this.samplers.constant(config) : config;
  }

  private biases(): Map<number, number> {
    const { logitBias, frequencyPenalty, presencePenalty } = this.sampling;
    const biases = new Map(Object.entries(logitBias).map(([token, bias]) => [Number(token), bias]));
    if (frequencyPenalty === 0 && presencePenalty === 0) return biases;
    for (const [token, count] of this.counts) {
      biases.set(token, (biases.get(token) ?? 0) - frequencyPenalty * count - presencePenalty);
    }
    return biases;
  }
}

const GREEDY: SamplerConfig = {};

/** Reads log probabilities off the raw logits: before temperature, penalties, bias, filters and grammar. */
export class LogprobReader {
  constructor(
    private readonly samplers: SharedSamplers,
    private readonly vocabulary: Vocabulary,
  ) {}

  async read(context: NativeContext, logits: number, token: number, top: number): Promise<TokenLogprobs> {
    const wanted: [number[], false, false, false, number] = [[token], false, false, false, Math.max(top, 1)];
    const [, , , pairs, sum] = await this.samplers.use(GREEDY, (sampler) =>
      context.sampleToken(logits, sampler, false, false, wanted, true),
    );
    // The highest come first, then the token that was asked for.
    const highest = pairs[1] ?? 0;
    const entry = (index: number) => {
      const bytes = this.vocabulary.bytes(pairs[2 * index] ?? 0);
      return {
        token: new TextDecoder().decode(bytes),
        logprob: (pairs[2 * index + 1] ?? 0) - highest - Math.log(sum),
        bytes: [...bytes],
      };
    };
    const count = pairs.length / 2 - 1;
    return { ...entry(count), top: Array.from({ length: Math.min(top, count) }, (_, index) => entry(index)) };
  }
}

/** 32 well-mixed bits of a seed and a position. */
export function seedAt(seed: number, position: number): number {
  let hash = (seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32) | 0, 0x9e3779b1);
  hash = Math.imul(hash ^ (position + 0x7f4a7c15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
  return (hash ^ (hash >>> 16)) >>> 0;
}
