import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisClient, type RedisConnections, reconnectIfHung } from '../../redis/connection.js';
import {
  type JournalEntry,
  type Orphan,
  StreamFenced,
  StreamGone,
  type StreamHeader,
  StreamInterrupted,
  type StreamJournal,
  type StreamWriter,
  type TakenStream,
} from '../journal.js';
import { MemoryJournal, type MemoryJournalOptions } from '../memory-journal.js';
import { AppendQueue } from './append-queue.js';
import { type Answer, Lane, type LeasedStream, laneOf } from './lane.js';
import { Outage } from './outage.js';
import { RedisStream } from './redis-stream.js';
import { BLOCK_MILLISECONDS, RemoteReader, wakeKeyOf } from './remote-reader.js';
import { Steadiness } from './steadiness.js';

export interface RedisJournalOptions extends MemoryJournalOptions {
  /** Bytes of a stream's entries at most. */
  readonly maxBytes: number;
  /** A node that has given no sign of life for so long counts as dead. */
  readonly leaseSeconds: number;
  /** Redis may be away so long until streams go on without it. */
  readonly outageSeconds: number;
}

export interface JournalObserver {
  /** Redis does not answer any more, or does again. */
  onOutage(away: boolean, error?: unknown): void;
  /** What a step has brought is written. */
  onWrite(seconds: number): void;
  /** A stream that should be in Redis starts in this process only. */
  onNotDurable(): void;
}

/** In a cluster, streams are spread over so many slots. */
const CLUSTER_LANES = 8;
const BEATS_PER_LEASE = 6;
/** Readers that are close behind the end get it from memory. */
const LINGER_MILLISECONDS = 2_000;
/** New streams wait so long for a Redis that has just gone: most restarts and failovers are shorter. */
const NEW_STREAM_MILLISECONDS = 2_000;
const NEW_STREAM_POLL_MILLISECONDS = 50;
const CONNECT_MILLISECONDS = 3_000;
const ORPHANS_CHANNEL = 'polypod:orphans';

interface LaneParts {
  readonly lane: Lane;
  readonly queue: AppendQueue;
  readonly reader: RemoteReader;
}

/**
 * Streams in Redis: any node shows them, and goes on with those whose node is lost.
 *
 * While Redis is away, running streams wait for it; after `outageSeconds` they go on in this process, and what they
 * brought meanwhile is written when Redis is back, even if it has lost everything. New streams wait for two seconds, and
 * then start in this process only, as all do without Redis: {@link isDurable} says so.
 */
export class RedisJournal implements StreamJournal {
  private readonly client: RedisClient;
  private readonly lanes: readonly LaneParts[];
  private readonly outage: Outage;
  /** Streams that this node writes into Redis. */
  private readonly running = new Map<string, RedisStream>();
  /** Streams that this node has taken over and still reads, which takes its time: their leases are renewed, too. */
  private readonly taking = new Map<string, LeasedStream>();
  /** Streams that live in this process only. */
  private readonly local: MemoryJournal;
  /** Streams whose creation got no answer, and that went on in this process. */
  private readonly unwanted = new Set<string>();
  private readonly listeners: ((orphans: readonly Orphan[]) => void)[] = [];
  private beatTimer: NodeJS.Timeout | undefined;
  private beating = false;
  private readonly steadiness = new Steadiness();
  private closed = false;

  private constructor(
    private readonly connections: RedisConnections,
    nodeId: string,
    private readonly options: () => RedisJournalOptions,
    private readonly observer: JournalObserver,
  ) {
    this.client = connections.open();
    this.outage = new Outage((away, error) => {
      if (!away) void this.deleteUnwanted();
      observer.onOutage(away, error);
    });
    this.local = new MemoryJournal(options);
    const owner = `${nodeId}/${randomUUID()}`;
    this.lanes = Array.from({ length: connections.cluster ? CLUSTER_LANES : 1 }, (_, index) =>
      this.openLane(String(index), owner),
    );
    connections.subscribe(ORPHANS_CHANNEL, () => void this.beat());
  }

