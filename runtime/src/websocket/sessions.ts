import type { RedisClient, RedisConnections } from '../redis/connection.js';

/** One device that is connected. */
export interface ChatSession {
  readonly id: string;
  readonly node: string;
  readonly user: string;
  readonly address: string;
  /** Seconds since 1970. */
  readonly connected: number;
  readonly conversations: readonly string[];
}

const BEAT_MILLISECONDS = 10_000;
/** A node that gives no sign of life for so long is gone, and its connections with it. */
const TTL_MILLISECONDS = 30_000;
const REMEMBERED_SECONDS = 3600;
const MAX_REMEMBERED = 10_000;
const NODES = 'polypod:sessions:nodes';

/**
 * Who is connected to which node. Each node writes its own connections into a hash of Redis that expires; without
 * Redis it knows of its own only.
 */
export class ChatSessions {
  private readonly client: RedisClient | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly remembered = new Map<string, string>();
  private writing = false;
  private changed = false;

  constructor(
    private readonly node: string,
    private readonly own: () => readonly ChatSession[],
    connections: RedisConnections | undefined,
  ) {
    this.client = connections?.open();
    this.timer = setInterval(() => this.refresh(), BEAT_MILLISECONDS).unref();
  }

  /** Tells the other nodes what has changed here, soon. */
  refresh(): void {
    this.changed = true;
    if (this.writing) return;
    this.writing = true;
    void this.write();
  }

  /** Of all nodes. */
  async all(): Promise<readonly ChatSession[]> {
    const { client } = this;
    if (!client) return this.own();
    try {
      const nodes = await client.zrangebyscore(NODES, Date.now() - TTL_MILLISECONDS, '+inf');
      const others = nodes.filter((node) => node !== this.node);
      const found = await Promise.all(others.map((node) => client.hvals(keyOf(node))));
      return [...this.own(), ...found.flat().map((text): ChatSession => JSON.parse(text))];
    } catch {
      return this.own();
    }
  }

  /** Remembers a session; `true` if this user had it before, at any node. */
  async remember(id: string, user: string): Promise<boolean> {
    const there = this.remembered.get(id);
    this.remembered.delete(id);
    this.remembered.set(id, user);
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > MAX_REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
    const elsewhere = await this.client
      ?.set(`polypod:session:{${id}}`, user, 'EX', REMEMBERED_SECONDS, 'GET')
      .catch(() => undefined);
    return there === user || elsewhere === user;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.client?.zrem(NODES, this.node).catch(() => undefined);
  }

  private async write(): Promise<void> {
    const { client } = this;
    while (client && this.changed) {
      this.changed = false;
      const key = keyOf(this.node);
      // Not by id: clients choose theirs, and two may have the same.
      const fields = this.own().flatMap((session, index) => [String(index), JSON.stringify(session)]);
      try {
        const all = client.multi().del(key);
        if (fields.length > 0) all.hset(key, ...fields).pexpire(key, TTL_MILLISECONDS);
        await all.exec();
        await client.zadd(NODES, Date.now(), this.node);
        await client.zremrangebyscore(NODES, '-inf', Date.now() - 10 * TTL_MILLISECONDS);
      } catch {
        // Redis is away; the next beat tries again.
      }
    }
    this.writing = false;
  }
}

function keyOf(node: string): string {
  return `polypod:sessions:{${node}}`;
}
