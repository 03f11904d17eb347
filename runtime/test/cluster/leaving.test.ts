import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PATHS } from '../../contract.cjs';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';
import { type TestOperator, testOperator } from '../support/operator.js';

describe('leaving the cluster', () => {
  let directory: string;
  let cluster: TestCluster;
  let operator: TestOperator;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-leaving-'));
    operator = await testOperator(directory);
    cluster = await startTestCluster(3, { config: { access: operator.access } });
  });
  after(async () => {
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const url = (node: number) => cluster.nodes[node]?.url ?? '';
  const leave = (
    asked: number,
    body?: object,
    headers: Readonly<Record<string, string>> = operator.headers,
  ) =>
    fetch(`${url(asked)}${PATHS.leave}`, {
      method: 'POST',
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const status = async (asked: number, node: string): Promise<string> => {
    const { data } = (await (await fetch(`${url(asked)}/api/v1/nodes`)).json()) as {
      data: { id: string; status: string }[];
    };
    return data.find(({ id }) => id === node)?.status ?? '';
  };

  it('is for operators, and for nodes that are there', async () => {
    assert.equal((await leave(0, { node: 'node-1' }, {})).status, 401);
    const unknown = await leave(0, { node: "node-9'; DROP TABLE nodes" });
    assert.equal(unknown.status, 404);
    assert.match(await unknown.text(), /node_not_found/);
    assert.equal((await leave(0, { nodes: ['node-1'] })).status, 400);
    assert.equal(await status(0, 'node-1'), 'healthy');
  });

  it('has any node drain, whichever is told', async () => {
    const answer = await leave(0, { node: 'node-1' });
    assert.equal(answer.status, 202);
    assert.deepEqual(await answer.json(), { node: 'node-1', status: 'draining' });
    await eventually(async () => (await fetch(`${url(1)}${PATHS.ready}`)).status === 503, 'unready');
    await eventually(async () => (await status(0, 'node-1')) === 'draining', 'draining');
    assert.equal((await fetch(`${url(1)}${PATHS.health}`)).status, 200, 'it can be looked at');
    await eventually(async () => {
      const events = await cluster.postgres.query(
        cluster.database,
        `SELECT FROM events WHERE type = 'node.draining' AND node_id = 'node-1'`,
      );
      return events.length === 1;
    }, 'an event');
    const [entry] = await cluster.postgres.query(
      cluster.database,
      `SELECT act, target, status FROM audit_log WHERE act = 'node.leave' AND status = 202`,
    );
    assert.deepEqual(entry, { act: 'node.leave', target: 'node-1', status: 202 });
  });

  it('is the asked node itself where none is named; the others go on', async () => {
    assert.equal((await leave(2)).status, 202);
    await eventually(async () => (await status(0, 'node-2')) === 'draining', 'draining');
    const answer = await fetch(`${url(0)}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5 }),
    });
    assert.equal(answer.status, 200);
  });

  it('says so where the node can not be told', async () => {
    cluster.nodes[1]?.signal('SIGSTOP');
    const answer = await leave(0, { node: 'node-1' });
    cluster.nodes[1]?.signal('SIGCONT');
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /node_unreachable/);
  });
});
