import {
  type JournalEntry,
  StreamFenced,
  StreamGone,
  type StreamHeader,
  type StreamJournal,
  type StreamWriter,
} from './journal.js';

export interface MemoryJournalOptions {
  /** How long a finished stream can be read. */
  readonly retentionSeconds: number;
  /** How long a stream goes on without any reader. */
  readonly abandonedSeconds: number;
  /** Finished streams are dropped, oldest first, beyond this many. */
  readonly maxStreams: number;
}

interface Stream {
  readonly header: StreamHeader;
  readonly entries: JournalEntry[];
  readonly wake: Set<() => void>;
  cancel: AbortController;
  epoch: number;
  ended: boolean;
  readers: number;
  timer: NodeJS.Timeout | undefined;
}

/** Expired ids that are remembered, to answer 410 rather than 404. */
const REMEMBERED = 10_000;

/** Streams of one process: they survive a client's absence, not the process. */
export class MemoryJournal implements StreamJournal {
  readonly durable = false;
  private readonly streams = new Map<string, Stream>();
  private readonly expired = new Set<string>();

  constructor(private readonly options: () => MemoryJournalOptions) {}

  async create(header: StreamHeader): Promise<StreamWriter> {
    const stream: Stream = {
      header,
      entries: [],
      wake: new Set(),
      cancel: new AbortController(),
      epoch: 1,
      ended: false,
      readers: 0,
      timer: undefined,
    };
    this.streams.set(header.id, stream);
    this.abandonLater(stream);
    this.dropOldest();
    return this.writer(stream);
  }

  async header(id: string): Promise<StreamHeader> {
    return this.find(id).header;
  }

  async *read(id: string, signal: AbortSignal): AsyncGenerator<readonly JournalEntry[]> {
    const stream = this.find(id);
    stream.readers++;
    if (!stream.ended) clearTimeout(stream.timer);
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
    this.find(id).cancel.abort();
  }

  async delete(id: string): Promise<void> {
    const stream = this.find(id);
    stream.cancel.abort();
    this.expire(stream);
  }

  async takeOver(id: string): Promise<{ writer: StreamWriter; entries: readonly JournalEntry[] }> {
    const stream = this.find(id);
    stream.epoch++;
    stream.cancel = new AbortController();
    return { writer: this.writer(stream), entries: [...stream.entries] };
  }

  async close(): Promise<void> {
    for (const stream of this.streams.values()) clearTimeout(stream.timer);
  }

  private writer(stream: Stream): StreamWriter {
    const { epoch } = stream;
    return {
      epoch,
      cancelled: stream.cancel.signal,
      append: async (entries) => {
        if (stream.epoch !== epoch)
          throw new StreamFenced(`Another writer has the stream ${stream.header.id}.`);
        if (stream.ended) throw new StreamFenced(`The stream ${stream.header.id} has ended.`);
        stream.entries.push(...entries);
        if (entries.at(-1)?.type === 'end') this.end(stream);
        for (const wake of stream.wake) wake();
      },
    };
  }

  private find(id: string): Stream {
    const stream = this.streams.get(id);
    if (!stream) throw new StreamGone(id, this.expired.has(id));
    return stream;
  }

  private end(stream: Stream): void {
    stream.ended = true;
    clearTimeout(stream.timer);
    stream.timer = setTimeout(() => this.expire(stream), this.options().retentionSeconds * 1000).unref();
  }

  private abandonLater(stream: Stream): void {
    clearTimeout(stream.timer);
    stream.timer = setTimeout(() => stream.cancel.abort(), this.options().abandonedSeconds * 1000).unref();
  }

  private dropOldest(): void {
    if (this.streams.size <= this.options().maxStreams) return;
    for (const stream of this.streams.values()) {
      if (!stream.ended || stream.readers > 0) continue;
      this.expire(stream);
      return;
    }
  }

  private expire(stream: Stream): void {
    const { id } = stream.header;
    clearTimeout(stream.timer);
    this.streams.delete(id);
    this.expired.add(id);
    const [oldest] = this.expired;
    if (this.expired.size > REMEMBERED && oldest !== undefined) this.expired.delete(oldest);
  }
}
