/** How long it takes until every node sees what one of them has changed, through the hybrid cache. */
import { HybridCache } from '../../src/cache/hybrid-cache.js';
import { Metrics } from '../../src/operations/metrics.js';
import { RedisConnections } from '../../src/redis/connection.js';
import { CacheReaders } from '../../test/support/cache-readers.js';
import { startTestRedis } from '../../test/support/redis.js';
import { atMost, type Figure, quantile, told } from '../report.js';

const NODES = 2;
const CHANGES = 300;
const WARM_UP = 50;
const GOAL = 100;

export async function invalidation(): Promise<Figure[]> {
  const redis = await startTestRedis();
  const { host, port } = redis;
  const connections = await RedisConnections.create(
    { host, port, tls: false, mode: 'single', poolSize: 1 },
    () => {},
  );
  const metrics = new Metrics();
  const cache = new HybridCache({ connections, nodeId: 'writer', metrics });
  const readers = await CacheReaders.start(redis, NODES);
  const delays: number[] = [];
  try {
    const users = cache.area<number>('user', { freshSeconds: 600, staleSeconds: 600 });
    for (let value = 1; value <= WARM_UP + CHANGES; value++) {
      const seen = readers.see(value);
      const start = performance.timeOrigin + performance.now();
      await users.set(CacheReaders.KEY, value);
      for (const at of await seen) if (value > WARM_UP) delays.push(at - start);
    }
  } finally {
    readers.stop();
    await cache.close();
    connections.close();
    metrics.close();
    await redis.stop();
  }
  return [
    atMost('a change reaches the other nodes, p99', quantile(delays, 0.99), 'ms', GOAL),
    told('a change reaches the other nodes, p50', quantile(delays, 0.5), 'ms'),
  ];
}
