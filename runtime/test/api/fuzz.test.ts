import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from '../support/fuzz.js';
import { startTestNode, type TestNode } from '../support/node.js';

/** Requests in all. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 10_000);
const AT_ONCE = 4;

const FIELDS = [
  'model',
  'messages',
  'prompt',
  'input',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'n',
  'stop',
  'max_tokens',
  'max_completion_tokens',
  'presence_penalty',
  'frequency_penalty',
  'repetition_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'seed',
  'user',
  'metadata',
  'store',
  'dimensions',
  'encoding_format',
  'echo',
  'functions',
  '__proto__',
  'constructor',
  '',
];

// Small values: the time belongs to the server, not to making them up.
fc.configureGlobal({ ...fc.readConfigureGlobal(), baseSize: 'xsmall' });

const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1, 1e308, -1, 2 ** 53, 0.5));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const value = fc.oneof(number, text, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 1 }));
const schema = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2, depthSize: 'xsmall' },
    fc.record(
      {
        type: fc.constantFrom(
          'object',
          'array',
          'string',
          'integer',
          'number',
          'null',
          'nonsense',
          ['string', 'null'],
          7,
        ),
        properties: fc.dictionary(text, tie('schema'), { maxKeys: 3 }),
        required: fc.array(text, { maxLength: 2 }),
        items: tie('schema'),
        enum: fc.array(fc.oneof(number, text), { maxLength: 3 }),
        minimum: number,
        maximum: number,
        minItems: number,
        maxLength: number,
        anyOf: fc.array(tie('schema'), { maxLength: 3 }),
        $ref: fc.constantFrom('#', '#/properties/a', '#/nowhere', '', 'http://x'),
      },
      { requiredKeys: [] },
    ),
    value,
  ),
})).schema;
const message = fc.record(
  {
    role: fc.constantFrom('user', 'system', 'assistant', 'tool', 'x'),
    content: fc.oneof(text, value),
    tool_call_id: text,
  },
  { requiredKeys: ['role'] },
);
const special = new Map<string, fc.Arbitrary<unknown>>(
  Object.entries({
    model: fc.constantFrom('demo', 'demo', 'demo', 'none'),
    messages: fc.array(message, { maxLength: 4 }),
    prompt: fc.oneof(
      text,
      fc.array(fc.integer({ min: -2, max: 600 }), { maxLength: 20 }),
      fc.array(text, { maxLength: 3 }),
    ),
    input: fc.oneof(text, fc.array(text, { maxLength: 3 })),
    response_format: fc.oneof(
      fc.record({ type: fc.constantFrom('text', 'json_object', 'x') }),
      fc.record({
        type: fc.constant('json_schema'),
        json_schema: fc.record({ name: fc.constant('x'), schema }),
      }),
    ),
    tools: fc.array(
      fc.record({
        type: fc.constant('function'),
        function: fc.record({ name: fc.constantFrom('f', 'g', ''), parameters: schema }),
      }),
      { maxLength: 2 },
    ),
    tool_choice: fc.constantFrom('auto', 'none', 'required', { type: 'function', function: { name: 'f' } }),
    logit_bias: fc.dictionary(fc.oneof(fc.nat(600).map(String), text), number, { maxKeys: 3 }),
    stop: fc.oneof(text, fc.array(text, { maxLength: 5 })),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    n: fc.integer({ min: -1, max: 3 }),
  }),
);
const fitting = fc
  .constantFrom(...special.keys())
  .chain((name) => fc.tuple(fc.constant(name), special.get(name) ?? value));
const field = fc.oneof({ weight: 5, arbitrary: fitting }, fc.tuple(fc.constantFrom(...FIELDS), value));
const body = fc.oneof(
  { weight: 12, arbitrary: fc.array(field, { maxLength: 3 }).map((fields) => Object.fromEntries(fields)) },
  { weight: 1, arbitrary: value },
);
const NEEDED: Readonly<Record<string, object>> = {
  'chat/completions': { model: 'demo', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] },
  completions: { model: 'demo', max_tokens: 5, prompt: 'x' },
  embeddings: { model: 'demo', input: 'x' },
};
const route = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      'chat/completions',
      'chat/completions',
      'chat/completions',
      'completions',
      'embeddings',
    ),
  },
  { weight: 1, arbitrary: fc.webPath() },
);
const request = fc.record({
  route,
  method: fc.oneof(
    { weight: 15, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS'),
  ),
  body,
  mangle: fc.oneof({ weight: 20, arbitrary: fc.constant(Buffer.alloc(0)) }, fc.uint8Array({ maxLength: 30 })),
});

describe('any request', () => {
  let test: TestNode;
  before(async () => {
    test = await startTestNode({
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0, contextSize: 128, queue: 400 }],
    });
  });
  after(() => test.stop());

  it(`is answered, or refused in OpenAI shape, ${REQUESTS} times`, { timeout: 600_000 }, async () => {
    const statuses = new Map<number, number>();
    const pid = test.node.engines.get('demo')?.state.phase;
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (requests) => {
        await Promise.all(
          requests.map(async (each) => {
            const plain = each.method === 'GET';
            const { body: content } = each;
            const whole =
              typeof content === 'object' && content !== null
                ? { ...NEEDED[each.route], ...content }
                : content;
            const response = await fetch(new URL(`/v1/${each.route}`, test.url), {
              method: each.method,
              headers: plain ? {} : { 'content-type': 'application/json' },
              ...(!plain && { body: Buffer.concat([Buffer.from(JSON.stringify(whole)), each.mangle]) }),
            });
            const answer = await response.text();
            statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
            if (response.status === 200) return;
            assert.ok(response.status >= 400 && response.status < 500, `${response.status}: ${answer}`);
            const { error } = JSON.parse(answer);
            assert.equal(typeof error.message, 'string');
            assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code']);
          }),
        );
      }),
      { numRuns: Math.ceil(REQUESTS / AT_ONCE), endOnFailure: true },
    );
    assert.ok(
      (statuses.get(200) ?? 0) > REQUESTS / 8,
      `too few were valid: ${JSON.stringify([...statuses])}`,
    );
    assert.equal(test.node.engines.get('demo')?.state.phase, pid);
    assert.deepEqual(test.node.engines.get('demo')?.load, {
      queued: 0,
      running: 0,
      sequences: 4,
      kvUsage: 0,
    });
    const sane = await test.client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'x' }],
    });
    assert.match(sane.choices[0]?.message.content ?? '', /Hello/);
  });
});
