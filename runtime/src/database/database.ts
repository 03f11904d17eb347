import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { migrate } from './migrate.js';
import { breakable, createPool, type DatabaseConfig } from './pool.js';
import type { Tables } from './tables.js';

/** PostgreSQL, which may be away: queries fail then, and what can wait asks {@link available} first. */
export interface Database {
  readonly db: Kysely<Tables>;
  /** One connection aside, so that heartbeats never wait behind slow queries. */
  readonly control: Kysely<Tables>;
  /** It answers, and has all tables. */
  readonly available: boolean;
  /** Calls back whenever it has come to be available, and at once if it is. */
  onAvailable(listener: () => void): void;
  close(): Promise<void>;
}

export interface DatabaseObserver {
  /** PostgreSQL does not answer any more, or does again. */
  onOutage(away: boolean, error?: unknown): void;
}

const CHECK_MILLISECONDS = 1_000;
const CHECK_PATIENCE_MILLISECONDS = 3_000;

/**
 * Connects, makes what tables are missing, and watches. If PostgreSQL does not answer within three seconds it is taken
 * for away, until it does. Throws only when a file of the configuration can't be read.
 */
export async function connectDatabase(config: DatabaseConfig, observer: DatabaseObserver): Promise<Database> {
  const [pool, controlPool] = await Promise.all([
    createPool(config, Math.max(1, config.poolSize - 1)),
    createPool(config, 1),
  ]);
  const [breakPool, breakControl] = [breakable(pool), breakable(controlPool)];
  const watch = new WatchedDatabase(
    new Kysely({ dialect: new PostgresDialect({ pool }) }),
    new Kysely({ dialect: new PostgresDialect({ pool: controlPool }) }),
    () => {
      breakPool();
      breakControl();
    },
    observer,
  );
  await watch.check();
  watch.checkLater();
  return watch;
}

class WatchedDatabase implements Database {
  available = false;
  private migrated = false;
  private told = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(
    readonly db: Kysely<Tables>,
    readonly control: Kysely<Tables>,
    private readonly breakConnections: () => void,
    private readonly observer: DatabaseObserver,
  ) {}

  onAvailable(listener: () => void): void {
    this.listeners.push(listener);
    if (this.available) listener();
  }

  async check(): Promise<void> {
    try {
      await patiently(sql`SELECT 1`.execute(this.control), this.breakConnections);
      if (!this.migrated) await migrate(this.control);
      this.migrated = true;
      if (this.available || this.closed) return;
      this.available = true;
      if (this.told) this.observer.onOutage(false);
      for (const listener of this.listeners) listener();
    } catch (error) {
      if (this.closed || (this.told && !this.available)) return;
      this.available = false;
      this.told = true;
      this.observer.onOutage(true, error);
    }
  }

  checkLater(): void {
    this.timer = setTimeout(() => {
      void this.check().finally(() => {
        if (!this.closed) this.checkLater();
      });
    }, CHECK_MILLISECONDS).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    // Connections of a server that hangs would keep it from ever ending.
    if (!this.available) this.breakConnections();
    await Promise.all([this.db.destroy(), this.control.destroy()]);
  }
}

/** Rejects after a while, having seen to it that the answer will not come any more. */
async function patiently(answer: Promise<unknown>, giveUp: () => void): Promise<void> {
  const enough = new AbortController();
  const patience = sleep(CHECK_PATIENCE_MILLISECONDS, undefined, { signal: enough.signal }).then(() => {
    giveUp();
    throw new Error(`PostgreSQL has not answered for ${CHECK_PATIENCE_MILLISECONDS / 1000} seconds`);
  });
  try {
    await Promise.race([answer, patience]);
  } finally {
    enough.abort();
    patience.catch(() => undefined);
    answer.catch(() => undefined);
  }
}