  /** Connects; if Redis does not answer soon, it is taken for away until it does. */
  static async open(
    connections: RedisConnections,
    nodeId: string,
    options: () => RedisJournalOptions,
    observer: JournalObserver,
  ): Promise<RedisJournal> {
    const journal = new RedisJournal(connections, nodeId, options, observer);
    const { client } = journal;
    if (client.status !== 'ready') {
      await Promise.race([
        new Promise((resolve) => client.once('ready', resolve)),
        sleep(CONNECT_MILLISECONDS, undefined, { ref: false }),
      ]);
    }
    await journal.beat();
    journal.beatLater();
    return journal;
  }

  async create(header: StreamHeader): Promise<StreamWriter | undefined> {
    if (header.unshared) return this.local.create(header);
    if (this.running.has(header.id)) return undefined;
    const end = performance.now() + NEW_STREAM_MILLISECONDS;
    let tried = false;
    for (;;) {
      if (!this.outage.away) {
        tried = true;
        try {
          const answer = await this.of(header.id).lane.create(header, 1);
          return answer === 'created' ? this.write(header, 1, []) : undefined;
        } catch (error) {
          this.outage.failed(error);
        }
      }
      if (performance.now() >= end || this.outage.seconds * 1000 >= NEW_STREAM_MILLISECONDS) {
        if (tried) this.unwanted.add(header.id);
        return this.createLocally(header);
      }
      await sleep(NEW_STREAM_POLL_MILLISECONDS);
    }
  }

  private createLocally(header: StreamHeader): Promise<StreamWriter | undefined> {
    this.observer.onNotDurable();
    return this.local.create(header);
  }

  async header(id: string): Promise<StreamHeader> {
    const header = this.running.get(id)?.header;
    if (header) return header;
    if (this.local.has(id)) return this.local.header(id);
    return this.ask(async () => (await this.of(id).lane.header(id)).header);
  }

  isDurable(id: string): boolean {
    return !this.local.has(id) && this.running.get(id)?.detached !== true;
  }

  async hasEnded(id: string): Promise<boolean> {
    const stream = this.running.get(id);
    if (stream) return stream.ended;
    if (this.local.has(id)) return this.local.hasEnded(id);
    return this.ask(() => this.of(id).lane.hasEnded(id));
  }

  async entries(id: string): Promise<readonly JournalEntry[]> {
    const stream = this.running.get(id);
    if (stream) return stream.snapshot();
    if (this.local.has(id)) return this.local.entries(id);
    return this.ask(() => this.stored(id));
  }

  async *read(id: string, signal: AbortSignal): AsyncGenerator<readonly JournalEntry[]> {
    if (this.local.has(id)) {
      yield* this.local.read(id, signal);
      return;
    }
    let next = 0;
    while (!signal.aborted && !this.closed) {
      const stream = this.running.get(id);
      const batches = stream ? stream.read(next, signal) : this.of(id).reader.read(id, next, signal);
      for await (const batch of batches) {
        next += batch.length;
        yield batch;
        if (batch.at(-1)?.type === 'end') return;
      }
    }
    if (this.closed) throw new StreamInterrupted('The node is stopping: go on at another one.');
  }

  async cancel(id: string): Promise<void> {
    if (this.local.has(id)) return this.local.cancel(id);
    this.running.get(id)?.cancel();
    await this.ask(() => this.of(id).lane.cancel(id));
  }

  async delete(id: string): Promise<void> {
    if (this.local.has(id)) return this.local.delete(id);
    const stream = this.running.get(id);
    await this.ask(() => this.of(id).lane.delete(id));
    if (stream) this.drop(stream, new StreamFenced(id));
  }

