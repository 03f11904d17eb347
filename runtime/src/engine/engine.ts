import type { GenerationEvent, GenerationRequest } from './generation.js';

/** What an engine can do for one model, as `/v1/models` and the router see it. */
export interface ModelDescription {
  /** The name that requests use. */
  readonly id: string;
  /** Seconds since 1970 at which the model was loaded. */
  readonly created: number;
  /** Tokens that one sequence holds, prompt and completion together. */
  readonly contextSize: number;
  readonly capabilities: {
    readonly chat: boolean;
    readonly completion: boolean;
    readonly embeddings: boolean;
  };
  /**
   * How another node takes a stream over: from exact token ids, or from text that it tokenizes again, which may
   * change what follows.
   */
  readonly resumesBy: 'tokens' | 'text';
}

/** How busy an engine is: what routers, autoscalers and `/metrics` read. */
export interface EngineLoad {
  readonly queued: number;
  readonly running: number;
  /** Sequences that can run at once. */
  readonly sequences: number;
  /** 0–1. */
  readonly kvUsage: number;
}

export type EngineState =
  | { readonly phase: 'starting'; readonly progress: number }
  | { readonly phase: 'ready' }
  /** It stopped and will be started again, with its streams. */
  | { readonly phase: 'restarting'; readonly reason: string; readonly attempt: number }
  /** It gave up; `reason` says why and what to do. */
  | { readonly phase: 'failed'; readonly reason: string };

export interface EmbeddingResult {
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: number;
}

/** One model, served. Implemented by the embedded llama.cpp and by the servers beside it. */
export interface Engine {
  readonly state: EngineState;
  /** Known once `state` has been `ready`. */
  readonly description: ModelDescription | undefined;
  readonly load: EngineLoad;
  /** Loads the model. Rejects with an {@link EngineError} that names the file and the mend. */
  start(): Promise<void>;
  /**
   * Generates one sequence. Ends after `finished`; throws an {@link EngineError}. Aborting frees the sequence within
   * one step. If the engine itself crashes, it restarts and the events go on, without gap or repetition.
   */
  generate(request: GenerationRequest, signal: AbortSignal): AsyncIterable<GenerationEvent>;
  embed(inputs: readonly EmbeddingInput[], signal: AbortSignal): Promise<EmbeddingResult>;
  /** Calls back whenever `state` changes. */
  onState(listener: (state: EngineState) => void): void;
  stop(): Promise<void>;
}

export type EmbeddingInput = string | readonly number[];
