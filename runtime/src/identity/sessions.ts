import type { CacheArea, HybridCache } from '../cache/hybrid-cache.js';
import type { Database } from '../database/database.js';
import { digest, newSecret } from './secrets.js';
import { tablesOf } from './source.js';

/** Times in milliseconds since 1970. */
interface Session {
  readonly user: string;
  readonly seenAt: number;
  readonly expiresAt: number;
  /** Logged out, though PostgreSQL could not be told yet. */
  readonly ended?: true;
}

export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
}

/** How exactly the last request is remembered. */
const SEEN_SECONDS = 60;
const FRESH_SECONDS = 30;
const AGAIN_MILLISECONDS = 1_000;

/**
 * Who is logged in. PostgreSQL has the truth, so that Redis may lose all it has; each session stays in the cache until
 * it ends, so that PostgreSQL may be away for as long. Only new logins need PostgreSQL.
 */
export class Sessions {
  private readonly cache: CacheArea<Session>;
  /** Those that PostgreSQL is to forget once it is back. */
  private readonly ended = new Set<string>();

  constructor(
    private readonly database: Database | undefined,
    cache: HybridCache,
    private readonly limits: SessionLimits,
  ) {
    this.cache = cache.area('session', {
      freshSeconds: FRESH_SECONDS,
      staleSeconds: limits.absoluteSeconds,
    });
    database?.onAvailable(() => void this.forgetEnded());
  }

  /** Returns the secret that the browser keeps. */
  async start(user: string, idToken?: string): Promise<string> {
    const secret = newSecret();
    const id = digest(secret);
    const now = Date.now();
    const expiresAt = now + this.limits.absoluteSeconds * 1000;
    const db = tablesOf(this.database);
    await db.deleteFrom('sessions').where('expires_at', '<', new Date(now)).execute();
    await db
      .insertInto('sessions')
      .values({
        id,
        user_id: user,
        created_at: new Date(now),
        seen_at: new Date(now),
        expires_at: new Date(expiresAt),
        id_token: idToken ?? null,
      })
      .execute();
    await this.cache.set(id, { user, seenAt: now, expiresAt });
    return secret;
  }

  /** Whose session it is, if it is one that has not ended. Throws while nobody can know. */
  async userOf(secret: string): Promise<string | undefined> {
    const id = digest(secret);
    const session = await this.cache.get(id, () => this.load(id));
    if (!session || session.ended || this.ended.has(id)) return undefined;
    const now = Date.now();
    if (now >= session.expiresAt || now - session.seenAt >= this.limits.idleSeconds * 1000) return undefined;
    const precision = Math.min(SEEN_SECONDS, this.limits.idleSeconds / 10) * 1000;
    if (now - session.seenAt >= precision) await this.see(id, { ...session, seenAt: now });
    return session.user;
  }

  /** Ends one session; works without PostgreSQL, too. Returns the provider's token of it. */
  async end(secret: string): Promise<string | undefined> {
    const id = digest(secret);
    try {
      const row = await tablesOf(this.database)
        .deleteFrom('sessions')
        .where('id', '=', id)
        .returning('id_token')
        .executeTakeFirst();
      await this.cache.forget(id);
      return row?.id_token ?? undefined;
    } catch {
      this.ended.add(id);
      const now = Date.now();
      await this.cache.set(id, { user: '', seenAt: now, expiresAt: now, ended: true });
      return undefined;
    }
  }

  /** Ends all sessions of a user, on all devices. */
  async endAll(user: string): Promise<number> {
    const rows = await tablesOf(this.database)
      .deleteFrom('sessions')
      .where('user_id', '=', user)
      .returning('id')
      .execute();
    for (const { id } of rows) await this.cache.forget(id);
    return rows.length;
  }

  private async load(id: string): Promise<Session | undefined> {
    const row = await tablesOf(this.database)
      .selectFrom('sessions')
      .select(['user_id', 'seen_at', 'expires_at'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row || this.ended.has(id)) return undefined;
    return { user: row.user_id, seenAt: row.seen_at.getTime(), expiresAt: row.expires_at.getTime() };
  }

  private async see(id: string, session: Session): Promise<void> {
    await this.cache.set(id, session);
    if (!this.database?.available) return;
    const updated = await this.database.db
      .updateTable('sessions')
      .set({ seen_at: new Date(session.seenAt) })
      .where('id', '=', id)
      .executeTakeFirst()
      // The cache has it; what is lost is a minute of idle time.
      .catch(() => undefined);
    // Logged out since it was read. Asked last: a later logout tells the cache by itself.
    if (updated?.numUpdatedRows === 0n) await this.cache.forget(id);
  }

  private async forgetEnded(): Promise<void> {
    if (this.ended.size === 0) return;
    const ids = [...this.ended];
    try {
      await tablesOf(this.database).deleteFrom('sessions').where('id', 'in', ids).execute();
    } catch {
      setTimeout(() => void this.forgetEnded(), AGAIN_MILLISECONDS).unref();
      return;
    }
    for (const id of ids) {
      this.ended.delete(id);
      await this.cache.forget(id);
    }
  }
}
