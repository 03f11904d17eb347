import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { eventually } from '../support/cluster.js';
import fc from '../support/fuzz.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1_500);

let redis: TestRedis;
let test: TestNode;
before(async () => {
  redis = await startTestRedis();
  test = await startTestNode({ redis: { host: redis.host, port: redis.port } });
});
after(async () => {
  await test.stop();
  await redis.stop();
});

const text = fc.string({ unit: 'binary', maxLength: 20 });
const junk = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 2 }),
);
const or = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: junk });
const part = fc.record(
  { type: fc.constantFrom('input_text', 'output_text', 'input_image'), text: or(text) },
  { requiredKeys: [] },
);
const item = fc.record(
  {
    type: fc.constantFrom('message', 'function_call', 'function_call_output', 'reasoning', 'x'),
    role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
    content: or(fc.oneof(text, fc.array(or(part), { maxLength: 2 }))),
    call_id: or(text),
    name: or(text),
    arguments: or(text),
    output: or(text),
    id: or(text),
  },
  { requiredKeys: [] },
);
const body = fc.record(
  {
    model: fc.oneof({ weight: 9, arbitrary: fc.constant('demo') }, { weight: 1, arbitrary: junk }),
    input: or(fc.oneof(text, fc.array(or(item), { maxLength: 3 }))),
    instructions: or(text),
    max_output_tokens: or(fc.integer({ min: -1, max: 5 })),
    stream: or(fc.boolean()),
    background: or(fc.boolean()),
    store: or(fc.boolean()),
    previous_response_id: or(fc.constantFrom('resp_none', null)),
    temperature: or(fc.double({ min: -1, max: 3 })),
    tools: or(fc.array(junk, { maxLength: 2 })),
    tool_choice: or(fc.constantFrom('auto', 'none', 'required')),
    text: or(fc.record({ format: junk }, { requiredKeys: [] })),
    include: or(fc.array(junk, { maxLength: 2 })),
    metadata: or(fc.dictionary(text, text, { maxKeys: 2 })),
    truncation: or(fc.constantFrom('auto', 'disabled')),
    reasoning: junk,
    top_logprobs: or(fc.integer({ min: -1, max: 21 })),
  },
  { requiredKeys: ['model', 'input'] },
);

async function expectAnswer(path: string, init?: RequestInit): Promise<void> {
  const response = await fetch(`${test.url}${path}`, init);
  const answer = await response.text();
  if (response.status === 200) return;
  assert.ok(response.status >= 400 && response.status < 500, `${response.status}: ${answer}`);
  const { error } = JSON.parse(answer);
  assert.equal(typeof error.message, 'string');
  assert.equal(typeof error.type, 'string');
}

it('responses answer anything with 200 or a 4xx of OpenAI, and leak no sequence', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(body, (value) =>
      expectAnswer('/v1/responses', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ max_output_tokens: 3, ...value }),
      }),
    ),
    { numRuns: REQUESTS },
  );
  await eventually(() => test.node.engines.get('demo')?.load.running === 0, 'free sequences');
});

it('responses and streams answer any id and query in the same way', async () => {
  const id = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('__proto__', '..', '%', 'a'.repeat(3000)),
  );
  const query = fc.oneof(
    fc.constantFrom(
      'stream=true',
      'stream=true&starting_after=',
      'starting_after=1',
      'limit=0',
      'limit=1e3',
      'include[]=x',
      'stream=1&stream=2',
    ),
    fc.string({ unit: 'binary', maxLength: 10 }).map(encodeURIComponent),
  );
  const path = fc
    .tuple(fc.constantFrom('responses', 'streams'), id, fc.constantFrom('', '/cancel', '/input_items'), query)
    .map(([kind, name, action, search]) => `/v1/${kind}/${encodeURIComponent(name)}${action}?${search}`);
  await fc.assert(
    fc.asyncProperty(path, fc.constantFrom('GET', 'POST', 'DELETE'), (url, method) =>
      expectAnswer(url, { method }),
    ),
    { numRuns: 500 },
  );
});
