import {
  type JournalEntry,
  StreamCancelled,
  StreamFenced,
  type StreamHeader,
  StreamTooLarge,
  type StreamWriter,
} from '../journal.js';

export interface RedisStreamOptions {
  readonly header: StreamHeader;
  readonly epoch: number;
  /** What the journal holds already, at a takeover. */
  readonly entries: readonly JournalEntry[];
  readonly maxBytes: number;
  /** There is something to write. */
  onAppend(stream: RedisStream): void;
  release(stream: RedisStream, handedOver: boolean): Promise<boolean>;
}

/** Entries that go into Redis, and to a reader, at a time. */
const BATCH = 256;

/** A stream that this node writes: its entries, how many of them are in Redis, and who reads them here. */
export class RedisStream implements StreamWriter {
  readonly header: StreamHeader;
  readonly epoch: number;
  readonly stop: AbortSignal;
  readonly lastRead = { at: Date.now(), readers: 0 };

  private entries: JournalEntry[];
  private encoded: string[] = [];
  /** Entries that are in Redis, and those that readers may see: more, once Redis has been away for too long. */
  private stored: number;
  private shown: number;
  private bytes: number;
  private closed = false;
  private readonly abort = new AbortController();
  private readonly wake = new Set<() => void>();

  constructor(private readonly options: RedisStreamOptions) {
    this.header = options.header;
    this.epoch = options.epoch;
    this.stop = this.abort.signal;
    this.entries = [...options.entries];
    this.stored = this.shown = this.entries.length;
    this.bytes = this.entries.reduce((sum, entry) => sum + encode(entry).length, 0);
  }

  get id(): string {
    return this.header.id;
  }

  get ended(): boolean {
    return this.entries.at(-1)?.type === 'end';
  }

  /** Nothing of it is to be written, or no longer by this node. */
  get isWritten(): boolean {
    return this.closed || this.stored === this.entries.length;
  }

  /** Readers see more than Redis has. */
  get detached(): boolean {
    return this.shown > this.stored;
  }

  append(entries: readonly JournalEntry[]): void {
    if (this.closed || this.ended) throw new StreamFenced(this.id);
    const encoded = entries.map(encode);
    const bytes = encoded.reduce((sum, text) => sum + text.length, this.bytes);
    if (bytes > this.options.maxBytes && entries.at(-1)?.type !== 'end') {
      throw new StreamTooLarge(`A stream holds ${this.options.maxBytes} bytes at most.`);
    }
    this.bytes = bytes;
    this.entries.push(...entries);
    this.encoded.push(...encoded);
    this.options.onAppend(this);
  }

  async written(): Promise<void> {
    while (!this.isWritten) await this.news();
  }

  release(handedOver: boolean): Promise<boolean> {
    return this.options.release(this, handedOver);
  }

  cancel(): void {
    this.abort.abort(new StreamCancelled(`The stream ${this.id} was cancelled.`));
  }

  /** What is to be written next. A finish goes with the token before it: none may be generated twice. */
  unwritten(): { from: number; encoded: readonly string[]; ends: boolean } {
    let count = Math.min(BATCH, this.encoded.length);
    while (count < this.encoded.length && !isDelta(this.entries[this.stored + count])) count++;
    const ends = this.entries[this.stored + count - 1]?.type === 'end';
    return { from: this.stored, encoded: this.encoded.slice(0, count), ends };
  }

  /** Redis holds so many entries: fewer than before if it has lost some. */
  acknowledge(stored: number): void {
    this.encoded =
      stored < this.stored
        ? this.entries.slice(stored).map(encode)
        : this.encoded.slice(stored - this.stored);
    this.stored = stored;
    this.show(stored);
  }

  /** Lets readers see what is not in Redis. */
  detach(): void {
    this.show(this.entries.length);
  }

  /** This node does not write the stream any more; readers go on with what Redis has. */
  close(reason?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.entries = [];
    this.encoded = [];
    if (reason) this.abort.abort(reason);
    this.notify();
  }

  snapshot(): readonly JournalEntry[] {
    return this.entries.slice(0, this.shown);
  }

  /** Entries from number `next` on as they may be seen, until the stream ends or is closed. */
  async *read(next: number, signal: AbortSignal): AsyncGenerator<readonly JournalEntry[]> {
    const notify = () => this.notify();
    signal.addEventListener('abort', notify);
    this.lastRead.readers++;
    try {
      while (!this.closed && !signal.aborted) {
        const batch = this.entries.slice(next, Math.min(this.shown, next + BATCH));
        if (batch.length > 0) {
          next += batch.length;
          yield batch;
          if (batch.at(-1)?.type === 'end') return;
        } else {
          await this.news();
        }
      }
    } finally {
      signal.removeEventListener('abort', notify);
      this.lastRead.readers--;
      this.lastRead.at = Date.now();
    }
  }

  private show(count: number): void {
    this.shown = Math.max(this.shown, count);
    this.notify();
  }

  private notify(): void {
    const waiting = [...this.wake];
    this.wake.clear();
    for (const wake of waiting) wake();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake.add(resolve);
    });
  }
}

function encode(entry: JournalEntry): string {
  return JSON.stringify(entry);
}

function isDelta(entry: JournalEntry | undefined): boolean {
  return entry?.type === 'event' && entry.event.type === 'delta';
}
