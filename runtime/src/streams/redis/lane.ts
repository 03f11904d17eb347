import { createHash } from 'node:crypto';
import type { RedisClient } from '../../redis/connection.js';
import { type JournalEntry, StreamGone, type StreamHeader, StreamInterrupted } from '../journal.js';
import type { RedisStream } from './redis-stream.js';
import { APPEND, BEAT, CANCEL, CREATE, DELETE, RELEASE, TAKE_OVER, WITHDRAW } from './scripts.js';

/** How long, beyond a stream's own time, it is remembered that it was there: to answer 410, not 404. */
const KNOWN_MILLISECONDS = 24 * 3600 * 1000;
/** How long a stream that runs stays without a sign of life, beyond its own time. */
const UNWRITTEN_MILLISECONDS = 120_000;
const PAGE = 256;

export interface LaneTimes {
  leaseMilliseconds(): number;
  /** How long a stream stays after its end. */
  retentionMilliseconds(header: StreamHeader): number;
}

/** What Redis said of a stream that this node writes. */
export type Answer = 'missing' | 'fenced' | { readonly value: number; readonly cancelled: boolean };

/** What renews a stream's lease. */
export type LeasedStream = Pick<RedisStream, 'id' | 'epoch' | 'header'>;

/** Streams whose keys share a hash tag: all in one slot of a cluster, so that one script serves all of them. */
export class Lane {
  constructor(
    private readonly client: RedisClient,
    private readonly tag: string,
    /** This process, and no later one of the same name. */
    private readonly owner: string,
    private readonly times: LaneTimes,
  ) {}

  /** The Redis Stream with a stream's entries: entry number i has the id `i+1-0`. */
  entriesKey(id: string): string {
    return this.key('entries', id);
  }

  async create(header: StreamHeader, epoch: number): Promise<'created' | 'deleted' | 'fenced'> {
    const retention = this.times.retentionMilliseconds(header);
    const answer = await CREATE.run(
      this.client,
      [this.leases, this.meta(header.id), this.known(header.id)],
      [
        header.id,
        JSON.stringify(header),
        epoch,
        this.owner,
        this.times.leaseMilliseconds(),
        retention + UNWRITTEN_MILLISECONDS,
        retention + KNOWN_MILLISECONDS,
      ],
    );
    return answer === 'deleted' || answer === 'fenced' ? answer : 'created';
  }

  /** Writes what the streams have to write, in one round trip. */
  async append(streams: readonly RedisStream[]): Promise<Answer[]> {
    const keys = [this.leases];
    const values: (string | number)[] = [];
    for (const stream of streams) {
      const { from, encoded, ends } = stream.unwritten();
      keys.push(this.meta(stream.id), this.entriesKey(stream.id));
      const stay = this.times.retentionMilliseconds(stream.header) + (ends ? 0 : UNWRITTEN_MILLISECONDS);
      values.push(stream.id, stream.epoch, this.owner, from, stay, ends ? 1 : 0, encoded.length, ...encoded);
    }
    return list(await APPEND.run(this.client, keys, values)).map(toAnswer);
  }

  /**
   * Renews the leases of the streams that are written here, and says that others are read here. Answers with what
   * each of the former was told (`value`: milliseconds since it was read on another node), and with orphans.
   */
  async beat(
    running: readonly LeasedStream[],
    read: readonly string[],
  ): Promise<{ answers: Answer[]; orphans: { id: string; seconds: number }[] }> {
    const keys = [this.leases];
    const values: (string | number)[] = [this.times.leaseMilliseconds(), running.length];
    for (const { id, epoch, header } of running) {
      keys.push(this.meta(id), this.entriesKey(id));
      values.push(id, epoch, this.owner, this.times.retentionMilliseconds(header) + UNWRITTEN_MILLISECONDS);
    }
    keys.push(...read.map((id) => this.meta(id)));
    const [due, answers] = list(await BEAT.run(this.client, keys, values));
    const orphans: { id: string; seconds: number }[] = [];
    const flat = list(due);
    for (let index = 0; index < flat.length; index += 2) {
      orphans.push({ id: String(flat[index]), seconds: Number(flat[index + 1]) / 1000 });
    }
    return { answers: list(answers).map(toAnswer), orphans };
  }

