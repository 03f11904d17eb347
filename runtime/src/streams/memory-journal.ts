import { FinishedStreams } from './finished-streams.js';
import {
  type JournalEntry,
  StreamCancelled,
  StreamFenced,
  StreamGone,
  type StreamHeader,
  type StreamJournal,
  StreamTooLarge,
  type StreamWriter,
} from './journal.js';

export interface MemoryJournalOptions {
  /** How long a finished stream can be read. */
  readonly retentionSeconds: number;
  /** How long a stream goes on without any reader. */
  readonly abandonedSeconds: number;
  /** Finished streams are dropped, oldest first, beyond this many. */
  readonly maxStreams: number;
  /** Finished streams are dropped, oldest first, beyond so many bytes of all. */
  readonly retainedBytes: number;
  /** Bytes of a stream's entries at most. */
  readonly maxBytes: number;
}

interface Stream {
  readonly header: StreamHeader;
  readonly entries: JournalEntry[];
  readonly wake: Set<() => void>;
  readonly stop: AbortController;
  bytes: number;
  ended: boolean;
  readers: number;
  timer: NodeJS.Timeout | undefined;
}

/** Expired ids that are remembered, to answer 410 rather than 404. */
const REMEMBERED = 10_000;

/** Streams of one process: they survive a client's absence, not the process. */
export class MemoryJournal implements StreamJournal {
  /** That run, or whose only reader has yet to delete them. */
  private readonly streams = new Map<string, Stream>();
  private readonly finished: FinishedStreams;
  private readonly expired = new Set<string>();

  constructor(private readonly options: () => MemoryJournalOptions) {
    const limits = () => ({ maxStreams: options().maxStreams, maxBytes: options().retainedBytes });
    this.finished = new FinishedStreams(limits, (id) => this.remember(id));
  }

  async create(header: StreamHeader): Promise<StreamWriter | undefined> {
    if (this.streams.has(header.id) || this.finished.has(header.id)) return undefined;
    const stream: Stream = {
      header,
      entries: [],
      wake: new Set(),
      stop: new AbortController(),
      bytes: 0,
      ended: false,
      readers: 0,
      timer: undefined,
    };
    this.streams.set(header.id, stream);
    this.abandonLater(stream);
    return this.writer(stream);
  }

  async header(id: string): Promise<StreamHeader> {
    return (this.finished.get(id) ?? this.find(id)).header;
  }

  /** Has it, or had it. */
  has(id: string): boolean {
    return this.streams.has(id) || this.finished.has(id) || this.expired.has(id);
  }

  isDurable(): boolean {
    return false;
  }

  async hasEnded(id: string): Promise<boolean> {
    return this.finished.has(id) || this.find(id).ended;
  }

  async entries(id: string): Promise<readonly JournalEntry[]> {
    return [...(this.finished.get(id) ?? this.find(id)).entries];
  }

  async *read(id: string, signal: AbortSignal): AsyncGenerator<readonly JournalEntry[]> {
    const finished = this.finished.get(id);
    if (finished) {
      yield finished.entries;
      return;
    }
    const stream = this.find(id);
    stream.readers++;
    clearTimeout(stream.timer);
    let wake: (() => void) | undefined;
    const notify = () => wake?.();
    stream.wake.add(notify);
    signal.addEventListener('abort', notify);
    try {
      let next = 0;
      while (!signal.aborted) {
        if (next < stream.entries.length) {
          const batch = stream.entries.slice(next);
          next += batch.length;
          yield batch;
        } else if (stream.ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stream.wake.delete(notify);
      signal.removeEventListener('abort', notify);
      stream.readers--;
      if (stream.readers === 0 && !stream.ended) this.abandonLater(stream);
    }
  }

  async cancel(id: string): Promise<void> {
    if (!this.finished.has(id)) cancel(this.find(id));
  }

  async delete(id: string): Promise<void> {
    if (this.finished.delete(id)) return;
    const stream = this.find(id);
    cancel(stream);
    clearTimeout(stream.timer);
    this.streams.delete(id);
  }

  /** Nobody else could have written it. */
  async takeOver(): Promise<undefined> {
    return undefined;
  }

  onOrphans(): void {}

  async close(): Promise<void> {
    for (const stream of this.streams.values()) clearTimeout(stream.timer);
    this.finished.close();
  }

  private writer(stream: Stream): StreamWriter {
    const { id } = stream.header;
    return {
      epoch: 1,
      stop: stream.stop.signal,
      append: (entries) => {
        if (stream.ended) throw new StreamFenced(id);
        const ends = entries.at(-1)?.type === 'end';
        stream.bytes += entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
        const { maxBytes } = this.options();
        if (stream.bytes > maxBytes && !ends)
          throw new StreamTooLarge(`A stream holds ${maxBytes} bytes at most.`);
        stream.entries.push(...entries);
        if (ends) this.end(stream);
        for (const wake of stream.wake) wake();
      },
      written: async () => {},
      release: async () => false,
    };
  }

  private find(id: string): Stream {
    const stream = this.streams.get(id);
    if (!stream) throw new StreamGone(id, this.expired.has(id));
    return stream;
  }

  private end(stream: Stream): void {
    const { header, entries, timer } = stream;
    stream.ended = true;
    clearTimeout(timer);
    // One that was deleted while it ran does not come back.
    if (header.unshared || this.streams.get(header.id) !== stream) return;
    this.streams.delete(header.id);
    this.finished.add({ header, entries }, header.retentionSeconds ?? this.options().retentionSeconds);
  }

  private abandonLater(stream: Stream): void {
    if (stream.header.background) return;
    clearTimeout(stream.timer);
    stream.timer = setTimeout(() => cancel(stream), this.options().abandonedSeconds * 1000).unref();
  }

  private remember(id: string): void {
    this.expired.add(id);
    const [oldest] = this.expired;
    if (this.expired.size > REMEMBERED && oldest !== undefined) this.expired.delete(oldest);
  }
}

function cancel({ header, stop }: Stream): void {
  stop.abort(new StreamCancelled(`The stream ${header.id} was cancelled.`));
}
