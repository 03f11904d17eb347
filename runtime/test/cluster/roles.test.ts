import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Member } from '../../src/cluster/members.js';
import { Registry } from '../../src/cluster/registry.js';
import { connectDatabase } from '../../src/database/database.js';
import { LlamaEngine } from '../../src/engine/llama/llama-engine.js';
import { freePort } from '../../src/free-port.js';
import { eventually, startTestCluster } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const members = async ({ url }: { url: string }): Promise<Member[]> => {
  const body: unknown = await (await fetch(`${url}/api/v1/nodes`)).json();
  return (body as { data: Member[] }).data;
};

describe('roles', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());

  it('are what they say: the gateway loads nothing, and leads as little as the worker', async () => {
    const roles = ['gateway', 'worker', 'controller'] as const;
    const cluster = await startTestCluster(3, {
      postgres,
      config: (index) => ({ role: roles[index] ?? 'all' }),
    });
    const [gateway] = cluster.nodes;
    assert.ok(gateway);
    await eventually(async () => {
      const seen = await members(gateway);
      const offering = seen.filter(({ models }) => models.some(({ state }) => state === 'ready'));
      const leader: unknown = await (await fetch(`${gateway.url}/api/v1/cluster/leader`)).json();
      return (
        offering.map(({ id }) => id).join() === 'node-1' &&
        (leader as { leader: string | null }).leader === 'node-2'
      );
    }, 'each in its role');
    const ready = await Promise.all(cluster.nodes.map(({ url }) => fetch(`${url}/api/v1/ready`)));
    assert.deepEqual(
      ready.map(({ status }) => status),
      [200, 200, 200],
    );
    const ask = async (model: string) => {
      const body = JSON.stringify({ model, prompt: 'Hi', max_tokens: 1 });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${gateway.url}/v1/completions`, { method: 'POST', headers, body });
      const { error } = (await answer.json()) as { error?: { code: string } };
      return [answer.status, error?.code, answer.headers.get('retry-after')];
    };
    assert.deepEqual(await ask('demo'), [200, undefined, null]);
    await cluster.nodes[1]?.kill('SIGKILL');
    await eventually(
      async () => (await members(gateway)).some(({ status }) => status === 'dead'),
      'its loss',
    );
    // It will come back: clients that know OpenAI's errors try again after a 503, and never after a 404.
    assert.deepEqual(await ask('demo'), [503, 'model_unavailable', '1']);
    assert.deepEqual(await ask('none'), [404, 'model_not_found', null]);
    await cluster.stop();
  });

  it('wait for no database: nodes start without it, and find each other by DNS', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    const secretFile = join(directory, 'secret');
    await writeFile(secretFile, 'a-secret-for-this-test-alone');
    const peer = await freePort();
    const nobody = await freePort();
    const start = (nodeId: string, host: string): Promise<TestNode> =>
      startTestNode({
        nodeId,
        host,
        ports: { api: 0, metrics: 0, peer },
        database: { host: '127.0.0.1', port: nobody, sslMode: 'disable' },
        cluster: { secretFile, peerService: 'localhost' },
      });
    const one = await start('one', '127.0.0.1');
    const two = await start('two', '127.0.0.2');
    for (const each of [one, two]) {
      await eventually(
        async () =>
          (await members(each)).map(({ id, status }) => `${id} ${status}`).join() ===
          'one healthy,two healthy',
        'both nodes',
      );
    }
    const answer = await two.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 3,
    });
    assert.ok(answer.choices[0]?.message.content);
    await two.stop();
    const left = async () => (await members(one)).find(({ id }) => id === 'two')?.status === 'left';
    await eventually(left, 'the leave');
    await one.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('lets an operator end a quarantine, through the registry', async () => {
    const database = await postgres.database();
    const node = await startTestNode({
      nodeId: 'healed',
      database,
      selfHealing: { failures: 1, cooldownSeconds: 3600 },
    });
    const engine = node.node.engines.get('demo');
    assert.ok(engine instanceof LlamaEngine && engine.pid !== undefined);
    process.kill(engine.pid, 'SIGKILL');
    const state = async () => (await members(node))[0]?.models[0]?.state;
    await eventually(async () => (await state()) === 'quarantined', 'the quarantine');

    const operator = await connectDatabase(database, { onOutage: () => undefined });
    assert.equal(await new Registry(operator).setInstance('demo', 'healed', { release: true }), 1);
    await eventually(async () => (await state()) === 'ready', 'the release');
    await eventually(async () => {
      const events: unknown = await (await fetch(`${node.url}/api/v1/cluster/events`)).json();
      const types = (events as { data: { type: string }[] }).data.map(({ type }) => type);
      return types.includes('model.quarantined') && types.includes('model.released');
    }, 'events of both');
    await operator.close();
    await node.stop();
  });
});
