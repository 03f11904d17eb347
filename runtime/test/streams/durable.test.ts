import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { chatText, eventsIn, type ReceivedEvent, readEvents } from '../support/sse.js';

describe('durable streams', () => {
  let redis: TestRedis;
  let first: TestNode;
  let second: TestNode;
  const start = (nodeId: string) =>
    startTestNode({
      nodeId,
      redis: { host: redis.host, port: redis.port },
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 200 }],
      streams: { abandonedSeconds: 2, retentionSeconds: 2, outageSeconds: 1.5 },
    });
  before(async () => {
    redis = await startTestRedis();
    [first, second] = await Promise.all([start('first'), start('second')]);
  });
  after(async () => {
    await Promise.all([first.stop(), second.stop()]);
    await redis.stop();
  });

  const open = (node: TestNode, body: object = {}, signal?: AbortSignal) =>
    fetch(`${node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'demo',
        messages: [{ role: 'user', content: 'Hi' }],
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
        ...body,
      }),
      ...(signal && { signal }),
    });
  const pathOf = (response: Response) => response.headers.get('polypod-resume-url') ?? '';
  const whole = async (response: Response) => {
    const events: ReceivedEvent[] = [];
    assert.ok(await readEvents(response, (event) => events.push(event)), 'the stream broke');
    return events;
  };

  it('are read on any node, from any event on, while they run and after', async () => {
    const response = await open(first);
    assert.equal(response.headers.get('polypod-durable'), 'true');
    const elsewhere = whole(await fetch(`${second.url}${pathOf(response)}`));
    const all = await whole(response);
    assert.equal(all.at(-1)?.data, '[DONE]');
    assert.deepEqual(await elsewhere, all);
    for (const node of [first, second]) {
      for (const after of [0, 17, all.length - 1]) {
        const rest = await fetch(`${node.url}${pathOf(response)}`, {
          headers: { 'last-event-id': String(after) },
        });
        assert.deepEqual(eventsIn(await rest.text()), all.slice(after + 1));
      }
    }
  });

  it('answer 410 when their time is over, and 404 when there never was one', async () => {
    const response = await open(first, { max_tokens: 5 });
    await response.text();
    await sleep(2_300);
    for (const node of [first, second]) {
      assert.equal((await fetch(`${node.url}${pathOf(response)}`)).status, 410);
      assert.equal((await fetch(`${node.url}/v1/streams/chatcmpl-none`)).status, 404);
    }
  });

  it('are cancelled from any node', async () => {
    const response = await open(first, { logit_bias: { 257: -100 } });
    await sleep(100);
    assert.equal((await fetch(`${second.url}${pathOf(response)}/cancel`, { method: 'POST' })).status, 200);
    assert.match(await response.text(), /"stream_cancelled"/);
    await eventually(() => first.node.engines.get('demo')?.load.running === 0, 'a free sequence');
  });

  it('are given up when nobody reads them, here or elsewhere', async () => {
    const leave = new AbortController();
    const response = await open(first, { logit_bias: { 257: -100 } }, leave.signal);
    const stay = new AbortController();
    const elsewhere = await fetch(`${second.url}${pathOf(response)}`, { signal: stay.signal });
    leave.abort();
    await sleep(3_000);
    assert.equal(first.node.engines.get('demo')?.load.running, 1);
    stay.abort();
    await elsewhere.text().catch(() => undefined);
    await eventually(() => first.node.engines.get('demo')?.load.running === 0, 'the end of the stream');
  });

  it('wait for a Redis that hangs, and lose nothing', async () => {
    const expected = chatText(await whole(await open(first)));
    const response = await open(first);
    await sleep(100);
    redis.pause();
    await sleep(700);
    redis.resume();
    const events = await whole(response);
    assert.equal(chatText(events), expected);
    assert.deepEqual(
      events.map(({ id }) => id),
      [...events.keys()],
    );
  });

  it('go on without Redis when it stays away, and are in it again when it is back, empty', async () => {
    const expected = await whole(await open(first));
    const response = await open(first);
    await sleep(100);
    await redis.kill();
    const meanwhile = await open(second, { max_tokens: 10 });
    assert.equal(meanwhile.headers.get('polypod-durable'), 'false');
    assert.equal((await whole(meanwhile)).at(-1)?.data, '[DONE]');
    const events = await whole(response);
    assert.equal(chatText(events), chatText(expected));
    await redis.restart();
    const resume = () => fetch(`${second.url}${pathOf(response)}`);
    // Never a 404, which would send clients away: at first nobody, then only `second` knows that Redis is back.
    let statuses = '';
    await eventually(async () => {
      const { status } = await resume();
      statuses += `${status} `;
      return status === 200;
    }, 'the stream at another node');
    assert.match(statuses, /^(503 )*200 $/);
    assert.deepEqual(await whole(await resume()), events);
    assert.equal((await fetch(`${second.url}/v1/streams/chatcmpl-none`)).status, 503);
    await sleep(4_500);
    assert.equal((await fetch(`${second.url}/v1/streams/chatcmpl-none`)).status, 404);
    assert.equal((await open(second, { max_tokens: 1 })).headers.get('polypod-durable'), 'true');
  });

  it('that a leaving node hands over go on at another at once, through it and without it', async () => {
    const expected = chatText(await whole(await open(first)));
    const third = await start('third');
    const response = await open(third);
    const events: ReceivedEvent[] = [];
    const broke = readEvents(response, (event) => events.push(event));
    await eventually(() => events.length > 20, 'some of the answer');
    await third.stop();
    await broke;
    const resumed = await fetch(`${second.url}${pathOf(response)}?starting_after=${events.at(-1)?.id}`);
    events.push(...(await whole(resumed)));
    assert.equal(chatText(events), expected);
    assert.deepEqual(
      events.map(({ id }) => id),
      [...events.keys()],
    );
  });
});
