import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { ProcessNode } from '../support/process-node.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { chatText, type ReceivedEvent, readEvents } from '../support/sse.js';

const REQUESTS: readonly [string, object][] = [
  ['greedy, with usage', { temperature: 0 }],
  ['sampled, three choices', { temperature: 0.9, seed: 7, n: 3 }],
  ['with log probabilities', { temperature: 0.7, seed: 3, logprobs: 2 }],
  ['with penalties', { temperature: 0.7, seed: 5, frequency_penalty: 0.8, repetition_penalty: 1.2 }],
];

describe('streams that are handed over again and again', () => {
  let directory: string;
  let redis: TestRedis;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-hand-over-'));
    await writeRandomModel(join(directory, 'tiny.gguf'), TINY);
    redis = await startTestRedis();
  });
  after(async () => {
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const config = (nodeId: string) => ({
    nodeId,
    redis: { host: redis.host, port: redis.port },
    models: [
      {
        id: 'tiny',
        reproducible: true,
        source: `file:${join(directory, 'tiny.gguf')}`,
        threads: 1,
        contextSize: 1024,
        tokensPerSecond: 200,
        sequences: 12,
      },
    ],
  });
  const open = (url: string, body: object) =>
    fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'tiny',
        prompt: 'From one node to the next. ',
        max_tokens: 240,
        stream: true,
        stream_options: { include_usage: true },
        logit_bias: { 257: -100 },
        ...body,
      }),
    });
  /** What each choice says, and the end; the order between choices depends on who ran them together. */
  const byChoice = (events: readonly ReceivedEvent[]) => {
    const lists = new Map<unknown, unknown[]>();
    for (const { data } of events) {
      // Batches of another size give other last digits of a probability.
      const parsed = JSON.parse(data === '[DONE]' ? '{"choices":[]}' : data, (_, value) =>
        typeof value === 'number' ? Number(value.toFixed(3)) : value,
      );
      if (parsed.usage) parsed.usage.prompt_tokens_details = undefined;
      const [choice] = parsed.choices;
      const key = choice?.index ?? 'end';
      lists.set(key, [...(lists.get(key) ?? []), choice ?? parsed.usage ?? data]);
    }
    return lists;
  };
  const whole = async (response: Response) => {
    const events: ReceivedEvent[] = [];
    assert.ok(await readEvents(response, (event) => events.push(event)));
    assert.deepEqual(
      events.map(({ id }) => id),
      [...events.keys()],
    );
    return byChoice(events);
  };

  it('say what uninterrupted ones do, to a client that stays with the first node', async () => {
    const last = await startTestNode(config('last'));
    const expected = await Promise.all(REQUESTS.map(async ([, body]) => whole(await open(last.url, body))));
    const leaving: TestNode[] = [];
    for (const name of ['first', 'second'])
      leaving.push(await startTestNode({ ...config(name), drainSeconds: 10 }));
    try {
      const url = leaving[0]?.url ?? '';
      const actual = REQUESTS.map(async ([, body]) => whole(await open(url, body)));
      for (const node of leaving) {
        await sleep(250);
        void node.node.drain();
      }
      for (const [index, [name]] of REQUESTS.entries())
        assert.deepEqual(await actual[index], expected[index], name);
    } finally {
      await Promise.all([...leaving, last].map((node) => node.stop()));
    }
  });

  it('say the same when a node only seemed dead, and comes back', async () => {
    const [sleeper, other] = await Promise.all([
      ProcessNode.start(config('sleeper')),
      ProcessNode.start(config('other')),
    ]);
    try {
      const [, body] = REQUESTS[0] ?? ['', {}];
      const expected = await whole(await open(other.url, body));
      const response = await open(sleeper.url, body);
      const actual = whole(response);
      await sleep(200);
      sleeper.signal('SIGSTOP');
      await sleep(2_500);
      const elsewhere = whole(await fetch(`${other.url}${response.headers.get('polypod-resume-url')}`));
      sleeper.signal('SIGCONT');
      assert.deepEqual(await elsewhere, expected);
      assert.deepEqual(await actual, expected);
    } finally {
      await Promise.all([sleeper.stop(), other.stop()]);
    }
  });

  it('do not wait for a reader that does not read', async () => {
    const [writer, reader] = await Promise.all([
      startTestNode(config('writer')),
      startTestNode(config('reader')),
    ]);
    try {
      const expected = await whole(await open(writer.url, { temperature: 0, max_tokens: 900, logprobs: 5 }));
      const response = await open(writer.url, { temperature: 0, max_tokens: 900, logprobs: 5 });
      // Nobody reads this body; it is larger than what sockets hold.
      const slow = await fetch(`${reader.url}${response.headers.get('polypod-resume-url')}`);
      assert.deepEqual(await whole(response), expected);
      await sleep(200);
      assert.deepEqual(await whole(slow), expected);
    } finally {
      await Promise.all([writer.stop(), reader.stop()]);
    }
  });

  it('go on at a survivor, at the pace of a model that is slowed down', async () => {
    const [victim, survivor] = await Promise.all([
      ProcessNode.start({ ...config('victim'), models: [{ id: 'demo', source: 'demo:', threads: 1 }] }),
      ProcessNode.start({ ...config('survivor'), models: [{ id: 'demo', source: 'demo:', threads: 1 }] }),
    ]);
    try {
      const post = (url: string) =>
        fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model: 'demo',
            messages: [{ role: 'user', content: 'Hi' }],
            temperature: 0,
            stream: true,
          }),
        });
      const events: ReceivedEvent[] = [];
      const response = await post(victim.url);
      const broken = readEvents(response, (event) => events.push(event));
      await sleep(2_000);
      await victim.kill('SIGKILL');
      assert.equal(await broken, false, 'a cut stream must not look like a complete one');
      const resumed = await fetch(
        `${survivor.url}${response.headers.get('polypod-resume-url')}?starting_after=${events.at(-1)?.id}`,
      );
      const killed = performance.now();
      let gap = 0;
      assert.ok(
        await readEvents(resumed, (event) => {
          gap ||= performance.now() - killed;
          events.push(event);
        }),
      );
      // Two seconds of a machine that has nothing else to do, which the benchmark measures.
      assert.ok(gap < 15_000, `the gap was ${gap} ms`);
      const text = chatText(events);
      const again: ReceivedEvent[] = [];
      await readEvents(await post(survivor.url), (event) => again.push(event));
      assert.equal(text, chatText(again));
    } finally {
      await Promise.all([victim.stop(), survivor.stop()]);
    }
  });

  it('reach a client of a node that gets SIGTERM to their end, before the node ends', async () => {
    const [leaving, staying] = await Promise.all([
      ProcessNode.start({ ...config('leaving'), drainSeconds: 10 }),
      ProcessNode.start(config('staying')),
    ]);
    try {
      const [, body] = REQUESTS[1] ?? ['', {}];
      const expected = await whole(await open(staying.url, body));
      const actual = whole(await open(leaving.url, body));
      await sleep(200);
      const ended = leaving.kill('SIGTERM');
      assert.deepEqual(await actual, expected);
      const start = performance.now();
      await ended;
      assert.ok(performance.now() - start < 5_000, 'it waits for its answers, not for its drain time');
    } finally {
      await Promise.all([leaving.stop(), staying.stop()]);
    }
  });

  it("as responses are resumed by OpenAI's client at a survivor", async () => {
    const demo = { models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 100 }] };
    const [victim, survivor] = await Promise.all([
      ProcessNode.start({ ...config('victim'), ...demo }),
      ProcessNode.start({ ...config('survivor'), ...demo }),
    ]);
    try {
      const clientOf = ({ url }: ProcessNode) =>
        new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
      const request = { model: 'demo', input: 'Hi', temperature: 0, background: true } as const;
      const expected = [];
      for await (const event of await clientOf(survivor).responses.create({ ...request, stream: true })) {
        expected.push(event);
      }
      const events: ResponseStreamEvent[] = [];
      const stream = await clientOf(victim).responses.create({ ...request, stream: true });
      await assert.rejects(async () => {
        for await (const event of stream) {
          events.push(event);
          if (events.length === 40) await victim.kill('SIGKILL');
        }
      });
      const [created] = events;
      assert.ok(created?.type === 'response.created');
      const { id } = created.response;
      const starting_after = events.at(-1)?.sequence_number ?? 0;
      for await (const event of await clientOf(survivor).responses.retrieve(id, {
        stream: true,
        starting_after,
      })) {
        events.push(event);
      }
      assert.deepEqual(
        events.map(({ type, sequence_number }) => [type, sequence_number]),
        expected.map(({ type, sequence_number }) => [type, sequence_number]),
      );
      const final = await clientOf(survivor).responses.retrieve(id);
      const last = expected.at(-1);
      assert.ok(last?.type === 'response.completed');
      assert.equal(final.output_text, last.response.output_text ?? textOf(last.response));
      assert.equal(final.usage?.output_tokens, last.response.usage?.output_tokens);
    } finally {
      await Promise.all([victim.stop(), survivor.stop()]);
    }
  });
});

function textOf({ output }: OpenAI.Responses.Response): string {
  const [item] = output;
  const part = item?.type === 'message' ? item.content[0] : undefined;
  return part?.type === 'output_text' ? part.text : '';
}
