import type { EmbeddingInput, EmbeddingResult, ModelDescription } from '../engine.js';
import type { FinishReason, GenerationRequest, TokenLogprobs, ToolCallDelta } from '../generation.js';
import type { ToolFormat } from '../tools/tool-format.js';

/** The server can't be reached, is loading, or broke off: another attempt may succeed. */
export class UpstreamAway extends Error {
  override readonly name = 'UpstreamAway';
}

/** What a server that has loaded its model says of itself. */
export interface UpstreamFacts {
  /** Tokens that one sequence holds. */
  readonly contextSize?: number;
  readonly capabilities: ModelDescription['capabilities'];
  /** How the model writes the calls of tools; only needed where the server does not take them out itself. */
  readonly toolFormat?: ToolFormat;
}

/** A prompt as the server counts it. */
export interface PreparedPrompt {
  readonly promptTokens: number;
  /** Its tokens, where the server takes them. */
  readonly tokens?: readonly number[];
}

/** What is already there of an answer. */
export interface Progress {
  readonly tokens: readonly number[];
  /** What the tokens say, as far as it was emitted; for servers that don't know tokens. */
  readonly text: string;
}

export interface GenerationLimits {
  /** Tokens to generate from here on. */
  readonly maxTokens: number;
  /** Of this request: where the draws go on. */
  readonly seed: number;
}

/** Some more of an answer. */
export interface UpstreamChunk {
  readonly tokens: readonly number[];
  readonly text: string;
  readonly logprobs?: readonly TokenLogprobs[];
  /** Calls that the server took out of the text itself. */
  readonly toolCalls?: readonly ToolCallDelta[];
  /** In the last chunk. */
  readonly finish?: {
    readonly reason: FinishReason;
    /** Of this request, the end token included. */
    readonly completionTokens?: number;
    readonly cachedTokens?: number;
  };
}

/** A kind of server that runs beside the node: how it is spoken to. Methods throw {@link UpstreamAway} or `EngineError`. */
export interface UpstreamServer {
  readonly resumesBy: ModelDescription['resumesBy'];
  /** Gives the server its model, where it does not load it by itself. */
  provide?(signal: AbortSignal): Promise<void>;
  /** What the server can do, once its model is loaded. */
  inspect(signal: AbortSignal): Promise<UpstreamFacts>;
  /** Refuses what the server can't honour, by name. */
  check?(request: GenerationRequest): void;
  prepare(request: GenerationRequest, facts: UpstreamFacts, signal: AbortSignal): Promise<PreparedPrompt>;
  /** Starts to generate; resolves once the server has taken the request. */
  open(
    request: GenerationRequest,
    prepared: PreparedPrompt,
    progress: Progress,
    limits: GenerationLimits,
    facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<AsyncIterable<UpstreamChunk>>;
  /** The text of tokens, where the server knows tokens. */
  detokenize?(tokens: readonly number[], signal: AbortSignal): Promise<string>;
  /** How many tokens the beginning of an answer has, where the server tells no tokens. */
  count?(
    request: GenerationRequest,
    prepared: PreparedPrompt,
    text: string,
    signal: AbortSignal,
  ): Promise<number>;
  embed(inputs: readonly EmbeddingInput[], signal: AbortSignal): Promise<EmbeddingResult>;
  /** Throws if the server does not answer. */
  ping(signal: AbortSignal): Promise<unknown>;
  /** Share of the KV cache in use, 0–1; `undefined` where the server does not say. */
  kvUsage(signal: AbortSignal): Promise<number | undefined>;
  close(): Promise<void>;
}
