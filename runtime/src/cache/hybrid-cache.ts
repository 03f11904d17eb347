import { EventEmitter, once } from 'node:events';
import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import type { CacheEvents, CacheProvider } from 'bentocache/types';
import type { Metrics } from '../operations/metrics.js';
import type { RedisClient, RedisConnections } from '../redis/connection.js';
import { LocalLayer } from './local-layer.js';
import { RedisBus } from './redis-bus.js';

/** What is cached, each with its own layer in this process. */
const CACHES = ['user', 'user_setting', 'session', 'api_key'] as const;
export type CacheName = (typeof CACHES)[number];

/** Entries of one cache in this process; the least used ones go. */
const LOCAL_ENTRIES = 20_000;
/** Writes kept for a Redis that is away, so that it does not come back with what has changed since. */
const UNSENT_WRITES = 10_000;
/** Redis is done without where it takes longer: the source is near, too. */
const REDIS_MILLISECONDS = 250;
const AGAIN_MILLISECONDS = 1_000;
/** The source is waited for so long while there is an older value to fall back to. */
const PATIENCE_MILLISECONDS = 500;
/** A source that has failed is left alone for so long. */
const BACKOFF_MILLISECONDS = 1_000;
const PREFIX = 'polypod:cache';

export interface Lifetimes {
  /** A value is asked for again at its source after so long, even if nobody has said that it changed. */
  readonly freshSeconds: number;
  /** While the source is away, a value may be this old. */
  readonly staleSeconds: number;
}

export interface CacheStatus {
  readonly type: 'hybrid' | 'local';
  readonly size: number;
  readonly local_size: number;
  readonly redis_size: number;
  readonly redis_available: boolean;
  readonly pod_id: string;
  readonly event_queue_size: number;
}

export interface HybridCacheOptions {
  /** Without them values are cached in this process only. The caller closes them, after the cache. */
  readonly connections: RedisConnections | undefined;
  readonly nodeId: string;
  readonly metrics: Metrics;
}

/** Redis, and what connects to it. */
interface Shared {
  readonly client: RedisClient;
  readonly bus: RedisBus;
}

/**
 * Values in this process first, in Redis second, at their source third. A change reaches all nodes over the bus; while
 * Redis is away every node goes on with what it has and its source, and the writes are made up for afterwards.
 */
export class HybridCache {
  private readonly layers: Readonly<Record<CacheName, LocalLayer>>;
  private readonly caches: BentoCache<Record<CacheName, ReturnType<typeof bentostore>>>;
  private readonly unsent = new Map<string, () => Promise<void>>();
  /** The last write of each key that is under way. */
  private readonly writing = new Map<string, () => Promise<void>>();
  private readonly shared: Shared | undefined;
  private readonly again: NodeJS.Timeout | undefined;

  constructor(private readonly options: HybridCacheOptions) {
    const { connections } = options;
    const { of } = options.metrics;
    this.layers = perCache(() => new LocalLayer(LOCAL_ENTRIES));
    if (connections) {
      const client = connections.open(REDIS_MILLISECONDS);
      client.on('ready', () => void this.sendUnsent());
      // A command that had no answer in time may have failed though Redis is there.
      this.again = setInterval(() => this.isConnected && this.sendUnsent(), AGAIN_MILLISECONDS).unref();
      const bus = new RedisBus(
        connections,
        client,
        () => this.expireAll(),
        () => of.cacheMessages.inc(),
      );
      this.shared = { client, bus };
    }
    const emitter = new EventEmitter();
    emitter.on('cache:hit', ({ store, layer, graced }: CacheEvents['cache:hit']) =>
      of.cacheReads.inc({ cache: store, from: graced ? 'stale' : layer === 'l1' ? 'local' : 'redis' }),
    );
    emitter.on('cache:miss', ({ store }: CacheEvents['cache:miss']) =>
      of.cacheReads.inc({ cache: store, from: 'source' }),
    );
    this.caches = new BentoCache({
      default: 'user',
      stores: perCache((name) => this.store(name)),
      emitter,
    });
    options.metrics.onScrape(() => {
      of.cacheRedisAway.set(this.shared && !this.isConnected ? 1 : 0);
      of.cacheUnsent.set(this.unsent.size);
      for (const name of CACHES) of.cacheEntries.set({ cache: name }, this.layers[name].size);
    });
  }

  area<Value>(name: CacheName, lifetimes: Lifetimes): CacheArea<Value> {
    return new CacheArea(this.caches.use(name), lifetimes, (key, write) =>
      this.write(`${name} ${key}`, write),
    );
  }

  /** Counts the keys in Redis, which looks at every key there: for people, not for polling. */
  async status(): Promise<Record<`${CacheName}_cache`, CacheStatus>> {
    const statuses = await Promise.all(
      CACHES.map(async (name) => [`${name}_cache`, await this.statusOf(name)]),
    );
    return Object.fromEntries(statuses);
  }

