import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ApiError } from '../api/api-error.js';
import type { AccessConfig } from '../config/schema/access.js';
import type { RedisClient } from '../redis/connection.js';

/** Counts failed logins, on all nodes together where there is a Redis, else and while it is away on each. */
export class LoginLimits {
  private readonly perAddress: RateLimiterMemory | RateLimiterRedis;
  private readonly perAccount: RateLimiterMemory | RateLimiterRedis;

  constructor(limits: AccessConfig['loginAttempts'], redis: RedisClient | undefined) {
    const make = (name: string, points: number) => {
      const options = { keyPrefix: `polypod:login:${name}`, points, duration: limits.windowSeconds };
      const local = new RateLimiterMemory(options);
      return redis
        ? new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: local })
        : local;
    };
    this.perAddress = make('address', limits.perAddress);
    this.perAccount = make('account', limits.perAccount);
  }

  /**
   * Counts an attempt before it is made, so that a thousand at once are a thousand. Throws the 429. Accounts that are
   * not there have their limit, too.
   */
  async attempt(address: string, account: string): Promise<void> {
    try {
      await this.perAddress.consume(address);
      await this.perAccount.consume(account.toLowerCase());
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) throw reason;
      const seconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
      throw new ApiError(
        429,
        'rate_limit_error',
        'too_many_logins',
        `Too many attempts to log in: try again in ${Math.ceil(seconds / 60)} min.`,
        null,
        { 'retry-after': String(seconds) },
      );
    }
  }

  /** Forgets the account's failures: its owner is there. */
  async succeeded(address: string, account: string): Promise<void> {
    await Promise.all([this.perAddress.reward(address), this.perAccount.delete(account.toLowerCase())]);
  }

  /** Takes an attempt back that nobody could judge. */
  async undecided(address: string, account: string): Promise<void> {
    await Promise.all([this.perAddress.reward(address), this.perAccount.reward(account.toLowerCase())]);
  }
}
