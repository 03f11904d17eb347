import type { Turn } from '../conversations/turn.js';
import type { GenerationEvent, GenerationRequest } from '../engine/generation.js';

/** What was asked: enough for any node to render the stream again, or to go on with it. */
export interface StreamHeader {
  /** The API's id of the answer, such as `chatcmpl-…`. */
  readonly id: string;
  readonly kind: StreamKind;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Id of the principal that may read, cancel and delete it. */
  readonly owner?: string;
  /** One a choice. */
  readonly requests: readonly GenerationRequest[];
  /** What the API needs to render the events once more, as plain data. */
  readonly rendering: Readonly<Record<string, unknown>>;
  /** Nobody is told the id before the end, so nobody could come back: kept in this process only. */
  readonly unshared?: boolean;
  /** Goes on without any reader. */
  readonly background?: boolean;
  /** The turn of a conversation that it answers: whoever ends the stream stores it there. */
  readonly turn?: Turn;
  /** How long it can be read after its end. @default the configuration's `streams.retentionSeconds` */
  readonly retentionSeconds?: number;
}

type StreamKind = 'chat.completion' | 'text_completion' | 'response';

export type JournalEntry =
  | { readonly type: 'event'; readonly choice: number; readonly event: GenerationEvent }
  /** Last entry; `at` is in seconds since 1970. */
  | { readonly type: 'end'; readonly at: number; readonly outcome: StreamOutcome };

export type StreamOutcome =
  | { readonly status: 'completed' }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly code: string; readonly message: string };

/**
 * Holds what streams have produced, so that a client can come back, and another node can go on. An entry is readable,
 * here or elsewhere, only once it is written: nothing that a client has seen can be lost.
 */
export interface StreamJournal {
  /** `undefined` if there is a stream of this id already: whoever began it writes it. */
  create(header: StreamHeader): Promise<StreamWriter | undefined>;
  /** Throws {@link StreamGone}. */
  header(id: string): Promise<StreamHeader>;
  /** The stream outlives this process. */
  isDurable(id: string): boolean;
  /** Nothing more will come. Throws {@link StreamGone}. */
  hasEnded(id: string): Promise<boolean>;
  /** The entries so far. Throws {@link StreamGone}. */
  entries(id: string): Promise<readonly JournalEntry[]>;
  /**
   * All entries from the first on, in batches as they come, until the end. Throws {@link StreamGone}, and
   * {@link StreamInterrupted} when the reader should come back later, or elsewhere.
   */
  read(id: string, signal: AbortSignal): AsyncIterable<readonly JournalEntry[]>;
  /** Asks the writer, wherever it is, to stop. Throws {@link StreamGone}. */
  cancel(id: string): Promise<void>;
  /** Throws {@link StreamGone}. */
  delete(id: string): Promise<void>;
  /** Becomes the writer of a stream that has none; `undefined` if another node was faster, or it has ended. */
  takeOver(id: string): Promise<TakenStream | undefined>;
  /** Calls back with the streams, of this node or others, that nobody writes any more. Repeats until they are taken. */
  onOrphans(listener: (orphans: readonly Orphan[]) => void): void;
  close(): Promise<void>;
}

export interface Orphan {
  readonly id: string;
  /** Since its writer counts as lost. */
  readonly seconds: number;
}

export interface TakenStream {
  readonly header: StreamHeader;
  readonly writer: StreamWriter;
  readonly entries: readonly JournalEntry[];
  /** Takeovers in a row before this one after which not a single entry came: the stream may be what kills nodes. */
  readonly attempts: number;
}

export interface StreamWriter {
  /** Counts takeovers: of two writers the one with the higher epoch is right. */
  readonly epoch: number;
  /**
   * Aborted when the stream is to stop: with {@link StreamCancelled} as reason by {@link StreamJournal.cancel} or when
   * no reader has been there for too long, with {@link StreamFenced} when another node has taken it over.
   */
  readonly stop: AbortSignal;
  /**
   * Never waits: what one step appends is written together, in order. Throws {@link StreamFenced}, and
   * {@link StreamTooLarge}, after which only an `end` may follow.
   */
  append(entries: readonly JournalEntry[]): void;
  /** Resolves when all that was appended is written, or never will be. */
  written(): Promise<void>;
  /**
   * Gives the stream up, once all is written, so that another node takes it at once. `handedOver`: on purpose, not
   * since it failed here. `false` if nobody else can: the stream is still this writer's.
   */
  release(handedOver: boolean): Promise<boolean>;
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

  constructor(id: string) {
    super(`The stream ${id} is not this writer's any more.`);
  }
}

/** The stream was cancelled, or abandoned by its readers. */
export class StreamCancelled extends Error {
  override readonly name = 'StreamCancelled';
}

/** The stream holds as much as one may. */
export class StreamTooLarge extends Error {
  override readonly name = 'StreamTooLarge';
}

/** The stream can't be read at the moment, but is not over. */
export class StreamInterrupted extends Error {
  override readonly name = 'StreamInterrupted';
}
