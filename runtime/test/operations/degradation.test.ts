import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, mock } from 'node:test';
import { Redis } from 'ioredis';
import { HEADERS, PATHS } from '../../contract.cjs';
import { LeaderLease } from '../../src/cluster/leader-lease.js';
import { connectDatabase } from '../../src/database/database.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { chatText, eventsIn } from '../support/sse.js';

// What docs/operations.md says of degradation, where no other test of an area proves it.

const FAST = { id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 400 };

const ask = (node: TestNode, more: object = {}) =>
  fetch(`${node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0,
      max_tokens: 100,
      stream: true,
      ...more,
    }),
  });
const textOf = async (response: Response): Promise<string> => {
  const events = eventsIn(await response.text());
  assert.equal(events.at(-1)?.data, '[DONE]');
  return chatText(events);
};
const metric = async (node: TestNode, name: string): Promise<number> => {
  const text = await (await fetch(node.node.metricsUrl)).text();
  return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1]);
};

describe('a Redis whose memory is full', () => {
  it('costs durability, said so, and nothing else; and all is well when there is room again', async () => {
    const redis = await startTestRedis(['--maxmemory-policy', 'noeviction']);
    const node = await startTestNode({ models: [FAST], redis: { host: redis.host, port: redis.port } });
    const operator = new Redis({ host: redis.host, port: redis.port });
    try {
      const whole = await textOf(await ask(node));
      await operator.config('SET', 'maxmemory', '1');
      await eventually(async () => {
        const response = await ask(node);
        assert.equal(response.status, 200);
        assert.equal(await textOf(response), whole);
        return response.headers.get(HEADERS.durable) === 'false';
      }, 'a stream that is not durable');
      assert.ok((await metric(node, 'polypod_streams_not_durable_total')) > 0);
      await operator.config('SET', 'maxmemory', '0');
      await eventually(async () => {
        const response = await ask(node);
        assert.equal(await textOf(response), whole);
        return response.headers.get(HEADERS.durable) === 'true';
      }, 'a durable stream');
      assert.equal(await metric(node, 'polypod_journal_away'), 0);
    } finally {
      operator.disconnect();
      await node.stop();
      await redis.stop();
    }
  });
});

describe('a model store that is gone', () => {
  it('is not missed by a model that is loaded, and is found out by an integrity check', async () => {
    const node = await startTestNode({ models: [FAST] });
    try {
      const whole = await textOf(await ask(node));
      await rm(join(node.directory, 'demo.gguf'));
      assert.equal(await textOf(await ask(node)), whole);
      assert.equal((await fetch(`${node.url}${PATHS.ready}`)).status, 200);
    } finally {
      await node.stop();
    }
  });
});

describe('a PostgreSQL that takes no writes', () => {
  it('leaves chat alone, and operators are told', async () => {
    const postgres = await startTestPostgres();
    const config = await postgres.database();
    const node = await startTestNode({ models: [FAST], database: config });
    try {
      const whole = await textOf(await ask(node));
      // As after its disk has filled up, or a failover to a replica.
      await postgres.query(config, `ALTER DATABASE ${config.name} SET default_transaction_read_only = on`);
      await postgres.query(
        config,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
        [config.name],
      );
      assert.equal(await textOf(await ask(node)), whole);
      assert.equal((await fetch(`${node.url}${PATHS.ready}`)).status, 200);
      await eventually(async () => (await metric(node, 'polypod_leader')) === 0, 'a lease that runs out');
    } finally {
      await node.stop();
      await postgres.stop();
    }
  });
});

describe('a node whose clock is an hour ahead', () => {
  it('takes no lease that another node holds', async () => {
    const postgres = await startTestPostgres();
    const config = await postgres.database();
    const database = await connectDatabase(config, { onOutage: () => {} });
    const lease = (node: string) =>
      new LeaderLease({
        ...{ database, node, leaseSeconds: 30 },
        incarnation: `${node}/1`,
        onChange: () => {},
      });
    try {
      const holder = lease('right');
      await holder.attempt();
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 });
      const other = lease('fast');
      await other.attempt();
      assert.equal(other.epoch, undefined);
      assert.equal(holder.epoch, 1);
    } finally {
      mock.timers.reset();
      await database.close();
      await postgres.stop();
    }
  });
});
