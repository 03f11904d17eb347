import { type CacheSize, GIB, type Machine, smallestMachine } from '../cloud/sizes';

/**
 * Sizes of Azure Managed Redis, cheapest first. Memory is that of one copy of the data; with high availability there
 * are two, and the price is for both. https://learn.microsoft.com/azure/redis/how-to-scale,
 * https://azure.microsoft.com/pricing/details/managed-redis/
 */
export const CACHE_SKUS: readonly Machine[] = [
  sku('Balanced_B1', 2, 1),
  sku('Balanced_B3', 2, 3),
  sku('Balanced_B5', 2, 6),
  sku('MemoryOptimized_M10', 2, 12),
  sku('MemoryOptimized_M20', 4, 24),
  sku('MemoryOptimized_M50', 8, 60),
  sku('MemoryOptimized_M100', 16, 120),
  sku('MemoryOptimized_M150', 24, 175),
  sku('MemoryOptimized_M250', 32, 235),
  sku('MemoryOptimized_M350', 48, 360),
];

/** Largest cache that is one server's data: the `NoCluster` policy goes to 25 GB. */
const LARGEST_SINGLE = 24 * GIB;

/**
 * Share of a size that data may take: a fifth is kept for replication and fragmentation.
 * https://learn.microsoft.com/azure/redis/best-practices-memory-management
 */
const DATA_SHARE = 0.8;

/** Connections that every size grants. Larger ones grant more; no topology gets near. */
export const CACHE_CONNECTIONS = 15_000;

/** The cheapest size that holds the data; `undefined` where none does, or one server can't. */
export function cacheSku({
  size,
  mode,
}: {
  readonly size: CacheSize;
  readonly mode?: 'single' | 'cluster';
}): Machine | undefined {
  const fitting = smallestMachine(CACHE_SKUS, { memory: size.memory / DATA_SHARE });
  return mode !== 'cluster' && fitting !== undefined && fitting.memory > LARGEST_SINGLE ? undefined : fitting;
}

function sku(name: string, cpu: number, gib: number): Machine {
  return { name, cpu, memory: gib * GIB };
}
