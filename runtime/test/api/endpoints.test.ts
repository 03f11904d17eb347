import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';

describe('the other endpoints', () => {
  let test: TestNode;
  before(async () => {
    test = await startTestNode();
  });
  after(() => test.stop());

  const request = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${test.url}${path}`, init);
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse((await response.text()) || 'null'),
    };
  };
  const post = (path: string, body: string, type = 'application/json') =>
    request(path, { method: 'POST', body, headers: { 'content-type': type } });

  it('lists models, and finds one by name', async () => {
    const list = await test.client.models.list();
    assert.deepEqual(
      list.data.map(({ id }) => id),
      ['demo'],
    );
    assert.equal((await test.client.models.retrieve('demo')).id, 'demo');
    await assert.rejects(test.client.models.retrieve('gpt-4'), { status: 404, code: 'model_not_found' });
  });

  it('completes text, token ids, and several prompts', async () => {
    const text = await test.client.completions.create({ model: 'demo', prompt: 'A', temperature: 0 });
    assert.equal(text.usage?.completion_tokens, 16);
    assert.equal(text.usage?.prompt_tokens, 1);
    const tokens = await test.client.completions.create({ model: 'demo', prompt: [65], temperature: 0 });
    assert.equal(tokens.choices[0]?.text, text.choices[0]?.text);
    const several = await test.client.completions.create({
      model: 'demo',
      prompt: ['A', 'BC'],
      n: 2,
      temperature: 0,
    });
    assert.equal(several.choices.length, 4);
    assert.equal(several.usage?.prompt_tokens, 3);
    await assert.rejects(test.client.completions.create({ model: 'demo', prompt: [999_999] }), {
      status: 400,
      param: 'prompt',
    });
    await assert.rejects(test.client.completions.create({ model: 'demo', prompt: '' }), { status: 400 });
    for (const [prompt, param] of [
      [[2 ** 32 + 65], 'prompt[0]'],
      [[[65], [66, 2 ** 31]], 'prompt[1][1]'],
    ] as const) {
      const { status, body } = await post('/v1/completions', JSON.stringify({ model: 'demo', prompt }));
      assert.deepEqual([status, body.error?.param], [400, param]);
    }
  });

  it('streams completions with log probabilities whose offsets fit the text', async () => {
    const stream = await test.client.completions.create({
      model: 'demo',
      prompt: 'A',
      temperature: 0,
      max_tokens: 6,
      logprobs: 2,
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if (choice?.logprobs) assert.deepEqual(choice.logprobs.text_offset, [text.length]);
      text += choice?.text ?? '';
    }
    assert.match(text, /^Hello! I am the/);
  });

  it('embeds texts as vectors of length 1, alike for like texts', async () => {
    const { data, usage } = await test.client.embeddings.create({
      model: 'demo',
      input: ['a small cat', 'a cat, small', 'XQZ!!'],
      encoding_format: 'float',
    });
    const [a = [], b = [], c = []] = data.map(({ embedding }) => embedding);
    const dot = (x: number[], y: number[]) =>
      x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
    assert.ok(Math.abs(dot(a, a) - 1) < 1e-5);
    assert.ok(dot(a, b) > 0.9 && dot(a, b) > dot(a, c), `${dot(a, b)} ${dot(a, c)}`);
    assert.ok(usage.prompt_tokens > 10);
    const base64 = await test.client.embeddings.create({ model: 'demo', input: 'a small cat' });
    assert.ok(dot(base64.data[0]?.embedding ?? [], a) > 0.9999);
    const short = await test.client.embeddings.create({ model: 'demo', input: 'x', dimensions: 8 });
    assert.equal(short.data[0]?.embedding.length, 8);
    await assert.rejects(test.client.embeddings.create({ model: 'demo', input: [] }), { status: 400 });
    await assert.rejects(test.client.embeddings.create({ model: 'demo', input: [2 ** 32 + 65] }), {
      status: 400,
      param: 'input[0]',
    });
  });

  it('names the field that is too long for the model', async () => {
    const long = 'word '.repeat(30_000);
    const field = (path: string, body: object) =>
      post(path, JSON.stringify({ model: 'demo', ...body })).then(({ body }) => [
        body.error?.code,
        body.error?.param,
      ]);
    const code = 'context_length_exceeded';
    const messages = [{ role: 'user', content: long }];
    assert.deepEqual(await field('/v1/chat/completions', { messages }), [code, 'messages']);
    assert.deepEqual(await field('/v1/completions', { prompt: long }), [code, 'prompt']);
    assert.deepEqual(await field('/v1/embeddings', { input: long }), [code, 'input']);
    assert.deepEqual(await field('/v1/responses', { input: long }), [code, 'input']);
  });

  it('answers errors in OpenAI shape everywhere', async () => {
    const body = JSON.stringify({ model: 'none', messages: [{ role: 'user', content: 'x' }] });
    const big = 'x'.repeat(8 * 1024 * 1024 + 1);
    const cases: [Promise<{ status: number; body: { error: { code: string } } }>, number, string][] = [
      [request('/nowhere'), 404, 'unknown_url'],
      [post('/v1/chat/completions', body), 404, 'model_not_found'],
      [post('/v1/chat/completions', '{'), 400, 'invalid_body'],
      [post('/v1/chat/completions', ''), 400, 'invalid_body'],
      [post('/v1/chat/completions', '[1]'), 400, 'invalid_type'],
      [post('/v1/chat/completions', '{"__proto__": {}}'), 400, 'invalid_body'],
      [post('/v1/chat/completions', 'x', 'text/plain'), 415, 'unsupported_media_type'],
      [post('/v1/chat/completions', big), 413, 'body_too_large'],
      [post('/v1/chat/completions', big, 'text/plain'), 413, 'body_too_large'],
      [request('/v1/models', { method: 'POST' }), 405, 'method_not_allowed'],
      [request('/v1/chat/completions'), 405, 'method_not_allowed'],
      [request('/v1/streams/none'), 404, 'stream_not_found'],
    ];
    for (const [answer, status, code] of cases) {
      const { status: actual, body: error } = await answer;
      assert.deepEqual([actual, error.error?.code], [status, code]);
    }
    const invalid = new Uint8Array(Buffer.from('{"model":"\xff"}', 'latin1'));
    const response = await fetch(`${test.url}/v1/chat/completions`, {
      method: 'POST',
      body: invalid,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(response.status, 400);
  });

  it('refuses what nests too deep, and counts no brackets in strings', async () => {
    const asked = (schema: string, content: string) =>
      post(
        '/v1/chat/completions',
        `{"model":"demo","max_tokens":1,"temperature":0,"messages":[{"role":"user","content":${JSON.stringify(content)}}],
          "tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]}`,
      );
    for (const levels of [300, 20_000]) {
      const deep = `${'{"not":'.repeat(levels)}{}${'}'.repeat(levels)}`;
      const { status, body } = await asked(deep, 'Hi');
      assert.deepEqual([status, body.error?.code], [400, 'invalid_json']);
      assert.match(body.error.message, /deeper than 256 levels/);
    }
    const brackets = `"${'['.repeat(300)}\\"${'{'.repeat(300)}\\`;
    assert.equal((await asked('{}', brackets)).status, 200);
  });

  it('takes a type of content without any where no body is needed', async () => {
    const { id } = await test.client.responses.create({ model: 'demo', input: 'Hello', background: true });
    const headers = { 'content-type': 'application/json' };
    const cancelled = await request(`/v1/responses/${id}/cancel`, { method: 'POST', headers });
    assert.deepEqual([cancelled.status, cancelled.body.id], [200, id]);
    const deleted = await request(`/v1/responses/${id}`, { method: 'DELETE', headers });
    assert.deepEqual([deleted.status, deleted.body.deleted], [200, true]);
    const { status, body } = await request('/v1/completions', { method: 'POST', headers });
    assert.deepEqual([status, body.error.message], [400, 'The body is empty: send JSON.']);
  });

  it('names the methods that are possible', async () => {
    const { headers } = await request('/v1/chat/completions');
    assert.equal(headers.get('allow'), 'POST');
    assert.equal((await request('/v1/models', { method: 'DELETE' })).headers.get('allow'), 'GET, HEAD');
  });

  it('gives every answer a request id', async () => {
    assert.match((await request('/nowhere')).headers.get('x-request-id') ?? '', /^req_/);
  });
});

describe('a client that leaves before it has its embeddings', () => {
  it('is no error', async () => {
    const lines: { level: number; msg: string; status?: number }[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const test = await startTestNode({}, log);
    const input = Array<string>(2_000).fill('word '.repeat(500));
    await assert.rejects(
      fetch(`${test.url}/v1/embeddings`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo', input }),
        signal: AbortSignal.timeout(300),
      }),
    );
    await eventually(() => lines.some(({ msg }) => msg === 'request'), 'the line of the request');
    await test.stop();
    assert.deepEqual(
      lines.filter(({ level, msg }) => level >= 50 || msg === 'request').map(({ status }) => status),
      [499],
    );
  });
});
