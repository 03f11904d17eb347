import { randomUUID } from 'node:crypto';
import type { CacheArea, HybridCache } from '../cache/hybrid-cache.js';
import type { Database } from '../database/database.js';
import type { AccessRole } from './principal.js';
import { digest, newSecret } from './secrets.js';
import { tablesOf } from './source.js';

/** What every key begins with, so that scanners for leaked secrets can know one. */
const MARK = 'pp-';
/** Characters of a key that are shown, to know it by. */
const SHOWN = MARK.length + 6;
const CACHE = { freshSeconds: 30, staleSeconds: 7 * 24 * 3600 };

interface CachedKey {
  readonly id: string;
  readonly name: string;
  readonly role: AccessRole;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
}

export interface ListedKey {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly role: AccessRole;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Keys that programs send as bearer tokens. Only their digests are kept. */
export class ApiKeys {
  private readonly cache: CacheArea<CachedKey>;

  constructor(
    private readonly database: Database | undefined,
    cache: HybridCache,
  ) {
    this.cache = cache.area('api_key', CACHE);
  }

  static looksLikeOne(token: string): boolean {
    return token.startsWith(MARK);
  }

  /** Returns the key, which nobody can show again. */
  async create(name: string, role: AccessRole, expiresAt: Date | null): Promise<{ id: string; key: string }> {
    const key = `${MARK}${newSecret()}`;
    const id = `key-${randomUUID()}`;
    await tablesOf(this.database)
      .insertInto('api_keys')
      .values({ id, hash: digest(key), prefix: key.slice(0, SHOWN), name, role, expires_at: expiresAt })
      .execute();
    return { id, key };
  }

  /** The key if it is valid, `expired`, or `undefined` if there is none such. */
  async find(key: string): Promise<CachedKey | 'expired' | undefined> {
    const hash = digest(key);
    const found = await this.cache.get(hash, () => this.load(hash));
    if (found && found.expiresAt !== null && Date.now() >= found.expiresAt) return 'expired';
    return found;
  }

  async list(): Promise<ListedKey[]> {
    const rows = await tablesOf(this.database)
      .selectFrom('api_keys')
      .selectAll()
      .orderBy('created_at')
      .execute();
    return rows.map(({ id, prefix, name, role, created_at, expires_at, revoked_at }) => ({
      ...{ id, prefix, name, role, createdAt: created_at, expiresAt: expires_at, revokedAt: revoked_at },
    }));
  }

  /** By id or by what is shown of it; `false` if none, or more than one, is meant. */
  async revoke(name: string): Promise<boolean> {
    const db = tablesOf(this.database);
    const rows = await db
      .selectFrom('api_keys')
      .select(['id', 'hash'])
      .where((where) => where.or([where('id', '=', name), where('prefix', '=', name)]))
      .where('revoked_at', 'is', null)
      .execute();
    const [row] = rows;
    if (!row || rows.length > 1) return false;
    await db.updateTable('api_keys').set({ revoked_at: new Date() }).where('id', '=', row.id).execute();
    await this.cache.forget(row.hash);
    return true;
  }

  private async load(hash: string): Promise<CachedKey | undefined> {
    const row = await tablesOf(this.database)
      .selectFrom('api_keys')
      .select(['id', 'name', 'role', 'expires_at'])
      .where('hash', '=', hash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return (
      row && { id: row.id, name: row.name, role: row.role, expiresAt: row.expires_at?.getTime() ?? null }
    );
  }
}
