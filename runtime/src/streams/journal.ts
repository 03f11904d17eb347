import type { GenerationEvent, GenerationRequest } from '../engine/generation.js';

/** What was asked: enough for any node to render the stream again, or to go on with it. */
export interface StreamHeader {
  /** The API's id of the answer, such as `chatcmpl-…`. */
  readonly id: string;
  readonly kind: StreamKind;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** One a choice. */
  readonly requests: readonly GenerationRequest[];
  /** What the API needs to render the events once more, as plain data. */
  readonly rendering: Readonly<Record<string, unknown>>;
}

export type StreamKind = 'chat.completion' | 'text_completion' | 'response';

export type JournalEntry =
  | { readonly type: 'event'; readonly choice: number; readonly event: GenerationEvent }
  /** Last entry. */
  | { readonly type: 'end'; readonly outcome: StreamOutcome };

export type StreamOutcome =
  | { readonly status: 'completed' }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly code: string; readonly message: string };

/**
 * Holds what streams have produced, so that a client can come back, and another node can go on. An entry is readable,
 * here or elsewhere, only once it is written: nothing that a client has seen can be lost.
 */
export interface StreamJournal {
  /** Entries outlive this process. */
  readonly durable: boolean;
  create(header: StreamHeader): Promise<StreamWriter>;
  /** Throws {@link StreamGone}. */
  header(id: string): Promise<StreamHeader>;
  /** All entries from the first on, in batches as they come, until the end. Throws {@link StreamGone}. */
  read(id: string, signal: AbortSignal): AsyncIterable<readonly JournalEntry[]>;
  /** Asks the writer, wherever it is, to stop. */
  cancel(id: string): Promise<void>;
  delete(id: string): Promise<void>;
  /** Becomes the stream's writer with a higher epoch: from now on the earlier one's appends are refused. */
  takeOver(id: string): Promise<{ readonly writer: StreamWriter; readonly entries: readonly JournalEntry[] }>;
  close(): Promise<void>;
}

export interface StreamWriter {
  readonly epoch: number;
  /** Aborted by {@link StreamJournal.cancel}, or when no reader has been there for too long. */
  readonly cancelled: AbortSignal;
  /** Throws {@link StreamFenced} if another node has taken the stream over. */
  append(entries: readonly JournalEntry[]): Promise<void>;
}

/** There is no such stream (404), or its time is over (410). */
export class StreamGone extends Error {
  override readonly name = 'StreamGone';

  constructor(
    readonly id: string,
    readonly expired: boolean,
  ) {
    super(expired ? `The stream ${id} has expired.` : `There is no stream ${id}.`);
  }
}

/** Another node writes this stream now. */
export class StreamFenced extends Error {
  override readonly name = 'StreamFenced';
}
