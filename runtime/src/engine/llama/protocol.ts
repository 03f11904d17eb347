import type { EngineErrorCode } from '../engine-error.js';
import type { FinishReason, Sampling, TokenLogprobs } from '../generation.js';

/** What the engine child is started with. */
export interface ChildOptions {
  readonly path: string;
  /** Tokens a sequence; 0 takes what the model was trained for. */
  readonly contextSize: number;
  readonly sequences: number;
  readonly threads: number;
  /** Tokens prefilled a step at most, in chunks that start at multiples of it. */
  readonly prefillChunk: number;
  readonly gpuLayers: number;
  /** Each sequence is decoded by itself: what it says does not depend on who else runs. */
  readonly reproducible: boolean;
  /** Tokens a second and sequence at most; 0 is as fast as it goes. */
  readonly tokensPerSecond: number;
}

/** One generation, after chat template and grammar. */
export interface ChildGeneration {
  readonly id: number;
  readonly prompt: { readonly text: string } | { readonly tokens: readonly number[] };
  readonly maxTokens?: number;
  readonly sampling: Sampling;
  readonly stop: readonly string[];
  readonly logprobs?: number;
  /** GBNF. */
  readonly grammar?: string;
  /** The grammar applies once the text holds this, from right after it. Without it: from the start. */
  readonly grammarTrigger?: string;
  /** Control tokens whose names count as text, since they start a tool call. */
  readonly visible?: readonly string[];
  readonly resume: readonly number[];
}

export type ToChild =
  | { readonly type: 'generate'; readonly generation: ChildGeneration }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'embed'; readonly id: number; readonly inputs: readonly (string | readonly number[])[] }
  | { readonly type: 'stop' };

export interface ReadyMessage {
  readonly type: 'ready';
  readonly contextSize: number;
  readonly sequences: number;
  readonly chatTemplate?: string;
  readonly bosToken: string;
  readonly eosToken: string;
  readonly generates: boolean;
  readonly embeds: boolean;
}

/** What happened to one generation in one step. */
export interface StepEvent {
  readonly id: number;
  readonly tokens: number[];
  readonly text: string;
  readonly logprobs?: TokenLogprobs[];
  readonly finish?: FinishReason;
  /** With `finish`: generated tokens in all. */
  readonly completionTokens?: number;
  readonly cachedTokens?: number;
}

export type FromChild =
  | { readonly type: 'progress'; readonly progress: number }
  | ReadyMessage
  | { readonly type: 'failed'; readonly code: EngineErrorCode; readonly message: string }
  /** Accepted; `resumedText` is what the resumed tokens' events held. */
  | {
      readonly type: 'started';
      readonly id: number;
      readonly promptTokens: number;
      readonly resumedText: string;
    }
  /** All that one step produced, in one message. */
  | { readonly type: 'step'; readonly events: readonly StepEvent[]; readonly kvUsage: number }
  | {
      readonly type: 'embedded';
      readonly id: number;
      readonly vectors: readonly Float32Array[];
      readonly promptTokens: number;
    }
  /** Not accepted, or broken off. */
  | {
      readonly type: 'refused';
      readonly id: number;
      readonly code: EngineErrorCode;
      readonly message: string;
      readonly param?: string;
    };
