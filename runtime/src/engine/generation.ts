/**
 * A generation, as the API asks for it and an engine answers. Everything here is plain data: it is journaled with its
 * stream and sent between nodes, so that another engine can go on where one stopped.
 */

/** One message of a chat, with text content; other kinds of content are refused before. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly name?: string;
  readonly toolCalls?: readonly ToolCall[];
  /** Which call a `tool` message answers. */
  readonly toolCallId?: string;
}

interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: JsonSchema;
  /** Arguments follow the schema exactly. */
  readonly strict?: boolean;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

export type Prompt =
  | {
      readonly kind: 'chat';
      readonly messages: readonly ChatMessage[];
      readonly tools: readonly ToolDefinition[];
      readonly toolChoice: ToolChoice;
      readonly parallelToolCalls: boolean;
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] };

export interface Sampling {
  /** 0 is greedy. */
  readonly temperature: number;
  readonly topP: number;
  /** 0 keeps all tokens. */
  readonly topK: number;
  readonly minP: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  /** 1 is none. Counts the prompt too, unlike the two above. */
  readonly repetitionPenalty: number;
  readonly logitBias: Readonly<Record<number, number>>;
  /** Always set, chosen at random where the client gave none: a takeover must draw as the first engine would have. */
  readonly seed: number;
}

export type OutputFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | { readonly kind: 'schema'; readonly schema: JsonSchema };

export interface GenerationRequest {
  readonly model: string;
  readonly prompt: Prompt;
  /** Tokens to generate at most; without it, until the context is full. */
  readonly maxTokens?: number;
  readonly sampling: Sampling;
  readonly stop: readonly string[];
  /** Report each token's log probability and this many alternatives. */
  readonly logprobs?: number;
  readonly format: OutputFormat;
  /** Tokens that an engine generated before it was lost; it has emitted their events, so this one must not. */
  readonly resume?: readonly number[];
  /** Their text, as far as it was emitted: for engines that resume by text. */
  readonly resumeText?: string;
}

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

export interface TokenLogprobs extends TokenLogprob {
  readonly top: readonly TokenLogprob[];
}

export interface ToolCallDelta {
  readonly index: number;
  /** Together with `name` in a call's first delta. */
  readonly id?: string;
  readonly name?: string;
  readonly arguments?: string;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export type GenerationEvent =
  /** The prompt fits, and the request has its place. First event; nothing can be refused after it. */
  | { readonly type: 'started'; readonly promptTokens: number }
  /**
   * Some tokens more; 0 stands for one whose id the engine does not tell. The text may lag behind them (part of a character, or what may become a stop string, is held
   * back), and may be empty.
   */
  | {
      readonly type: 'delta';
      readonly tokens: readonly number[];
      readonly text: string;
      readonly toolCalls?: readonly ToolCallDelta[];
      readonly logprobs?: readonly TokenLogprobs[];
    }
  /** Last event. */
  | {
      readonly type: 'finished';
      readonly reason: FinishReason;
      /** Every generated token, the resumed ones and the end token included. */
      readonly completionTokens: number;
      /** Prompt tokens that need not be computed, since a sequence still held them. */
      readonly cachedTokens: number;
    };
