import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import type { StreamHeader } from '../../src/streams/journal.js';
import { Lane } from '../../src/streams/redis/lane.js';
import { RedisStream } from '../../src/streams/redis/redis-stream.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const header: StreamHeader = {
  id: 'chatcmpl-1',
  kind: 'chat.completion',
  created: 0,
  model: 'demo',
  requests: [],
  rendering: {},
};
const TIMES = { leaseMilliseconds: () => 1_000, retentionMilliseconds: () => 60_000 };

describe('A stream that is written again while somebody asks for it', () => {
  let server: TestRedis;
  let owner: Redis;
  before(async () => {
    server = await startTestRedis();
    owner = new Redis(server.port, server.host);
  });
  after(async () => {
    owner.disconnect();
    await server.stop();
  });

  /** A lane whose stream is created right after it was looked for in vain. */
  function lateLane(command: 'hmget' | 'xrange' | 'eval'): { lane: Lane; stop: () => void } {
    const client = new Redis(server.port, server.host);
    const look = client[command].bind(client) as (...values: unknown[]) => Promise<unknown>;
    const late = async (...values: unknown[]) => {
      const answer = await look(...values);
      await new Lane(owner, '0', 'owner', TIMES).create(header, 1);
      return answer;
    };
    return {
      lane: new Lane(Object.assign(client, { [command]: late }), '0', 'reader', TIMES),
      stop: () => client.disconnect(),
    };
  }

  for (const { name, command, ask, answer } of [
    {
      name: 'has a header',
      command: 'hmget',
      ask: (lane: Lane) => lane.header(header.id),
      answer: { header, cancelled: false },
    },
    {
      name: 'has no entries yet',
      command: 'xrange',
      ask: (lane: Lane) => lane.page(header.id, 0),
      answer: [],
    },
    { name: 'is cancelled', command: 'eval', ask: (lane: Lane) => lane.cancel(header.id), answer: undefined },
  ] as const) {
    it(`${name}, rather than having expired`, async () => {
      await owner.flushall();
      await owner.script('FLUSH');
      const { lane, stop } = lateLane(command);
      try {
        assert.deepEqual(await ask(lane), answer);
      } finally {
        stop();
      }
    });
  }
});

it('A stream is withdrawn by the process that created it only, and only while it is empty', async () => {
  const server = await startTestRedis();
  const client = new Redis(server.port, server.host);
  try {
    const [mine, other] = ['mine', 'other'].map((owner) => new Lane(client, '0', owner, TIMES));
    assert.ok(mine && other);
    await mine.create(header, 1);
    await other.withdraw(header.id);
    assert.deepEqual((await mine.header(header.id)).header, header);
    const stream = new RedisStream({
      header,
      epoch: 1,
      entries: [],
      maxBytes: 1e6,
      onAppend: () => {},
      release: async () => false,
    });
    stream.append([{ type: 'event', choice: 0, event: { type: 'started', promptTokens: 1 } }]);
    await mine.append([stream]);
    await mine.withdraw(header.id);
    assert.equal((await mine.page(header.id, 0)).length, 1);
    await mine.create({ ...header, id: 'chatcmpl-2' }, 1);
    await mine.withdraw('chatcmpl-2');
    await assert.rejects(mine.header('chatcmpl-2'), { expired: false });
  } finally {
    client.disconnect();
    await server.stop();
  }
});
