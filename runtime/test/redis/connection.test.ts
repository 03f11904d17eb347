import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnections } from '../../src/redis/connection.js';
import { eventually } from '../support/cluster.js';
import { startTestRedis } from '../support/redis.js';

it('a connection that only listens notices that nobody is there any more, and says when it may have missed something', async () => {
  const redis = await startTestRedis();
  const { host, port } = redis;
  const connections = await RedisConnections.create(
    { host, port, tls: false, mode: 'single', poolSize: 1 },
    () => {},
  );
  try {
    let connected = 0;
    const heard: string[] = [];
    connections.subscribe(
      'news',
      (message) => heard.push(message),
      () => connected++,
    );
    await eventually(() => connected === 1, 'a connection');
    // As a machine without power: nothing answers, and nothing says that it is gone.
    redis.pause();
    await sleep(4_000);
    redis.resume();
    await eventually(() => connected >= 2, 'another connection');
    const client = connections.open();
    await eventually(() => client.status === 'ready', 'a connection');
    await eventually(async () => Number(await client.publish('news', 'again')) > 0, 'a listener');
    await eventually(() => heard.includes('again'), 'news');
  } finally {
    connections.close();
    await redis.stop();
  }
});
