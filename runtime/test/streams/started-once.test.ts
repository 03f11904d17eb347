import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../../src/engine/engine-error.js';
import type { GenerationEvent, GenerationRequest } from '../../src/engine/generation.js';
import { Generations } from '../../src/streams/generations.js';
import type { StreamJournal } from '../../src/streams/journal.js';
import { MemoryJournal } from '../../src/streams/memory-journal.js';
import type { RedisJournal } from '../../src/streams/redis/redis-journal.js';
import { never } from '../support/models.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { JOURNAL_LIMITS, openTestJournal, streamHeader } from '../support/redis-journal.js';

/** An engine whose answers each have a text of their own, and which makes its callers wait. */
class SlowEngine {
  started = 0;
  left = 0;
  refuses = false;

  async *generate(_request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    const number = ++this.started;
    try {
      await sleep(20);
      signal.throwIfAborted();
      if (this.refuses) throw new EngineError('overloaded', 'full');
      yield { type: 'started', promptTokens: 1 };
      for (let token = 0; token < 5; token++) {
        await sleep(1);
        yield { type: 'delta', tokens: [token], text: `${number}.${token} ` };
      }
      yield { type: 'finished', reason: 'length', completionTokens: 5, cachedTokens: 0 };
    } finally {
      this.left++;
    }
  }
}

async function textOf(journal: StreamJournal, id: string): Promise<string> {
  let text = '';
  for await (const batch of journal.read(id, never)) {
    for (const entry of batch) {
      if (entry.type === 'event' && entry.event.type === 'delta') text += entry.event.text;
    }
  }
  return text;
}

describe('a stream that is asked for more than once', () => {
  let redis: TestRedis;
  const journals: RedisJournal[] = [];
  const openJournal = async (nodeId: string) => {
    const journal = await openTestJournal(redis, nodeId);
    journals.push(journal);
    return journal;
  };
  before(async () => {
    redis = await startTestRedis();
  });
  after(async () => {
    for (const journal of journals) await journal.close();
    await redis?.stop();
  });

  for (const { where, open } of [
    { where: 'in memory', open: async (): Promise<StreamJournal> => new MemoryJournal(() => JOURNAL_LIMITS) },
    { where: 'in Redis', open: () => openJournal('node') },
  ]) {
    it(`is generated once by a node, while it starts, runs and after, ${where}`, async () => {
      const journal = await open();
      const engine = new SlowEngine();
      const generations = new Generations(() => engine, journal, assert.ifError);
      const header = streamHeader('chatcmpl-once');
      await Promise.all([generations.start(header), generations.start(header)]);
      await generations.start(header);
      assert.equal(await textOf(journal, header.id), '1.0 1.1 1.2 1.3 1.4 ');
      assert.equal(engine.started, 1);
      while (generations.ids.length > 0) await sleep(5);
      await generations.start(header);
      assert.equal(engine.left, engine.started, 'what is not written is not generated either');
      assert.equal(await textOf(journal, header.id), '1.0 1.1 1.2 1.3 1.4 ');
    });

    it(`is refused to all who wait for it, and can be asked for again, ${where}`, async () => {
      const journal = await open();
      const engine = new SlowEngine();
      const generations = new Generations(() => engine, journal, assert.ifError);
      const header = streamHeader('chatcmpl-refused');
      engine.refuses = true;
      const results = await Promise.allSettled([generations.start(header), generations.start(header)]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      engine.refuses = false;
      await generations.start(header);
      assert.equal(await textOf(journal, header.id), '2.0 2.1 2.2 2.3 2.4 ');
    });
  }

  it('gives its place in the queue back once all have left who waited for it', async () => {
    const journal = new MemoryJournal(() => JOURNAL_LIMITS);
    const engine = new SlowEngine();
    const generations = new Generations(() => engine, journal, assert.ifError);
    const clients = [new AbortController(), new AbortController()];
    const left = generations.start(streamHeader('chatcmpl-left'), clients[0]?.signal);
    const stays = generations.start(streamHeader('chatcmpl-left'), clients[1]?.signal);
    clients[0]?.abort();
    await Promise.all([left, stays]);
    assert.equal((await textOf(journal, 'chatcmpl-left')).length, 20);

    const alone = new AbortController();
    const given = generations.start(streamHeader('chatcmpl-alone'), alone.signal);
    alone.abort();
    await assert.rejects(given, { name: 'StreamCancelled' });
    await assert.rejects(journal.header('chatcmpl-alone'), { name: 'StreamGone' });
    assert.equal(engine.left, 2);
  });

  it('is generated by one of the nodes that were asked', async () => {
    const nodes = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const journal = await openJournal(name);
        const engine = new SlowEngine();
        return { journal, engine, generations: new Generations(() => engine, journal, assert.ifError) };
      }),
    );
    const header = streamHeader('chatcmpl-nodes');
    await Promise.all(nodes.map(({ generations }) => generations.start(header)));
    const running = nodes.filter(({ generations }) => generations.ids.length > 0);
    assert.equal(running.length, 1);
    for (const { journal } of nodes) {
      assert.equal(await textOf(journal, header.id), '1.0 1.1 1.2 1.3 1.4 ');
    }
    while (nodes.some(({ engine }) => engine.left === 0)) await sleep(5);
  });

  it('is not begun again in Redis once it has entries, by the same node either', async () => {
    const journal = await openJournal('same');
    const header = streamHeader('chatcmpl-entries');
    const writer = await journal.create(header);
    assert.ok(writer);
    writer.append([{ type: 'end', at: 2, outcome: { status: 'completed' } }]);
    await writer.written();
    // A finished stream stays at hand for two seconds.
    await sleep(2_200);
    assert.equal(await journal.create(header), undefined);
  });
});
