import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ApiError } from '../../src/api/api-error.js';
import { Conversations } from '../../src/conversations/conversations.js';
import { Recorder } from '../../src/conversations/recorder.js';
import { RedisLog } from '../../src/conversations/redis-log.js';
import { idFrom } from '../../src/conversations/turn.js';
import { type RedisClient, RedisConnections } from '../../src/redis/connection.js';
import type { StreamHeader } from '../../src/streams/journal.js';
import { MemoryJournal } from '../../src/streams/memory-journal.js';
import { eventually } from '../support/cluster.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { JOURNAL_LIMITS } from '../support/redis-journal.js';

const ANN = { id: 'user-ann', name: 'ann', role: 'user', kind: 'session' } as const;

/** A node whose engine takes or refuses a stream when it is told to. */
interface Node {
  readonly conversations: Conversations;
  readonly log: RedisLog;
  /** Resolves when the engine has been asked. */
  readonly asked: Promise<void>;
  take(): void;
  refuse(): void;
}

describe('a turn that is sent twice, by two nodes, of which one refuses it', () => {
  let redis: TestRedis;
  /** That all nodes share. */
  const journal = new MemoryJournal(() => JOURNAL_LIMITS);
  const opened: RedisConnections[] = [];
  before(async () => {
    redis = await startTestRedis();
  });
  after(async () => {
    for (const connections of opened) connections.close();
    await journal.close();
    await redis?.stop();
  });

  const startNode = async (): Promise<Node> => {
    const { host, port } = redis;
    const connections = await RedisConnections.create(
      { host, port, tls: false, mode: 'single', poolSize: 1 },
      () => {},
    );
    opened.push(connections);
    const log = new RedisLog(connections);
    const { client } = log as unknown as { client: RedisClient };
    // Until then each node has a log of its own.
    await eventually(() => client.status === 'ready', 'Redis');
    const engine = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const common = { log, journal, store: undefined, onError: assert.ifError };
    const conversations = new Conversations({
      ...common,
      recorder: new Recorder({ ...common, onStored: () => {} }),
      start: async (header: StreamHeader) => {
        asked.resolve();
        await engine.promise;
        await journal.create(header);
      },
      storedSeconds: () => 3600,
    });
    return {
      ...{ conversations, log },
      asked: asked.promise,
      take: () => engine.resolve(),
      refuse: () =>
        engine.reject(new ApiError(429, 'rate_limit_error', 'overloaded', 'This node is full.', null)),
    };
  };

  for (const order of ['first refused, then taken', 'first taken, then refused'] as const) {
    it(`stays: ${order}`, async () => {
      const nodes = [await startNode(), await startNode()] as const;
      const [one, other] = nodes;
      const request = { id: randomUUID(), model: 'demo', content: 'A question' };
      const attempts = nodes.map(({ conversations }) => conversations.begin(ANN, request));
      await Promise.all(nodes.map(({ asked }) => asked));
      const steps = [() => one.refuse(), () => other.take()];
      const [first, last] = order.startsWith('first refused') ? steps : steps.toReversed();
      first?.();
      await Promise.race(attempts.map((attempt) => attempt.catch(() => undefined)));
      last?.();
      const [refused, taken] = await Promise.allSettled(attempts);
      assert.equal(refused?.status, order.startsWith('first refused') ? 'rejected' : 'fulfilled');
      assert.ok(taken?.status === 'fulfilled');
      const { conversation, answer, stream } = taken.value;
      const { messages } = await one.conversations.read(conversation, ANN);
      assert.deepEqual(
        messages.map(({ role, content, status }) => [role, content, status]),
        [
          ['user', 'A question', 'completed'],
          ['assistant', '', 'in_progress'],
        ],
      );
      assert.equal(messages[1]?.id, answer);
      const noted = await other.log.unsettled(true);
      assert.ok(noted.some((turn) => turn.stream === stream));
    });
  }

  it('leaves nothing if both refuse it', async () => {
    const nodes = [await startNode(), await startNode()] as const;
    const request = { id: randomUUID(), model: 'demo', content: 'A question' };
    const attempts = nodes.map(({ conversations }) => conversations.begin(ANN, request));
    await Promise.all(nodes.map(({ asked }) => asked));
    for (const { refuse } of nodes) refuse();
    for (const { status } of await Promise.allSettled(attempts)) assert.equal(status, 'rejected');
    const conversation = idFrom('conv_', ANN.id, request.id);
    await assert.rejects(nodes[0].conversations.read(conversation, ANN), { status: 404 });
    const noted = await nodes[0].log.unsettled(true);
    assert.ok(noted.every((turn) => turn.conversation !== conversation));
  });
});
