import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';
import type { ProcessNode } from '../support/process-node.js';
import { type ReceivedEvent, readEvents } from '../support/sse.js';

const TOKENS = 200;
/** One node takes all requests; sessions tell which one answers. */
const ENTRY = 'node-0';
const PROMPT = 'From one node to the next. ';
const FIXED = { model: 'tiny', temperature: 0, logit_bias: { 257: -100 } };

describe('requests to a node that is not to answer them', () => {
  let directory: string;
  let cluster: TestCluster;
  let entry: ProcessNode;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-forwarding-'));
    const model = join(directory, 'tiny.gguf');
    await writeRandomModel(model, TINY);
    cluster = await startTestCluster(3, {
      config: {
        models: [
          {
            ...{ id: 'tiny', source: `file:${model}`, threads: 1, contextSize: 1024 },
            ...{ sequences: 2, queue: 1, tokensPerSecond: 200, reproducible: true },
          },
        ],
      },
    });
    entry = nodeOf(ENTRY);
    for (const node of cluster.nodes) await knowsAll(node);
  });
  after(async () => {
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const nodeOf = (id: string | null): ProcessNode => {
    const node = cluster.nodes[Number(id?.slice(-1))];
    assert.ok(node, `there is no node ${id}`);
    return node;
  };
  const post = (node: ProcessNode, path: string, body: object, session?: string) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(session !== undefined && { 'polypod-session': session }),
      },
      body: JSON.stringify({ ...FIXED, ...body }),
    });
  const complete = (node: ProcessNode, body: object, session?: string) =>
    post(node, '/v1/completions', { prompt: PROMPT, ...body }, session);
  const ownerOf = async (session: string, node = entry) => {
    const answer = await complete(node, { max_tokens: 1 }, session);
    await answer.text();
    return answer.headers.get('polypod-node');
  };
  /** Each node is chosen for some session. */
  const knowsAll = (node: ProcessNode) =>
    eventually(async () => {
      const names = new Set<string | null>();
      for (let session = 0; session < 24; session++) names.add(await ownerOf(`${session}`, node));
      return names.size === cluster.nodes.length;
    }, 'a cluster that knows itself');
  /** A session that belongs to another node than the one that takes the request. */
  const sessionElsewhere = async (): Promise<{ session: string; owner: ProcessNode }> => {
    for (let index = 0; ; index++) {
      const session = `elsewhere-${index}`;
      const id = await ownerOf(session);
      if (id !== ENTRY) return { session, owner: nodeOf(id) };
    }
  };
  const recovered = async (node: ProcessNode) => {
    await node.launch();
    await knowsAll(entry);
  };

  it('are answered by the same node wherever they come in, which is named', async () => {
    await eventually(async () => {
      for (let session = 0; session < 8; session++) {
        const names = new Set<string | null>();
        for (const node of cluster.nodes) names.add(await ownerOf(`s${session}`, node));
        if (names.size > 1) return false;
      }
      return true;
    }, 'the same choice on every node');
    const { session } = await sessionElsewhere();
    const answer = await complete(entry, { max_tokens: 1 }, session);
    assert.equal(answer.headers.get('polypod-via'), ENTRY);
    assert.notEqual(answer.headers.get('polypod-node'), ENTRY);
    assert.equal(answer.headers.get('x-request-id')?.startsWith('req_'), true);
    const refused = await complete(entry, { max_tokens: -1 }, session);
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /"param":"max_tokens"/);
  });

  it('follow the response before, whose id says where it was', async () => {
    const respond = async (body: object) => {
      const answer = await post(entry, '/v1/responses', {
        ...body,
        max_output_tokens: 2,
        logit_bias: undefined,
      });
      const { id } = JSON.parse(await answer.text());
      return { id, node: answer.headers.get('polypod-node') };
    };
    // A node that is slow for a moment loses its sessions for that moment.
    await eventually(async () => {
      for (const input of ['one', 'two', 'three', 'four']) {
        const first = await respond({ input });
        const second = await respond({ input: 'And then?', previous_response_id: first.id });
        const third = await respond({ input: 'And now?', previous_response_id: second.id });
        if (second.node !== first.node || third.node !== first.node) return false;
      }
      return true;
    }, 'chains that stay where they began');
  });

  for (const [what, path, body] of [
    [
      'completion',
      '/v1/completions',
      { prompt: PROMPT, max_tokens: TOKENS, stream_options: { include_usage: true } },
    ],
    [
      'chat',
      '/v1/chat/completions',
      {
        messages: [{ role: 'user', content: PROMPT }],
        max_tokens: TOKENS,
        n: 2,
        stream_options: { include_usage: true },
      },
    ],
  ] as const) {
    it(`as a streamed ${what} go on without a break when the node that answers is killed`, async () => {
      const { session, owner } = await sessionElsewhere();
      const open = () => post(entry, path, { ...body, stream: true }, session);
      const expected = await eventsOf(await open());
      const actual = await eventsOf(await open(), 40, () => owner.kill('SIGKILL'));
      assert.deepEqual(byChoice(actual), byChoice(expected));
      assert.deepEqual(
        actual.map(({ id }) => id),
        [...actual.keys()],
      );
      await recovered(owner);
    });
  }

  it('are answered as a whole although the node that answers is killed', async () => {
    const { session, owner } = await sessionElsewhere();
    const ask = async () => {
      const answer = await complete(entry, { max_tokens: TOKENS }, session);
      assert.equal(answer.status, 200);
      return JSON.parse(await answer.text());
    };
    const expected = await ask();
    const actual = ask();
    await sleep(300);
    await owner.kill('SIGKILL');
    assert.deepEqual((await actual).choices, expected.choices);
    assert.deepEqual((await actual).usage.completion_tokens, TOKENS);
    await recovered(owner);
  });

  it('go on when the node that answers hangs, and is not heard of any more', async () => {
    const { session, owner } = await sessionElsewhere();
    const open = () => complete(entry, { max_tokens: TOKENS, stream: true }, session);
    const expected = await eventsOf(await open());
    try {
      const actual = await eventsOf(await open(), 40, () => owner.signal('SIGSTOP'));
      assert.deepEqual(byChoice(actual), byChoice(expected));
    } finally {
      owner.signal('SIGCONT');
    }
    await knowsAll(entry);
  });

  it('never fail for a node that is just gone: another one is asked', async () => {
    const { session, owner } = await sessionElsewhere();
    await owner.kill('SIGKILL');
    for (let request = 0; request < 10; request++) {
      const answer = await complete(entry, { max_tokens: 1 }, session);
      assert.equal(answer.status, 200, await answer.text());
    }
    await recovered(owner);
  });

  it('go to the next node when the one that they belong to is full, and are 429 when all are', async () => {
    const { session } = await sessionElsewhere();
    await eventually(async () => {
      const opened = await Promise.all(
        Array.from({ length: 14 }, () => complete(entry, { max_tokens: 900, stream: true }, session)),
      );
      const answered = opened.filter(({ status }) => status === 200);
      for (const { status, headers } of opened.filter((each) => !answered.includes(each))) {
        assert.equal(status, 429);
        assert.ok(Number(headers.get('retry-after')) >= 1);
      }
      const nodes = new Set(answered.map(({ headers }) => headers.get('polypod-node')));
      await Promise.all(answered.map((response) => response.text()));
      // Each of three nodes runs two and lets one wait; on a slow machine the first have ended before the last come.
      return nodes.size === 3 && answered.length >= 6 && answered.length <= 9;
    }, 'all nodes full');
  });
});

/** Reads a stream to its end; calls back once, with that many events there. */
async function eventsOf(
  response: Response,
  at = -1,
  then = (): unknown => undefined,
): Promise<ReceivedEvent[]> {
  assert.equal(response.status, 200);
  const events: ReceivedEvent[] = [];
  let done: unknown;
  const whole = await readEvents(response, (event) => {
    events.push(event);
    if (events.length === at) done = then();
  });
  await done;
  assert.ok(whole, `the stream was cut after ${events.length} events`);
  assert.equal(events.at(-1)?.data, '[DONE]');
  return events;
}

/** What each choice says, and the usage; the order between choices depends on who ran them together. */
function byChoice(events: readonly ReceivedEvent[]): Map<unknown, unknown[]> {
  const lists = new Map<unknown, unknown[]>();
  for (const { data } of events) {
    if (data === '[DONE]') continue;
    const { choices, usage } = JSON.parse(data);
    const [choice] = choices;
    const key = choice?.index ?? 'usage';
    lists.set(key, [...(lists.get(key) ?? []), choice ?? usage.completion_tokens]);
  }
  return lists;
}
