import { type CacheSize, GIB, type Machine, smallestMachine } from '../cloud/sizes';

/** A node type of ElastiCache. */
export interface CacheNode extends Machine {
  /** `maxclients`, which AWS sets by the type and nobody can change. */
  readonly maxConnections: number;
}

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, `maxclients`. */
const MAX_CLIENTS = 65_000;
const MAX_CLIENTS_BURSTABLE = 20_000;

/**
 * Node types on Graviton, cheapest first. Memory is what the type offers for data and overhead.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html,
 * https://aws.amazon.com/elasticache/pricing/
 */
export const CACHE_NODES: readonly CacheNode[] = [
  node('cache.t4g.small', 2, 1.37, MAX_CLIENTS_BURSTABLE),
  node('cache.t4g.medium', 2, 3.09, MAX_CLIENTS_BURSTABLE),
  node('cache.m7g.large', 2, 6.38),
  node('cache.r7g.large', 2, 13.07),
  node('cache.r7g.xlarge', 4, 26.32),
  node('cache.r7g.2xlarge', 8, 52.82),
  node('cache.r7g.4xlarge', 16, 105.81),
  node('cache.r7g.8xlarge', 32, 209.55),
  node('cache.r7g.12xlarge', 48, 317.77),
  node('cache.r7g.16xlarge', 64, 419.09),
];

/**
 * Share of a node's memory that data may take: ElastiCache keeps a quarter (`reserved-memory-percent`) for
 * snapshots and failover. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html
 */
const DATA_SHARE = 0.75;

/** Connections of a node type, also of one that is not in the table. */
export function cacheConnections(nodeType: string): number {
  return /^cache\.t\d/.test(nodeType) ? MAX_CLIENTS_BURSTABLE : MAX_CLIENTS;
}

export const DEFAULT_SHARDS = 2;

/** The cheapest node that holds a shard's data beside what ElastiCache keeps for itself. */
export function cacheNode({
  size,
  mode,
  shards = DEFAULT_SHARDS,
}: {
  readonly size: CacheSize;
  readonly mode?: 'single' | 'cluster';
  readonly shards?: number;
}): CacheNode | undefined {
  const memory = mode === 'cluster' ? size.memory / shards : size.memory;
  return smallestMachine(CACHE_NODES, { memory: memory / DATA_SHARE });
}

function node(name: string, cpu: number, gib: number, maxConnections = MAX_CLIENTS): CacheNode {
  return { name, cpu, memory: gib * GIB, maxConnections };
}