  async takeOver(id: string): Promise<TakenStream | undefined> {
    const { lane } = this.of(id);
    const taken = await lane.takeOver(id);
    if (!taken) return undefined;
    const { header, cancelled } = await lane.header(id);
    this.taking.set(id, { id, header, epoch: taken.epoch });
    try {
      const entries = await this.stored(id);
      const writer = this.write(header, taken.epoch, entries);
      if (cancelled) writer.cancel();
      return { header, writer, entries, attempts: taken.attempts };
    } finally {
      this.taking.delete(id);
    }
  }

  onOrphans(listener: (orphans: readonly Orphan[]) => void): void {
    this.listeners.push(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.beatTimer);
    for (const stream of this.running.values()) stream.close();
    for (const { reader } of this.lanes) reader.close();
    await this.local.close();
    this.connections.close();
  }

  private openLane(tag: string, owner: string): LaneParts {
    const lane = new Lane(this.client, tag, owner, {
      leaseMilliseconds: () => this.options().leaseSeconds * 1000,
      retentionMilliseconds: ({ retentionSeconds }) =>
        Math.ceil(1000 * (retentionSeconds ?? this.options().retentionSeconds)),
    });
    const queue = new AppendQueue(
      lane,
      this.outage,
      (stream, answer) => this.onAnswer(stream, answer),
      () => this.detachAll(),
      (seconds) => this.observer.onWrite(seconds),
    );
    const reader = new RemoteReader({
      lane,
      wakeKey: wakeKeyOf(tag),
      client: this.client,
      openBlocking: () => this.connections.openBlocking(BLOCK_MILLISECONDS),
      outageSeconds: () => this.outage.seconds,
      maxOutageSeconds: () => this.options().outageSeconds,
      isJustBack: () => this.outage.isRecent,
    });
    return { lane, queue, reader };
  }

  private of(id: string): LaneParts {
    const parts = this.lanes[laneOf(id, this.lanes.length)];
    if (!parts) throw new Error(`no lane for ${id}`);
    return parts;
  }

  private write(header: StreamHeader, epoch: number, entries: readonly JournalEntry[]): RedisStream {
    const stream = new RedisStream({
      header,
      epoch,
      entries,
      maxBytes: this.options().maxBytes,
      onAppend: (appended) => {
        this.of(header.id).queue.add(appended);
        if (this.outage.seconds >= this.options().outageSeconds) appended.detach();
      },
      release: (released, handedOver) => this.release(released, handedOver),
    });
    this.running.set(header.id, stream);
    return stream;
  }

  /** Redis's answer to an append. Returns a promise where more is to be done before the next one. */
  private onAnswer(stream: RedisStream, answer: Answer): Promise<void> | undefined {
    if (answer === 'fenced') {
      this.drop(stream, new StreamFenced(stream.id));
      return undefined;
    }
    if (answer === 'missing') return this.restore(stream);
    stream.acknowledge(answer.value);
    if (stream.ended && stream.isWritten) {
      setTimeout(() => this.drop(stream), LINGER_MILLISECONDS).unref();
    } else if (answer.cancelled) {
      stream.cancel();
    }
    return undefined;
  }

  /** Redis does not know a stream that it knew: it was deleted, or Redis has lost its data and gets it again. */
  private async restore(stream: RedisStream): Promise<void> {
    if (this.running.get(stream.id) !== stream) return;
    const answer = await this.of(stream.id).lane.create(stream.header, stream.epoch);
    if (answer === 'created') stream.acknowledge(0);
    else this.drop(stream, new StreamFenced(stream.id));
  }

  private async release(stream: RedisStream, handedOver: boolean): Promise<boolean> {
    if (this.running.get(stream.id) !== stream) return false;
    try {
      if (this.outage.away) throw new StreamInterrupted('The journal is away.');
      await stream.written();
      await this.of(stream.id).lane.release(stream, handedOver);
    } catch (error) {
      if (!this.outage.away) this.outage.failed(error);
      // Nobody writes it here any more: unless it is renewed its lease ends by itself.
      if (handedOver) this.drop(stream);
      return handedOver;
    }
    this.drop(stream);
    await this.client.publish(ORPHANS_CHANNEL, '').catch(() => undefined);
    return true;
  }

