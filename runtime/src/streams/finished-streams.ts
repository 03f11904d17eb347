import type { JournalEntry, StreamHeader } from './journal.js';

export interface FinishedStreamsOptions {
  /** Streams at most; the oldest are dropped. */
  readonly maxStreams: number;
  /** Bytes of all streams at most; the oldest are dropped. */
  readonly maxBytes: number;
}

interface FinishedStream {
  readonly header: StreamHeader;
  readonly entries: readonly JournalEntry[];
}

interface Kept {
  /** JSON, outside JavaScript's heap: a tenth of what the objects take. */
  readonly bytes: Buffer;
  readonly timer: NodeJS.Timeout;
}

/** Node's timers know no more. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Keeps streams that have ended, as small as they go, for those who come back. */
export class FinishedStreams {
  /** The oldest first. */
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;

  constructor(
    private readonly options: () => FinishedStreamsOptions,
    private readonly onExpired: (id: string) => void,
  ) {}

  add(stream: FinishedStream, seconds: number): void {
    const { id } = stream.header;
    const bytes = Buffer.from(JSON.stringify(stream));
    const milliseconds = Math.min(seconds * 1000, LONGEST_TIMEOUT);
    const timer = setTimeout(() => this.expire(id), milliseconds).unref();
    this.kept.set(id, { bytes, timer });
    this.bytes += bytes.length;
    const { maxStreams, maxBytes } = this.options();
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= maxStreams && this.bytes <= maxBytes) return;
      this.expire(oldest);
    }
  }

  has(id: string): boolean {
    return this.kept.has(id);
  }

  get(id: string): FinishedStream | undefined {
    const kept = this.kept.get(id);
    return kept && JSON.parse(kept.bytes.toString());
  }

  /** `false` if it was not there. */
  delete(id: string): boolean {
    const kept = this.kept.get(id);
    if (!kept) return false;
    clearTimeout(kept.timer);
    this.bytes -= kept.bytes.length;
    return this.kept.delete(id);
  }

  close(): void {
    for (const { timer } of this.kept.values()) clearTimeout(timer);
  }

  private expire(id: string): void {
    if (this.delete(id)) this.onExpired(id);
  }
}
