/** A node's cache in a process of its own: tells its parent that it runs, and when it reads a value for the first time. */
import { HybridCache } from '../../src/cache/hybrid-cache.js';
import { Metrics } from '../../src/operations/metrics.js';
import { RedisConnections } from '../../src/redis/connection.js';
import { CacheReaders } from './cache-readers.js';

const [host = '', port = ''] = process.argv.slice(2);
const connections = await RedisConnections.create(
  { host, port: Number(port), tls: false, mode: 'single', poolSize: 1 },
  () => {},
);
const cache = new HybridCache({ connections, nodeId: 'other', metrics: new Metrics() });
const users = cache.area<number>('user', { freshSeconds: 600, staleSeconds: 600 });
while (!(await cache.status()).user_cache.redis_available)
  await new Promise((resolve) => setTimeout(resolve, 20));
process.send?.({});
let seen: number | undefined;
for (;;) {
  const value = await users.get(CacheReaders.KEY, async () => undefined);
  if (value !== undefined && value !== seen) {
    seen = value;
    process.send?.({ value, at: performance.timeOrigin + performance.now() });
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