  async takeOver(id: string): Promise<{ epoch: number; attempts: number } | undefined> {
    const answer = await TAKE_OVER.run(
      this.client,
      [this.leases, this.meta(id)],
      [id, this.owner, this.times.leaseMilliseconds()],
    );
    if (!Array.isArray(answer)) return undefined;
    return { epoch: Number(answer[0]), attempts: Number(answer[1]) };
  }

  async release({ id, epoch }: RedisStream, handedOver: boolean): Promise<void> {
    await RELEASE.run(this.client, [this.leases, this.meta(id)], [id, epoch, this.owner, handedOver ? 1 : 0]);
  }

  async cancel(id: string): Promise<void> {
    while (Number(await CANCEL.run(this.client, [this.meta(id)], [])) === 0) await this.assertThere(id);
  }

  async delete(id: string): Promise<void> {
    const known = await this.client.get(this.known(id));
    const keys = [this.leases, this.meta(id), this.entriesKey(id), this.known(id)];
    const deleted = Number(await DELETE.run(this.client, keys, [id, KNOWN_MILLISECONDS]));
    if (deleted === 0) throw new StreamGone(id, known === 'created');
  }

  /** Takes back a stream that this process has created, if nobody has gone on with it. */
  async withdraw(id: string): Promise<void> {
    await WITHDRAW.run(this.client, [this.leases, this.meta(id), this.known(id)], [id, this.owner]);
  }

  async header(id: string): Promise<{ header: StreamHeader; cancelled: boolean }> {
    for (;;) {
      const [header, cancelled] = await this.client.hmget(this.meta(id), 'header', 'cancelled');
      if (header != null) return { header: JSON.parse(header), cancelled: cancelled === '1' };
      await this.assertThere(id);
    }
  }

  async hasEnded(id: string): Promise<boolean> {
    for (;;) {
      const [epoch, ended] = await this.client.hmget(this.meta(id), 'epoch', 'ended');
      if (epoch != null) return ended === '1';
      await this.assertThere(id);
    }
  }

  /** Some entries from number `from` on; none if there are none yet. */
  async page(id: string, from: number): Promise<JournalEntry[]> {
    const rows = await this.client.xrange(this.entriesKey(id), `${from + 1}-0`, '+', 'COUNT', PAGE);
    if (rows.length === 0) {
      await this.assertThere(id);
      return [];
    }
    if (numberOf(rows[0]?.[0]) !== from) throw new StreamInterrupted(`The stream ${id} has lost entries.`);
    return rows.map(([, fields]) => JSON.parse(fields[1] ?? 'null'));
  }

  /** Asks for what outlives the stream first: one that is written (again) in between is there, and has not expired. */
  private async assertThere(id: string): Promise<void> {
    const [known, there] = await Promise.all([
      this.client.get(this.known(id)),
      this.client.exists(this.meta(id)),
    ]);
    if (there === 0) throw new StreamGone(id, known === 'created');
  }

  private get leases(): string {
    return `polypod:{${this.tag}}:leases`;
  }

  private meta(id: string): string {
    return this.key('stream', id);
  }

  private known(id: string): string {
    return this.key('known', id);
  }

  private key(kind: string, id: string): string {
    return `polypod:{${this.tag}}:${kind}:${id}`;
  }
}

/** Which of several lanes a stream is in. */
export function laneOf(id: string, lanes: number): number {
  return lanes === 1 ? 0 : createHash('sha1').update(id).digest().readUInt32BE() % lanes;
}

/** The number of the entry with this Redis id. */
export function numberOf(redisId: string | undefined): number {
  return Number(redisId?.split('-', 1)[0]) - 1;
}

function toAnswer(answer: unknown): Answer {
  if (answer === 'missing' || answer === 'fenced') return answer;
  const [value, cancelled] = list(answer);
  return { value: Number(value), cancelled: cancelled === '1' };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
