import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';

describe('streams', () => {
  let test: TestNode;
  before(async () => {
    test = await startTestNode({
      models: [
        { id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 200, sequences: 2, queue: 2 },
        { id: 'fast', source: 'demo:', threads: 1, tokensPerSecond: 0 },
      ],
      streams: { abandonedSeconds: 2 },
    });
  });
  after(() => test.stop());

  const open = (body: object = {}, signal?: AbortSignal) =>
    fetch(`${test.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'demo',
        messages: [{ role: 'user', content: 'Hi' }],
        temperature: 0,
        stream: true,
        ...body,
      }),
      ...(signal && { signal }),
    });
  const eventsOf = (text: string) =>
    text.split('\n\n').flatMap((block) => {
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      return id === undefined || data === undefined ? [] : [{ id: Number(id), data }];
    });
  const load = () => test.node.engines.get('demo')?.load;
  const running = (count: number) => eventually(() => load()?.running === count, `${count} running`);
  const idle = () => running(0);

  it('numbers every event, and goes on after any of them', async () => {
    const response = await open({ model: 'fast' });
    const url = response.headers.get('polypod-resume-url');
    const all = eventsOf(await response.text());
    assert.deepEqual(
      all.map(({ id }) => id),
      [...all.keys()],
    );
    assert.equal(all.at(-1)?.data, '[DONE]');
    for (const after of [-1, 0, 17, all.length - 2, all.length - 1]) {
      const resumed = eventsOf(await (await fetch(`${test.url}${url}?starting_after=${after}`)).text());
      assert.deepEqual(resumed, all.slice(after + 1));
    }
    const byHeader = await fetch(`${test.url}${url}`, { headers: { 'last-event-id': '100' } });
    assert.deepEqual(eventsOf(await byHeader.text()), all.slice(101));
    assert.equal((await fetch(`${test.url}${url}?starting_after=x`)).status, 400);
  });

  it('goes on while its reader is away, from where that reader was', async () => {
    const leave = new AbortController();
    const response = await open({}, leave.signal);
    const url = response.headers.get('polypod-resume-url');
    const reader = response.body?.getReader();
    const first = eventsOf(Buffer.from((await reader?.read())?.value ?? []).toString());
    leave.abort();
    await sleep(100);
    const rest = eventsOf(await (await fetch(`${test.url}${url}?starting_after=${first.at(-1)?.id}`)).text());
    const ids = [...first, ...rest].map(({ id }) => id);
    assert.deepEqual(ids, [...ids.keys()]);
    assert.equal(rest.at(-1)?.data, '[DONE]');
    await idle();
  });

  it('is given up when no reader comes back', async () => {
    const leave = new AbortController();
    await open({ logit_bias: { 257: -100 } }, leave.signal);
    leave.abort();
    await idle();
  });

  it('frees its sequence at once when it is cancelled', async () => {
    const response = await open({ logit_bias: { 257: -100 } });
    const url = response.headers.get('polypod-resume-url');
    await running(1);
    assert.equal((await fetch(`${test.url}${url}/cancel`, { method: 'POST' })).status, 200);
    assert.match(await response.text(), /"stream_cancelled"/);
    await idle();
  });

  it('frees its sequence when the client of an answer in one piece leaves', async () => {
    const leave = new AbortController();
    const answer = open({ stream: false, logit_bias: { 257: -100 } }, leave.signal);
    await running(1);
    leave.abort();
    await assert.rejects(answer);
    await idle();
  });

  it('is refused as overload when the queue is full, with a time to wait', async () => {
    const leave = new AbortController();
    const open4 = await Promise.all(
      [1, 2, 3, 4].map(() => open({ logit_bias: { 257: -100 } }, leave.signal)),
    );
    assert.deepEqual(
      open4.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.deepEqual([load()?.running, load()?.queued], [2, 2]);
    const refused = await open();
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(JSON.parse(await refused.text()).error.code, 'overloaded');
    leave.abort();
    await idle();
  });
});
