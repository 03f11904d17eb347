import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type OpenAI from 'openai';
import { startTestNode, type TestNode } from '../support/node.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];

const weather: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a place',
    strict: true,
    parameters: {
      type: 'object',
      properties: { place: { type: 'string' }, days: { type: 'integer', minimum: 3, maximum: 12 } },
      required: ['place', 'days'],
      additionalProperties: false,
    },
  },
};

describe('structured output', () => {
  let test: TestNode;
  before(async () => {
    test = await startTestNode();
  });
  after(() => test.stop());

  it('answers a JSON object in JSON mode, whatever the sampling', async () => {
    for (const seed of [1, 2, 3]) {
      const answer = await test.client.chat.completions.create({
        model: 'demo',
        messages,
        seed,
        temperature: 2,
        response_format: { type: 'json_object' },
        max_tokens: 2000,
      });
      const { content } = answer.choices[0]?.message ?? {};
      if (answer.choices[0]?.finish_reason === 'stop')
        assert.equal(typeof JSON.parse(content ?? ''), 'object');
      else assert.match(content ?? '', /^\{/);
    }
  });

  it('follows a JSON schema', async () => {
    const answer = await test.client.chat.completions.create({
      model: 'demo',
      messages,
      temperature: 0,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'person',
          strict: true,
          schema: {
            type: 'object',
            properties: {
              name: { type: 'string', minLength: 2, maxLength: 5 },
              age: { type: 'integer', minimum: 18, maximum: 99 },
              kind: { enum: ['cat', 'dog'] },
              tags: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
              parent: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
              born: { type: 'string', format: 'date' },
              nickname: { type: 'string' },
              plate: { type: 'string', pattern: '^[A-Z]{1,3}-(?:\\d{2,4}|"X")$' },
              price: { type: 'number', multipleOf: 0.01, minimum: 0 },
              score: { type: 'integer', multipleOf: 5, minimum: 3, maximum: 21 },
              address: { type: 'string', format: 'ipv4' },
              length: { allOf: [{ type: 'integer', minimum: 3 }, { maximum: 7 }] },
              home: {
                allOf: [
                  { $ref: '#/$defs/place' },
                  { properties: { floor: { type: 'integer' } }, required: ['floor'] },
                ],
              },
            },
            $defs: {
              place: { type: 'object', properties: { city: { enum: ['Rome'] } }, required: ['city'] },
            },
            required: [
              'name',
              'age',
              'kind',
              'tags',
              'born',
              'plate',
              'price',
              'score',
              'address',
              'length',
              'home',
            ],
            additionalProperties: false,
          },
        },
      },
    });
    const value = JSON.parse(answer.choices[0]?.message.content ?? '');
    assert.ok(value.name.length >= 2 && value.name.length <= 5);
    assert.ok(value.age >= 18 && value.age <= 99);
    assert.ok(['cat', 'dog'].includes(value.kind));
    assert.equal(value.tags.length, 2);
    assert.match(value.born, /^\d{4}-\d\d-\d\d$/);
    assert.match(value.plate, /^[A-Z]{1,3}-(?:\d{2,4}|"X")$/);
    assert.match(String(value.price), /^\d+(\.\d\d?)?$/);
    assert.ok([5, 10, 15, 20].includes(value.score));
    assert.equal(isIP(value.address), 4);
    assert.ok(value.length >= 3 && value.length <= 7);
    assert.equal(value.home.city, 'Rome');
    assert.equal(typeof value.home.floor, 'number');
  });

  it('follows the pattern of a string, whatever the sampling', async () => {
    const patterns = [
      '^[a-c]+\\s?\\d{3}$',
      '^(?:foo|ba[rz])*end$',
      '^[^a-z"]{5}$',
      '^"[ -~]{4}\\\\$',
      '^\\D\\W.?\\t$',
      '^[\\w.-]{2,8}@x\\.(org|net)$',
      '^$',
      'é😀',
    ];
    for (const [seed, pattern] of patterns.entries()) {
      const answer = await test.client.chat.completions.create({
        model: 'demo',
        messages,
        temperature: 2,
        seed,
        max_tokens: 300,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { type: 'string', pattern } },
        },
      });
      const [choice] = answer.choices;
      if (choice?.finish_reason === 'length') continue;
      const text: unknown = JSON.parse(choice?.message.content ?? '');
      assert.match(String(text), new RegExp(pattern, 'u'));
    }
  });

  it('refuses a schema that it can not enforce, by the name of the keyword', async () => {
    await assert.rejects(
      test.client.chat.completions.create({
        model: 'demo',
        messages,
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'x',
            schema: { type: 'object', properties: { a: { type: 'string', pattern: '(?=x)y' } } },
          },
        },
      }),
      { status: 400, param: 'response_format', message: /\/properties\/a\/pattern/ },
    );
  });

  it('lets any object be the arguments of a tool that is not strict and has a schema of no grammar', async () => {
    for (const parameters of [
      { type: 'object', properties: { a: { anyOf: [{ $ref: '#/properties/a' }] } } },
      { type: 'object', properties: { a: { type: 'string', pattern: '^(?=x)$' } } },
    ]) {
      const answer = await test.client.chat.completions.create({
        model: 'demo',
        messages,
        temperature: 0,
        tools: [{ type: 'function', function: { name: 'f', parameters } }],
        tool_choice: 'required',
        max_tokens: 200,
      });
      assert.ok(['tool_calls', 'length'].includes(answer.choices[0]?.finish_reason ?? ''));
    }
  });

  it('refuses a schema that refers to nothing but itself', async () => {
    const grammar = test.client.chat.completions.create({
      model: 'demo',
      messages,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { anyOf: [{ $ref: '#' }] } },
      },
    });
    await assert.rejects(grammar, { status: 400, param: 'response_format' });
  });

  it('calls the tool that is required, with arguments after its schema', async () => {
    const answer = await test.client.chat.completions.create({
      model: 'demo',
      messages,
      temperature: 0,
      tools: [weather],
      tool_choice: 'required',
      parallel_tool_calls: false,
    });
    const [choice] = answer.choices;
    assert.equal(choice?.finish_reason, 'tool_calls');
    assert.equal(choice?.message.content, null);
    const [call, ...others] = choice?.message.tool_calls ?? [];
    assert.deepEqual(others, []);
    assert.ok(call?.type === 'function' && call.function.name === 'get_weather');
    const input = JSON.parse(call.function.arguments);
    assert.ok(input.days >= 3 && input.days <= 12 && typeof input.place === 'string');
  });

  it('streams tool calls as the client library understands them', async () => {
    const final = await test.client.chat.completions
      .stream({
        model: 'demo',
        messages,
        temperature: 0,
        tools: [weather],
        tool_choice: { type: 'function', function: { name: 'get_weather' } },
      })
      .finalChatCompletion();
    const [call] = final.choices[0]?.message.tool_calls ?? [];
    assert.ok(call?.type === 'function' && call.function.name === 'get_weather');
    assert.match(call?.id ?? '', /^call_/);
  });

  it('leaves the choice to the model with auto, and answers in words with none', async () => {
    for (const choice of ['auto', 'none'] as const) {
      const answer = await test.client.chat.completions.create({
        model: 'demo',
        messages,
        temperature: 0,
        tools: [weather],
        tool_choice: choice,
      });
      assert.match(answer.choices[0]?.message.content ?? '', /^Hello!/);
      assert.equal(answer.choices[0]?.finish_reason, 'stop');
    }
  });

  it('shows the model the calls and results that the messages hold', async () => {
    const answer = await test.client.chat.completions.create({
      model: 'demo',
      temperature: 0,
      tools: [weather],
      messages: [
        ...messages,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"place":"Oslo"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'Rain' },
      ],
    });
    const plain = await test.client.chat.completions.create({ model: 'demo', temperature: 0, messages });
    assert.ok((answer.usage?.prompt_tokens ?? 0) > (plain.usage?.prompt_tokens ?? 0) + 50);
  });
});
