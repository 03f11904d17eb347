import type { CacheArea, HybridCache } from '../cache/hybrid-cache.js';
import type { Database } from '../database/database.js';
import { tablesOf } from './source.js';

export type UserSettings = Readonly<Record<string, unknown>>;

const CACHE = { freshSeconds: 30, staleSeconds: 24 * 3600 };

/** What each user has chosen, such as the model of new chats. */
export class Settings {
  private readonly cache: CacheArea<UserSettings>;

  constructor(
    private readonly database: Database | undefined,
    cache: HybridCache,
  ) {
    this.cache = cache.area('user_setting', CACHE);
  }

  async of(principal: string): Promise<UserSettings> {
    const settings = await this.cache.get(principal, async () => {
      const row = await tablesOf(this.database)
        .selectFrom('user_settings')
        .select('settings')
        .where('principal', '=', principal)
        .executeTakeFirst();
      return row?.settings;
    });
    return settings ?? {};
  }

  async set(principal: string, settings: UserSettings): Promise<void> {
    const value = { settings: JSON.stringify(settings), updated_at: new Date() };
    await tablesOf(this.database)
      .insertInto('user_settings')
      .values({ principal, ...value })
      .onConflict((conflict) => conflict.column('principal').doUpdateSet(value))
      .execute();
    await this.cache.set(principal, settings);
  }
}
