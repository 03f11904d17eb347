import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it, mock } from 'node:test';
import type { Command } from 'ioredis';
import { ConversationStore } from '../../src/conversations/conversation-store.js';
import { Conversations } from '../../src/conversations/conversations.js';
import { Recorder } from '../../src/conversations/recorder.js';
import { RedisLog } from '../../src/conversations/redis-log.js';
import { idFrom } from '../../src/conversations/turn.js';
import { connectDatabase, type Database } from '../../src/database/database.js';
import type { DatabaseConfig } from '../../src/database/pool.js';
import type { GenerationEvent } from '../../src/engine/generation.js';
import { type RedisClient, RedisConnections } from '../../src/redis/connection.js';
import { Generations } from '../../src/streams/generations.js';
import { MemoryJournal } from '../../src/streams/memory-journal.js';
import { eventually } from '../support/cluster.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const ANN = { id: 'user-ann', name: 'ann', role: 'user', kind: 'session' } as const;
const TEXT = 'An answer.';
const EVENTS: readonly GenerationEvent[] = [
  { type: 'started', promptTokens: 1 },
  { type: 'delta', tokens: [1], text: TEXT },
  { type: 'finished', reason: 'stop', completionTokens: 1, cachedTokens: 0 },
];
/** After which a turn whose stream never was is given up. */
const LOST_MILLISECONDS = 61_000;

/** Dies before or after one of its steps, and does nothing more: what it was about to do never ends. */
class Life {
  steps = 0;
  readonly over: Promise<void>;
  private die = () => {};

  constructor(
    private readonly last: number,
    private readonly isDone: boolean,
  ) {
    this.over = new Promise((resolve) => {
      this.die = resolve;
    });
  }

  async step<Value>(act: () => Promise<Value>): Promise<Value> {
    const never = new Promise<Value>(() => {});
    if (++this.steps > this.last) return never;
    if (this.steps < this.last) return act();
    if (this.isDone) await act().catch(() => undefined);
    this.die();
    return never;
  }

  /** Each call of one of these methods is a step. */
  of<Part extends object>(part: Part, methods: readonly (keyof Part)[]): Part {
    return new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (!methods.some((each) => each === name)) return value.bind(target);
        return (...given: unknown[]) => this.step(async () => value.apply(target, given));
      },
    });
  }
}

interface Node {
  readonly conversations: Conversations;
  readonly recorder: Recorder;
  close(): void;
}

describe('a message is stored once, whatever fails in between', () => {
  let redis: TestRedis;
  let postgres: TestPostgres;
  let config: DatabaseConfig;
  let database: Database;
  const journal = new MemoryJournal(() => ({
    retentionSeconds: 3600,
    maxStreams: 10_000,
    retainedBytes: 1e9,
    maxBytes: 1e6,
    abandonedSeconds: 3600,
  }));
  const connect = () =>
    RedisConnections.create(
      { host: redis.host, port: redis.port, tls: false, mode: 'single', poolSize: 1 },
      () => {},
    );
  before(async () => {
    [redis, postgres] = await Promise.all([startTestRedis(), startTestPostgres()]);
    config = await postgres.database();
    database = await connectDatabase(config, { onOutage: () => {} });
  });
  after(async () => {
    await database?.close();
    await Promise.all([redis?.stop(), postgres?.stop()]);
  });

  /** What a node does with conversations, on a real Redis and a real PostgreSQL; only the model is none. */
  const startNode = async (life = new Life(Number.POSITIVE_INFINITY, false)): Promise<Node> => {
    const connections = await connect();
    const log = new RedisLog(connections);
    const { client } = log as unknown as { client: RedisClient };
    await eventually(() => client.status === 'ready', 'Redis');
    const send = client.sendCommand.bind(client);
    client.sendCommand = (command: Command) => life.step(async () => send(command));
    const store = life.of(new ConversationStore(database), ['record']);
    const read = life.of(journal, ['header', 'entries']);
    const onError = () => {};
    const recorder = new Recorder({ log, journal: read, store, onStored: () => {}, onError });
    const generations = new Generations(
      () => ({
        async *generate() {
          yield* EVENTS;
        },
      }),
      journal,
      onError,
      (header) => recorder.ended(header),
    );
    const conversations = new Conversations({
      ...{ log, recorder, store, onError },
      journal: read,
      start: (header) => life.step(() => generations.start(header)),
      storedSeconds: () => 3600,
    });
    return { conversations, recorder, close: () => connections.close() };
  };
  const rows = (conversation: string) =>
    postgres.query(
      config,
      'SELECT role, content, status, replaces IS NOT NULL AS again FROM messages WHERE conversation = $1 ORDER BY turn, place',
      [conversation],
    );
  const settled = async ({ recorder }: Node) =>
    eventually(async () => (await recorder.sweep(true)) === 0, 'all stored');
  const question = { role: 'user', content: 'A question', status: 'completed', again: false };
  const answer = { role: 'assistant', content: TEXT, status: 'completed', again: false };

  for (const retries of [false, true]) {
    const what = retries ? 'an answer that is tried again' : 'a question and its answer';
    it(`${what}: by the client's second attempt, or by the leader alone`, async () => {
      const healthy = await startNode();
      /** Lets a node die, and others go on. Resolves with how many steps it got. */
      const dieAt = async (last: number, isDone: boolean, comesBack: boolean): Promise<number> => {
        const begun = { id: randomUUID(), model: 'none', content: question.content };
        const first = retries ? await healthy.conversations.begin(ANN, begun) : undefined;
        await settled(healthy);
        const request = first
          ? { id: randomUUID(), model: 'none', conversation: first.conversation, retry: first.answer }
          : begun;
        const life = new Life(last, isDone);
        const mortal = await startNode(life);
        let isTold = false;
        const lived = mortal.conversations.begin(ANN, request).then(async (turn) => {
          isTold = true;
          await mortal.recorder.idle();
          return turn;
        });
        await Promise.race([lived, life.over]);
        const label = `step ${last}, ${isDone ? 'done' : 'not done'}, ${comesBack ? 'sent again' : 'not sent again'}`;
        const { conversation } = comesBack
          ? await healthy.conversations.begin(ANN, request)
          : (first ?? { conversation: idFrom('conv_', ANN.id, begun.id) });
        await healthy.recorder.idle();
        mock.timers.enable({ apis: ['Date'], now: Date.now() + LOST_MILLISECONDS });
        try {
          await settled(healthy);
          await settled(healthy);
        } finally {
          mock.timers.reset();
        }
        mortal.close();
        const stored = await rows(conversation);
        const whole = [question, { ...answer, again: retries }];
        if (comesBack || isTold) assert.deepEqual(stored, whole, label);
        else {
          // Nobody was told that it is kept: then it is kept whole, or as far as it was begun, or not at all.
          const lost = [question, { ...answer, content: '', status: 'incomplete', again: retries }];
          const before = retries ? [question, answer] : [];
          const text = JSON.stringify(stored);
          assert.ok(
            [whole, lost, before].some((one) => JSON.stringify(one) === text),
            `${label}: ${text}`,
          );
        }
        return life.steps;
      };
      const steps = await dieAt(Number.POSITIVE_INFINITY, false, true);
      assert.ok(steps > 10, `${steps} steps`);
      for (let last = 1; last <= steps; last++) {
        for (const isDone of [false, true]) {
          for (const comesBack of [false, true]) await dieAt(last, isDone, comesBack);
        }
      }
      healthy.close();
    });
  }
});
