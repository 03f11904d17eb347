import { readFile } from 'node:fs/promises';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Config } from '../config/config.js';

export type RedisConfig = NonNullable<Config['redis']>;
export type RedisClient = Redis | Cluster;

/** A command without an answer for so long has failed; scripts are written so that they can be sent again. */
const COMMAND_MILLISECONDS = 2_000;
const PING_MILLISECONDS = 1_000;
const RECONNECT_MILLISECONDS = { step: 50, longest: 1_000 };

/**
 * Makes connections as the configuration says: one server or a cluster, TLS, users. They connect by themselves, again
 * and again; while there is none, commands fail at once instead of waiting in memory.
 */
export class RedisConnections {
  private readonly clients: RedisClient[] = [];
  private readonly watched: RedisClient[] = [];
  private pings: NodeJS.Timeout | undefined;

  private constructor(
    private readonly config: RedisConfig,
    private readonly options: RedisOptions,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Reads the credentials. Throws when a file can't be read. */
  static async create(config: RedisConfig, onError: (error: Error) => void): Promise<RedisConnections> {
    const [ca, username, password] = await Promise.all(
      [config.caFile, config.usernameFile, config.passwordFile].map((file) =>
        file === undefined ? undefined : readFile(file, 'utf8'),
      ),
    );
    const options: RedisOptions = {
      ...(username && { username: username.trim() }),
      ...(password && { password: password.trim() }),
      ...(config.tls && { tls: { ...(ca && { ca }) } }),
      connectTimeout: COMMAND_MILLISECONDS,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      retryStrategy: backoff,
      // After a failover the name leads to another server, the old connection to what is a replica now.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    };
    return new RedisConnections(config, options, onError);
  }

  get cluster(): boolean {
    return this.config.mode === 'cluster';
  }

  /** A connection for commands that answer at once, or have failed after `milliseconds`. */
  open(milliseconds = COMMAND_MILLISECONDS): RedisClient {
    return this.watch(this.connect({ commandTimeout: milliseconds }));
  }

  /** A connection whose commands may block so long: for nothing else. */
  openBlocking(milliseconds: number): RedisClient {
    return this.connect({ commandTimeout: milliseconds + COMMAND_MILLISECONDS, enableOfflineQueue: true });
  }

  /**
   * A connection that listens to a channel, and does again whenever it was lost. `onConnect` is called each time that
   * it is there, the first included: messages may have been missed before.
   */
  subscribe(channel: string, listener: (message: string) => void, onConnect?: () => void): void {
    const client = this.connect({
      autoResubscribe: true,
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
    });
    client.on('message', (_channel: string, message: string) => listener(message));
    if (onConnect) client.on('ready', onConnect);
    client.subscribe(channel).catch(this.onError);
    this.watch(client);
  }

  close(): void {
    clearInterval(this.pings);
    for (const client of this.clients) client.disconnect();
  }

  /** Has the client connect again where nobody answers, which it may have no other occasion to find out. */
  private watch(client: RedisClient): RedisClient {
    this.watched.push(client);
    this.pings ??= setInterval(() => {
      for (const each of this.watched) if (each.status === 'ready') void check(each);
    }, PING_MILLISECONDS).unref();
    return client;
  }

  private connect(more: RedisOptions): RedisClient {
    const { host, port, tls } = this.config;
    const options = { ...this.options, ...more };
    const client = this.cluster
      ? new Cluster([{ host, port }], {
          redisOptions: options,
          enableOfflineQueue: options.enableOfflineQueue ?? true,
          clusterRetryStrategy: backoff,
          // Certificates are made out to names, which a look-up would turn into addresses.
          ...(tls && { dnsLookup: (address, done) => done(null, address) }),
        })
      : new Redis({ ...options, host, port });
    client.on('error', this.onError);
    this.clients.push(client);
    return client;
  }
}

async function check(client: RedisClient): Promise<void> {
  const late = setTimeout(() => client.disconnect(true), COMMAND_MILLISECONDS);
  await client.ping().catch((error: unknown) => reconnectIfHung(client, error));
  clearTimeout(late);
}

/** A connection whose commands stay without an answer is dead, whatever the operating system thinks of it. */
export function reconnectIfHung(client: RedisClient, error: unknown): void {
  if (error instanceof Error && error.message === 'Command timed out') client.disconnect(true);
}

function backoff(attempt: number): number {
  return Math.min(attempt * RECONNECT_MILLISECONDS.step, RECONNECT_MILLISECONDS.longest);
}
