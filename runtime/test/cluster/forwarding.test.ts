import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';
import type { ProcessNode } from '../support/process-node.js';
import { type ReceivedEvent, readEvents } from '../support/sse.js';

const TOKENS = 200;

describe('requests to a node that is not to answer them', () => {
  let directory: string;
  let cluster: TestCluster;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-forwarding-'));
    const model = join(directory, 'tiny.gguf');
    await writeRandomModel(model, TINY);
    cluster = await startTestCluster(3, {
      config: {
        models: [
          { id: 'tiny', source: `file:${model}`, threads: 1, contextSize: 1024, sequences: 8, tokensPerSecond: 150 },
        ],
      },
    });
    for (const node of cluster.nodes) await knowsOwner(node);
  });
  after(async () => {
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const REQUEST = {
    model: 'tiny',
    temperature: 0,
    logit_bias: { 257: -100 },
  };
  const post = (node: ProcessNode, path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...REQUEST, ...body }),
    });
  /** All nodes know all others once each is chosen by some key. */
  const knowsOwner = (node: ProcessNode) =>
    eventually(async () => {
      const names = new Set<string | null>();
      for (let key = 0; key < 24; key++) {
        const answer = await post(node, '/v1/completions', { prompt: 'Hi', max_tokens: 1 }, { 'polypod-session': `${key}` });
        names.add(answer.headers.get('polypod-node'));
        await answer.text();
      }
      return names.size === 3;
    }, 'a cluster that knows itself');

  it('are answered by the same node, wherever they come in', async () => {
    for (let session = 0; session < 12; session++) {
      const names = await Promise.all(
        cluster.nodes.map(async (node) => {
          const answer = await post(node, '/v1/completions', { prompt: 'Hi', max_tokens: 2 }, { 'polypod-session': `s${session}` });
          assert.equal(answer.status, 200);
          await answer.text();
          return answer.headers.get('polypod-node');
        }),
      );
      assert.equal(new Set(names).size, 1, `${names}`);
    }
  });

  it('go on without a break when the node that answers is killed', async () => {
    const open = (node: ProcessNode, session: string) =>
      post(
        node,
        '/v1/completions',
        { prompt: 'From one node to the next. ', max_tokens: TOKENS, stream: true, stream_options: { include_usage: true } },
        { 'polypod-session': session },
      );
    const [first] = cluster.nodes;
    assert.ok(first);
    const expected: ReceivedEvent[] = [];
    assert.ok(await readEvents(await open(first, 's0'), (event) => expected.push(event)));
    let session = 0;
    let response = await open(first, `s${session}`);
    while (response.headers.get('polypod-node') === 'node-0') {
      await response.body?.cancel();
      response = await open(first, `s${++session}`);
    }
    const owner = cluster.nodes[Number(response.headers.get('polypod-node')?.slice(-1))];
    assert.ok(owner);
    assert.equal(response.headers.get('polypod-via'), 'node-0');
    const events: ReceivedEvent[] = [];
    let killed: Promise<void> | undefined;
    const whole = await readEvents(response, (event) => {
      events.push(event);
      if (event.id === 40) killed = owner.kill('SIGKILL');
    });
    await killed;
    assert.ok(whole);
    await owner.launch();
    assert.deepEqual(
      events.map(({ id, data }) => [id, comparable(data)]),
      expected.map(({ id, data }) => [id, comparable(data)]),
    );
  });
});

function comparable(data: string): unknown {
  if (data === '[DONE]') return data;
  const { choices, usage } = JSON.parse(data);
  return { choices, tokens: usage?.completion_tokens };
}