  /** Resolves once Redis is there, after `milliseconds` in any case. */
  async connected(milliseconds: number): Promise<void> {
    if (!this.shared || this.isConnected) return;
    await once(this.shared.client, 'ready', { signal: AbortSignal.timeout(milliseconds) }).catch(
      () => undefined,
    );
  }

  async close(): Promise<void> {
    clearInterval(this.again);
    await this.caches.disconnectAll().catch(() => undefined);
  }

  private store(name: CacheName) {
    const store = bentostore({
      prefix: `${PREFIX}:${name}`,
      timeout: PATIENCE_MILLISECONDS,
      graceBackoff: BACKOFF_MILLISECONDS,
    }).useL1Layer(this.layers[name].driver);
    if (!this.shared) return store;
    const { client, bus } = this.shared;
    return store
      .useL2Layer(redisDriver({ connection: client, prefix: `${PREFIX}:${name}` }))
      .useBus({ options: {}, factory: () => bus.transport() });
  }

  private get isConnected(): boolean {
    return this.shared?.client.status === 'ready';
  }

  /** Writes; what Redis does not take is made up for later, and last of all for each key. */
  private async write(id: string, write: () => Promise<void>): Promise<void> {
    this.unsent.delete(id);
    this.writing.set(id, write);
    try {
      await write();
    } catch {
      // Unless a newer one is under way, or has been written.
      if (this.writing.get(id) === write) this.postpone(id, write);
    } finally {
      if (this.writing.get(id) === write) this.writing.delete(id);
    }
  }

  private postpone(id: string, write: () => Promise<void>): void {
    this.unsent.set(id, write);
    const [oldest] = this.unsent.keys();
    if (this.unsent.size > UNSENT_WRITES && oldest !== undefined) this.unsent.delete(oldest);
  }

  private async sendUnsent(): Promise<void> {
    for (const id of [...this.unsent.keys()]) {
      const write = this.unsent.get(id);
      if (write) await this.write(id, write);
    }
  }

  /** What this node has may have changed unnoticed: it is asked for again, and kept in case the source is away. */
  private expireAll(): void {
    for (const name of CACHES) {
      const { keys } = this.layers[name];
      const message = { type: 'expire', keys, namespace: `${PREFIX}:${name}` };
      if (keys.length > 0) this.shared?.bus.deliver(channelOf(name), message);
    }
  }

  private async statusOf(name: CacheName): Promise<CacheStatus> {
    const local = this.layers[name].size;
    const inRedis = await this.countInRedis(`${PREFIX}:${name}:*`).catch(() => undefined);
    return {
      type: this.shared ? 'hybrid' : 'local',
      size: inRedis ?? local,
      local_size: local,
      redis_size: inRedis ?? 0,
      redis_available: inRedis !== undefined,
      pod_id: this.options.nodeId,
      event_queue_size: this.unsent.size,
    };
  }

  private async countInRedis(pattern: string): Promise<number | undefined> {
    if (!this.shared || !this.isConnected) return undefined;
    const { client } = this.shared;
    const servers =
      'nodes' in client && typeof client.nodes === 'function' ? client.nodes('master') : [client];
    let count = 0;
    for (const server of servers) {
      let cursor = '0';
      do {
        const [next, keys] = await server.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
        count += keys.length;
        cursor = next;
      } while (cursor !== '0');
    }
    return count;
  }
}

/** One cache, of values that JSON can hold. */
export class CacheArea<Value> {
  constructor(
    private readonly cache: CacheProvider,
    private readonly lifetimes: Lifetimes,
    private readonly write: (key: string, write: () => Promise<void>) => Promise<void>,
  ) {}

  /** The value, from `load` if need be; what is not there is not cached. Throws what `load` throws. */
  async get(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
    try {
      return await this.cache.getOrSet<Value | undefined>({
        key,
        ...this.durations,
        factory: async (context) => {
          const value = await load();
          if (value !== undefined) return value;
          // What is gone must not come back when the source is away or slow.
          if (context.gracedEntry) await this.forget(key);
          return context.skip();
        },
      });
    } catch (error) {
      throw error instanceof Error && error.cause !== undefined ? error.cause : error;
    }
  }

  /** Puts what the source holds now in place of what is cached, on all nodes. */
  async set(key: string, value: Value): Promise<void> {
    await this.write(key, async () => {
      await this.cache.set({ key, value, ...this.durations, suppressL2Errors: false });
    });
  }

  /** Has the value asked for again, on all nodes. */
  async forget(key: string): Promise<void> {
    await this.write(key, async () => {
      await this.cache.delete({ key, suppressL2Errors: false });
    });
  }

  private get durations() {
    const { freshSeconds, staleSeconds } = this.lifetimes;
    return { ttl: freshSeconds * 1000, grace: staleSeconds * 1000 };
  }
}

/** Where bentocache's bus of that name listens. */
function channelOf(name: CacheName): string {
  return `bentocache.notifications:${name}`;
}

function perCache<Value>(make: (name: CacheName) => Value): Record<CacheName, Value> {
  const entries = CACHES.map((name) => [name, make(name)]);
  return Object.fromEntries(entries);
}
