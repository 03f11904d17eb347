import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { EngineError } from '../../src/engine/engine-error.js';
import { Generations } from '../../src/streams/generations.js';
import type { JournalEntry } from '../../src/streams/journal.js';
import type { RedisJournal } from '../../src/streams/redis/redis-journal.js';
import { eventually } from '../support/cluster.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { openTestJournal, streamHeader } from '../support/redis-journal.js';

const STARTED: JournalEntry = { type: 'event', choice: 0, event: { type: 'started', promptTokens: 1 } };

describe('a stream that its writer can not go on with', () => {
  let redis: TestRedis;
  let writer: RedisJournal;
  let other: RedisJournal;
  const orphans = new Set<string>();
  before(async () => {
    redis = await startTestRedis();
    [writer, other] = await Promise.all([openTestJournal(redis, 'writer'), openTestJournal(redis, 'other')]);
    other.onOrphans((found) => {
      for (const { id } of found) orphans.add(id);
    });
  });
  after(async () => {
    await writer?.close();
    await other?.close();
    await redis?.stop();
  });

  const isWritten = async (id: string) => {
    const stream = await writer.create(streamHeader(id));
    assert.ok(stream);
    stream.append([STARTED]);
    await stream.written();
    return stream;
  };

  it('is left alone once it was deleted by another node', async () => {
    const client = new Redis(redis.port, redis.host);
    const scripts = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    try {
      const stream = await isWritten('chatcmpl-deleted');
      await other.delete('chatcmpl-deleted');
      stream.append([STARTED]);
      await eventually(() => stream.stop.aborted, 'the end of the writer');
      const earlier = await scripts();
      await sleep(500);
      // Some beats of two nodes; what is sent again and again comes to hundreds.
      assert.ok((await scripts()) - earlier < 50, `${(await scripts()) - earlier} scripts`);
      await assert.rejects(other.header('chatcmpl-deleted'), { name: 'StreamGone' });
    } finally {
      client.disconnect();
    }
  });

  it('is left to others when it is handed over while Redis does not answer', async () => {
    const stream = await isWritten('chatcmpl-handed');
    redis.pause();
    try {
      assert.equal(await stream.release(true), true);
    } finally {
      redis.resume();
    }
    await eventually(() => orphans.has('chatcmpl-handed'), 'the end of the lease');
    assert.ok(await other.takeOver('chatcmpl-handed'));
  });

  it('is left to others by a node that takes it over and has no engine any more', async () => {
    await writer.create(streamHeader('chatcmpl-engine'));
    await writer.close();
    await eventually(() => orphans.has('chatcmpl-engine'), 'an orphan');
    orphans.delete('chatcmpl-engine');
    const without = new Generations(
      () => {
        throw new EngineError('unavailable', 'The model is being fetched.');
      },
      other,
      assert.ifError,
    );
    assert.equal(await without.takeOver('chatcmpl-engine'), true);
    await eventually(() => without.ids.length === 0, 'giving it up');
    await eventually(() => orphans.has('chatcmpl-engine'), 'an orphan again');
  });
});
