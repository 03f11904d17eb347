import { type CacheSize, GIB } from '../cloud/sizes';

/** Redis 7 with TLS, whatever the size. https://cloud.google.com/memorystore/docs/redis/about-in-transit-encryption */
export const CACHE_CONNECTIONS = 65_000;

/**
 * Share of the memory that data may take: Google advises to keep a fifth for fragmentation and exports.
 * https://cloud.google.com/memorystore/docs/redis/memory-management-best-practices
 */
export const DATA_SHARE = 0.8;

/** https://cloud.google.com/memorystore/docs/redis/quotas */
export const LARGEST_GIB = 300;

/** GiB of the instance that holds so much data. */
export function cacheGib({ memory }: CacheSize): number {
  return Math.ceil(memory / GIB / DATA_SHARE);
}
