import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisClient, reconnectIfHung } from '../../redis/connection.js';
import { type JournalEntry, StreamGone, StreamInterrupted } from '../journal.js';
import { type Lane, numberOf } from './lane.js';

export const BLOCK_MILLISECONDS = 5_000;
const RETRY_MILLISECONDS = 100;
/** Entries that wait for a reader; a slower one reads them from Redis again. */
const BUFFERED = 512;
const PER_READ = 256;

export interface RemoteReaderOptions {
  readonly lane: Lane;
  /** Key, in the lane, of a Redis Stream that wakes this reader. */
  readonly wakeKey: string;
  readonly client: RedisClient;
  /** Opens the connection that blocks; only once somebody reads. */
  openBlocking(): RedisClient;
  /** Seconds for which Redis has been away. */
  outageSeconds(): number;
  maxOutageSeconds(): number;
  /** What Redis has lost, others may still have to write again. */
  isJustBack(): boolean;
}

interface Subscription {
  next: number;
  buffer: JournalEntry[];
  /** The buffer was full, or nothing came for a while: read again. */
  stale: boolean;
  wake(): void;
}

/**
 * Reads streams that other nodes write. All that wait share one blocking connection; who is behind, or too slow for
 * its buffer, reads pages at its own pace.
 */
export class RemoteReader {
  private readonly subscriptions = new Map<string, Set<Subscription>>();
  private readonly readers = new Map<string, number>();
  private blocking: RedisClient | undefined;
  private looping = false;
  private waking = false;
  private lastWake = '0-0';
  private closed = false;

  constructor(private readonly options: RemoteReaderOptions) {}

  /** Streams that somebody reads, however far behind. */
  get ids(): readonly string[] {
    return [...this.readers.keys()];
  }

  /** Entries from number `next` on, until the end. */
  async *read(id: string, next: number, signal: AbortSignal): AsyncGenerator<readonly JournalEntry[]> {
    this.readers.set(id, (this.readers.get(id) ?? 0) + 1);
    try {
      while (!signal.aborted && !this.closed) {
        const page = await this.page(id, next);
        if (page === undefined) {
          await sleep(RETRY_MILLISECONDS);
          continue;
        }
        next += page.length;
        if (page.length > 0) yield page;
        else {
          for await (const batch of this.follow(id, next, signal)) {
            next += batch.length;
            yield batch;
          }
        }
      }
    } finally {
      const others = (this.readers.get(id) ?? 1) - 1;
      if (others > 0) this.readers.set(id, others);
      else this.readers.delete(id);
    }
  }

  close(): void {
    this.closed = true;
    for (const each of this.all()) each.wake();
  }

  /** `undefined` while Redis is away, or may not have the stream again yet. */
  private async page(id: string, next: number): Promise<JournalEntry[] | undefined> {
    const { lane, outageSeconds, maxOutageSeconds, isJustBack } = this.options;
    try {
      return await lane.page(id, next);
    } catch (error) {
      if (error instanceof StreamGone && !error.expired && isJustBack()) return undefined;
      if (error instanceof Error && error.name.startsWith('Stream')) throw error;
      if (outageSeconds() < maxOutageSeconds()) return undefined;
      throw new StreamInterrupted('The journal is away: try again later.');
    }
  }

  private async *follow(
    id: string,
    next: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JournalEntry[]> {
    let wake: (() => void) | undefined;
    const subscription: Subscription = { next, buffer: [], stale: false, wake: () => wake?.() };
    const notify = () => subscription.wake();
    signal.addEventListener('abort', notify);
    const of = this.subscriptions.get(id) ?? new Set();
    this.subscriptions.set(id, of.add(subscription));
    this.watch();
    try {
      while (!signal.aborted && !this.closed) {
        const { buffer } = subscription;
        subscription.buffer = [];
        if (buffer.length > 0) yield buffer;
        else if (subscription.stale) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', notify);
      of.delete(subscription);
      if (of.size === 0) this.subscriptions.delete(id);
    }
  }

  /** Makes sure that the loop runs, and knows of a new subscription. */
  private watch(): void {
    if (!this.looping) {
      this.looping = true;
      void this.loop();
    } else if (!this.waking) {
      this.waking = true;
      // If Redis is away the loop looks again anyway.
      void this.options.client.xadd(this.options.wakeKey, 'MAXLEN', 1, '*', 'w', '').catch(() => undefined);
      void this.options.client.pexpire(this.options.wakeKey, BLOCK_MILLISECONDS * 10).catch(() => undefined);
    }
  }

  private async loop(): Promise<void> {
    this.blocking ??= this.options.openBlocking();
    while (this.subscriptions.size > 0 && !this.closed) {
      this.waking = false;
      const waiting = this.waiting();
      const ids = [...waiting.keys()];
      const keys = ids.map((id) => this.options.lane.entriesKey(id));
      try {
        const news = await this.blocking.xread(
          'COUNT',
          PER_READ,
          'BLOCK',
          BLOCK_MILLISECONDS,
          'STREAMS',
          this.options.wakeKey,
          ...keys,
          this.lastWake,
          ...[...waiting.values()].map((next) => `${next}-0`),
        );
        if (news === null) this.makeStale();
        for (const [key, rows] of news ?? []) {
          if (key === this.options.wakeKey) this.lastWake = rows.at(-1)?.[0] ?? this.lastWake;
          else this.deliver(ids[keys.indexOf(key)] ?? '', rows);
        }
      } catch (error) {
        this.makeStale();
        reconnectIfHung(this.blocking, error);
        await sleep(RETRY_MILLISECONDS);
      }
    }
    this.looping = false;
  }

  /** The entry that the first of each stream's readers waits for. */
  private waiting(): Map<string, number> {
    const waiting = new Map<string, number>();
    for (const [id, subscriptions] of this.subscriptions) {
      const next = [...subscriptions].filter(({ stale }) => !stale).map((each) => each.next);
      if (next.length > 0) waiting.set(id, Math.min(...next));
    }
    return waiting;
  }

  private deliver(id: string, rows: readonly [id: string, fields: string[]][]): void {
    const entries: JournalEntry[] = rows.map(([, fields]) => JSON.parse(fields[1] ?? 'null'));
    const first = numberOf(rows[0]?.[0]);
    for (const subscription of this.subscriptions.get(id) ?? []) {
      if (subscription.stale || subscription.next < first) {
        subscription.stale = true;
      } else if (subscription.buffer.length + entries.length > BUFFERED) {
        subscription.stale = true;
      } else {
        const news = entries.slice(subscription.next - first);
        subscription.buffer.push(...news);
        subscription.next += news.length;
      }
      subscription.wake();
    }
  }

  /** Nothing came: each reader looks for itself whether its stream is there at all. */
  private makeStale(): void {
    for (const each of this.all()) {
      each.stale = true;
      each.wake();
    }
  }

  private all(): Subscription[] {
    return [...this.subscriptions.values()].flatMap((each) => [...each]);
  }
}

export function wakeKeyOf(tag: string): string {
  return `polypod:{${tag}}:wake:${randomUUID()}`;
}