  private drop(stream: RedisStream, reason?: Error): void {
    this.of(stream.id).queue.remove(stream);
    if (this.running.get(stream.id) === stream) this.running.delete(stream.id);
    stream.close(reason);
  }

  private detachAll(): void {
    if (this.outage.seconds < this.options().outageSeconds) return;
    for (const stream of this.running.values()) stream.detach();
  }

  private async deleteUnwanted(): Promise<void> {
    for (const id of [...this.unwanted]) {
      await this.of(id)
        .lane.withdraw(id)
        .then(
          () => this.unwanted.delete(id),
          (error: unknown) => this.outage.failed(error),
        );
    }
  }

  private beatLater(): void {
    const milliseconds = (this.options().leaseSeconds * 1000) / BEATS_PER_LEASE;
    this.beatTimer = setTimeout(() => {
      void this.beat().finally(() => {
        if (!this.closed) this.beatLater();
      });
    }, milliseconds).unref();
  }

  private async beat(): Promise<void> {
    if (this.beating || this.closed) return;
    this.beating = true;
    try {
      const orphans = (await Promise.all(this.lanes.map((parts) => this.beatLane(parts)))).flat();
      this.outage.over();
      const lease = this.options().leaseSeconds * 1000;
      this.steadiness.beat(lease);
      const others = orphans.filter(({ id }) => !this.running.has(id) && !this.taking.has(id));
      if (others.length > 0 && this.steadiness.lasts(lease)) {
        for (const listener of this.listeners) listener(others);
      }
    } catch (error) {
      if (this.closed) return;
      this.outage.failed(error);
      reconnectIfHung(this.client, error);
      this.detachAll();
    } finally {
      this.beating = false;
    }
  }

  private async beatLane({ lane, reader }: LaneParts): Promise<readonly Orphan[]> {
    const isHere = ({ id }: LeasedStream) => this.of(id).lane === lane;
    const mine = [...this.running.values()].filter((stream) => !stream.ended && isHere(stream));
    const taking = [...this.taking.values()].filter(isHere);
    const { answers, orphans } = await lane.beat([...mine, ...taking], reader.ids);
    for (const [index, stream] of mine.entries()) {
      const answer = answers[index];
      if (answer === undefined || answer === 'missing') continue;
      if (answer === 'fenced') this.drop(stream, new StreamFenced(stream.id));
      else if (answer.cancelled || this.isAbandoned(stream, answer.value)) stream.cancel();
    }
    return orphans;
  }

  private isAbandoned({ header, lastRead }: RedisStream, milliseconds: number): boolean {
    if (header.background || lastRead.readers > 0) return false;
    const limit = this.options().abandonedSeconds * 1000;
    return milliseconds > limit && Date.now() - lastRead.at > limit;
  }

  private async stored(id: string): Promise<JournalEntry[]> {
    const { lane } = this.of(id);
    const entries: JournalEntry[] = [];
    for (;;) {
      const page = await lane.page(id, entries.length);
      if (page.length === 0) return entries;
      entries.push(...page);
    }
  }

  /** Asks Redis for a client, who can come back when it is away. */
  private async ask<Result>(question: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await question();
      } catch (error) {
        if (error instanceof StreamGone && !error.expired && this.outage.isRecent) {
          throw new StreamInterrupted(
            'The journal is just back, and may not have this stream yet: try again.',
          );
        }
        if (error instanceof StreamGone || error instanceof StreamInterrupted) throw error;
        this.outage.failed(error);
        if (attempt === 3) throw new StreamInterrupted('The journal is away: try again later.');
        await sleep(100);
      }
    }
  }
}
