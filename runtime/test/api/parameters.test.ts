import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type OpenAI from 'openai';
import { startTestNode, type TestNode } from '../support/node.js';

type Body = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;

/** The demonstration model's end token. */
const END = 257;

describe('parameters of a generation', () => {
  let test: TestNode;
  before(async () => {
    test = await startTestNode({
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0, contextSize: 1024 }],
    });
  });
  after(() => test.stop());

  const create = (body: Body & Record<string, unknown> = {}) =>
    test.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 0,
      ...body,
    });
  const textOf = async (body: Body & Record<string, unknown>) =>
    (await create(body)).choices[0]?.message.content ?? '';

  it('generates as many tokens as asked for, and counts them exactly', async () => {
    for (const name of ['max_tokens', 'max_completion_tokens']) {
      const answer = await create({ [name]: 7 });
      assert.equal(answer.choices[0]?.finish_reason, 'length');
      assert.equal(answer.usage?.completion_tokens, 7);
      assert.equal(answer.usage?.total_tokens, (answer.usage?.prompt_tokens ?? 0) + 7);
    }
  });

  it('goes on to the end of the context without a limit, and never shifts it', async () => {
    const answer = await create({ logit_bias: { [END]: -100 } });
    assert.equal(answer.choices[0]?.finish_reason, 'length');
    assert.equal(answer.usage?.total_tokens, 1024);
  });

  it('ends before a stop string, wherever tokens break it', async () => {
    const whole = await textOf({});
    for (const stop of ['demonstration model', 'tion mo', 'l', ' know nothing', 'Hello']) {
      const answer = await create({ stop });
      assert.equal(answer.choices[0]?.message.content, whole.slice(0, whole.indexOf(stop)), stop);
      assert.equal(answer.choices[0]?.finish_reason, 'stop');
    }
    assert.equal(
      await textOf({ stop: ['nowhere', 'phrases,', 'table'] }),
      whole.slice(0, whole.indexOf('table')),
    );
    assert.equal(await textOf({ stop: ['model that never comes', 'nowhere'] }), whole);
  });

  it('streams nothing of a stop string', async () => {
    const whole = await textOf({});
    const stream = await test.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 0,
      stop: 'demonstration model that comes',
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    assert.equal(text, whole.slice(0, whole.indexOf('demonstration model')));
  });

  it('answers a seed with the same text each time, and different seeds with different ones', async () => {
    const sampled = (seed: number) => textOf({ temperature: 1.2, seed, max_tokens: 150 });
    assert.equal(await sampled(5), await sampled(5));
    const texts = await Promise.all([1, 2, 3, 4, 5, 6].map(sampled));
    assert.ok(new Set(texts).size > 3);
  });

  it('draws n choices, each with a seed of its own, and counts them all', async () => {
    const answer = await create({ n: 3, temperature: 1.5, seed: 1, max_tokens: 100 });
    assert.equal(answer.choices.length, 3);
    assert.deepEqual(
      answer.choices.map(({ index }) => index),
      [0, 1, 2],
    );
    assert.ok(new Set(answer.choices.map(({ message }) => message.content)).size > 1);
    const alone = await create({ temperature: 1.5, seed: 1, max_tokens: 100 });
    assert.equal(answer.choices[0]?.message.content, alone.choices[0]?.message.content);
    assert.equal(answer.usage?.prompt_tokens, alone.usage?.prompt_tokens);
  });

  it('top_k 1, a tiny top_p and min_p 1 are greedy at any temperature', async () => {
    const greedy = await textOf({ max_tokens: 60 });
    for (const filter of [{ top_k: 1 }, { top_p: 0.0001 }, { min_p: 1 }]) {
      assert.equal(
        await textOf({ ...filter, temperature: 2, max_tokens: 60 }),
        greedy,
        JSON.stringify(filter),
      );
    }
  });

  it('bans a token by logit_bias, and forces one', async () => {
    const plain = await create({ logprobs: true, max_tokens: 1 });
    const x = 'x'.charCodeAt(0);
    assert.equal(await textOf({ logit_bias: { [x]: 100 }, max_tokens: 3 }), 'xxx');
    const first = plain.choices[0]?.message.content ?? '';
    assert.equal(first, 'Hello!');
    assert.notEqual(await textOf({ logit_bias: { 263: -100 }, max_tokens: 1 }), first);
  });

  it('reports log probabilities of the raw distribution, which temperature and filters do not change', async () => {
    const read = async (body: Body & Record<string, unknown>) => {
      const answer = await create({ logprobs: true, top_logprobs: 3, max_tokens: 5, ...body });
      return answer.choices[0]?.logprobs?.content ?? [];
    };
    const greedy = await read({});
    assert.equal(greedy.length, 5);
    for (const entry of greedy) {
      assert.equal(entry.top_logprobs.length, 3);
      assert.equal(entry.token, entry.top_logprobs[0]?.token);
      assert.equal(entry.logprob, entry.top_logprobs[0]?.logprob);
      assert.ok(entry.logprob <= 0 && entry.logprob > -1);
      assert.deepEqual(entry.bytes, [...Buffer.from(entry.token)]);
      const [first, second] = entry.top_logprobs;
      assert.ok((first?.logprob ?? 0) > (second?.logprob ?? 0));
    }
    const filtered = await read({ temperature: 0.5, top_k: 1 });
    assert.deepEqual(filtered, greedy);
    const none = (await create({ max_tokens: 2 })).choices[0]?.logprobs;
    assert.equal(none, null);
  });

  it('sends characters whole, though each of their bytes is a token', async () => {
    // Forces the bytes of "é" (0xC3 0xA9) by the only grammar that has nothing else.
    const stream = await test.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { const: 'é漢🙂' } },
      },
    });
    const pieces: string[] = [];
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
    assert.deepEqual(
      pieces.filter((piece) => piece !== ''),
      ['"', 'é', '漢', '🙂', '"'],
    );
  });

  it('refuses a prompt over the context before the first byte, streamed or not', async () => {
    for (const stream of [true, false]) {
      await assert.rejects(
        create({ stream: stream as false, messages: [{ role: 'user', content: 'x'.repeat(2000) }] }),
        { status: 400, code: 'context_length_exceeded' },
      );
    }
  });

  it('refuses what it does not know, can not honour, or finds out of range, by name', async () => {
    const cases: [Record<string, unknown>, string, string][] = [
      [{ nonsense: 1 }, 'nonsense', 'unknown_parameter'],
      [
        { messages: [{ role: 'user', content: 'x', nonsense: 1 }] },
        'messages[0].nonsense',
        'unknown_parameter',
      ],
      [{ functions: [] }, 'functions', 'unsupported_parameter'],
      [{ reasoning_effort: 'low' }, 'reasoning_effort', 'unsupported_parameter'],
      [{ temperature: 2.1 }, 'temperature', 'invalid_value'],
      [{ temperature: 'hot' }, 'temperature', 'invalid_type'],
      [{ n: 0 }, 'n', 'invalid_value'],
      [{ top_logprobs: 3 }, 'top_logprobs', ''],
      [{ messages: [] }, 'messages', 'invalid_value'],
      [{ messages: [{ role: 'nobody', content: 'x' }] }, 'messages[0].role', 'invalid_value'],
      [
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
        'messages[0].content[0].type',
        'invalid_value',
      ],
      [{ logit_bias: { 999999: 1 } }, 'logit_bias', ''],
      [{ tool_choice: 'required' }, 'tool_choice', ''],
    ];
    for (const [body, param, code] of cases) {
      await assert.rejects(create(body), (error: InstanceType<typeof OpenAI.APIError>) => {
        assert.equal(error.status, 400);
        assert.equal(error.param, param);
        assert.equal(error.code ?? '', code, param);
        assert.equal(error.type, 'invalid_request_error');
        return true;
      });
    }
  });

  it('takes the parameters that describe rather than generate', async () => {
    await create({ user: 'me', metadata: { a: 'b' }, store: true, service_tier: 'auto', max_tokens: 1 });
  });
});
