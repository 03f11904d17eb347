import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HybridCache } from '../../src/cache/hybrid-cache.js';
import { Metrics } from '../../src/operations/metrics.js';
import { RedisConnections } from '../../src/redis/connection.js';
import { CacheReaders } from '../support/cache-readers.js';
import { eventually } from '../support/cluster.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const LONG = { freshSeconds: 600, staleSeconds: 3600 };

describe('the hybrid cache', () => {
  let redis: TestRedis;
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    redis = await startTestRedis();
  });
  after(async () => {
    for (const close of closers) await close();
    await redis.stop();
  });

  async function node<Value = string>(nodeId: string) {
    const { host, port } = redis;
    const connections = await RedisConnections.create(
      { host, port, tls: false, mode: 'single', poolSize: 1 },
      () => {},
    );
    const metrics = new Metrics();
    const cache = new HybridCache({ connections, nodeId, metrics });
    closers.push(async () => {
      await cache.close();
      connections.close();
      metrics.close();
    });
    await eventually(async () => (await cache.status()).user_cache.redis_available);
    return { cache, users: cache.area<Value>('user', LONG) };
  }

  const never = async (): Promise<string> => {
    throw new Error('asked the source');
  };

  test('asks the source once for all nodes, and tells all of a change', async () => {
    const [first, second] = [await node('first'), await node('second')];
    assert.equal(await first.users.get('ada', async () => 'Ada'), 'Ada');
    assert.equal(await second.users.get('ada', never), 'Ada');
    await first.users.set('ada', 'Countess');
    await eventually(async () => (await second.users.get('ada', never)) === 'Countess');
    await second.users.forget('ada');
    await eventually(async () => (await first.users.get('ada', async () => 'again')) === 'again');
  });

  test('does not keep what is not there', async () => {
    const { users } = await node('third');
    assert.equal(await users.get('nobody', async () => undefined), undefined);
    assert.equal(await users.get('nobody', async () => 'somebody'), 'somebody');
  });

  test('does not bring back what is gone, however slow its source is, or away', async () => {
    const { cache } = await node('gone');
    const keys = cache.area<string>('api_key', { freshSeconds: 0.05, staleSeconds: 3600 });
    assert.equal(await keys.get('key', async () => 'good'), 'good');
    await eventually(async () => (await keys.get('key', async () => undefined)) === undefined, 'its end');
    await assert.rejects(keys.get('key', never), /asked the source/);
    const slowly = async () => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      return undefined;
    };
    assert.equal(await keys.get('key', slowly), undefined);
  });

  test('says what it holds, field by field', async () => {
    const { cache, users } = await node('status');
    await users.get('one', async () => '1');
    const status = await cache.status();
    assert.deepEqual(Object.keys(status), [
      'user_cache',
      'user_setting_cache',
      'session_cache',
      'api_key_cache',
    ]);
    const { size, local_size, redis_size, ...rest } = status.user_cache;
    assert.deepEqual(rest, {
      type: 'hybrid',
      redis_available: true,
      pod_id: 'status',
      event_queue_size: 0,
    });
    assert.equal(local_size, 1);
    assert.ok(redis_size >= 1);
    assert.equal(size, redis_size);
  });

  test('goes on alone while Redis is away, and makes up for it afterwards', async () => {
    const [first, second] = [await node('here'), await node('there')];
    const load = async () => 'from the source';
    await first.users.set('kept', 'old');
    assert.equal(await second.users.get('kept', never), 'old');

    await redis.kill();
    await eventually(async () => !(await first.cache.status()).user_cache.redis_available);
    assert.equal(await first.users.get('kept', never), 'old');
    const start = performance.now();
    assert.equal(await first.users.get('new', load), 'from the source');
    await first.users.set('kept', 'changed meanwhile');
    assert.ok(performance.now() - start < 1_000, 'nobody waits for a Redis that is away');
    assert.equal(await first.users.get('kept', never), 'changed meanwhile');
    const away = (await first.cache.status()).user_cache;
    assert.deepEqual(
      [away.redis_available, away.redis_size, away.size === away.local_size, away.event_queue_size],
      [false, 0, true, 1],
    );

    await redis.restart();
    await eventually(async () => (await first.cache.status()).user_cache.redis_available);
    await eventually(
      async () => (await second.users.get('kept', async () => 'the source')) === 'changed meanwhile',
    );
    assert.equal((await first.cache.status()).user_cache.event_queue_size, 0);
  });

  test('forgets what it may have missed, but falls back to it while the source is away', async () => {
    const { cache, users } = await node('missed');
    await users.set('perhaps', 'old');
    await redis.kill();
    await eventually(async () => !(await cache.status()).user_cache.redis_available);
    await redis.restart();
    await eventually(async () => (await cache.status()).user_cache.redis_available);
    assert.equal(await users.get('perhaps', never), 'old');
    await eventually(async () => (await users.get('perhaps', async () => 'new')) === 'new');
  });

  test('does not wait long for a Redis that hangs', async () => {
    const { users } = await node('hung');
    redis.pause();
    try {
      const start = performance.now();
      for (let index = 0; index < 500; index++) await users.get(`hung ${index}`, async () => 'source');
      // To wait a quarter of a second each time would take two minutes.
      assert.ok(performance.now() - start < 60_000, `${performance.now() - start} ms`);
    } finally {
      redis.resume();
    }
  });

  test('tells other processes of every change', async () => {
    const { users } = await node<number>('writer');
    const readers = await CacheReaders.start(redis, 2);
    try {
      for (let value = 1; value <= 20; value++) {
        const seen = readers.see(value);
        await users.set(CacheReaders.KEY, value);
        assert.equal((await seen).length, 2);
      }
    } finally {
      readers.stop();
    }
  });
});
