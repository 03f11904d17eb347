import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const ENDLESS = { logit_bias: { 257: -100 } };

for (const store of ['this process', 'Redis'] as const) {
  describe(`responses, stored in ${store}`, () => {
    let redis: TestRedis | undefined;
    let test: TestNode;
    let client: OpenAI;
    before(async () => {
      if (store === 'Redis') redis = await startTestRedis();
      test = await startTestNode({
        ...(redis && { redis: { host: redis.host, port: redis.port } }),
        models: [
          { id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0 },
          { id: 'slow', source: 'demo:', threads: 1, tokensPerSecond: 100 },
        ],
        streams: { retentionSeconds: 1, storedSeconds: 60 },
      });
      ({ client } = test);
    });
    after(async () => {
      await test.stop();
      await redis?.stop();
    });

    const create = (body: object = {}) =>
      client.responses.create({ model: 'demo', input: 'Hi', temperature: 0, ...body, stream: false });
    const stream = (body: object = {}) =>
      client.responses.create({ model: 'demo', input: 'Hi', temperature: 0, ...body, stream: true });
    const collect = async (events: AsyncIterable<ResponseStreamEvent>) => {
      const all: ResponseStreamEvent[] = [];
      for await (const event of events) all.push(event);
      return all;
    };
    const refused = async (body: object, status: number, param: string | null) => {
      const error = await create(body).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof OpenAI.APIError, `${JSON.stringify(body)} was taken`);
      assert.deepEqual([error.status, error.param], [status, param], error.message);
    };

    it('answer in one piece, and can be retrieved', async () => {
      const response = await create({ metadata: { who: 'me' }, instructions: 'Be kind.' });
      assert.match(response.id, /^resp_/);
      assert.equal(response.object, 'response');
      assert.equal(response.status, 'completed');
      assert.ok(response.output_text.length > 20);
      assert.deepEqual(response.metadata, { who: 'me' });
      assert.equal(response.instructions, 'Be kind.');
      assert.ok(response.usage && response.usage.output_tokens > 5);
      assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);
      assert.deepEqual(await client.responses.retrieve(response.id), response);
    });

    it('say the same as the chat completion of the same messages', async () => {
      const chat = await client.chat.completions.create({
        model: 'demo',
        temperature: 0,
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hi' },
        ],
      });
      const response = await create({ instructions: 'Be kind.' });
      assert.equal(response.output_text, chat.choices[0]?.message.content);
      assert.equal(response.usage?.input_tokens, chat.usage?.prompt_tokens);
      assert.equal(response.usage?.output_tokens, chat.usage?.completion_tokens);
    });

    it("stream OpenAI's events in order, numbered, and resume after any of them", async () => {
      const events = await collect(await stream());
      const types = events.map(({ type }) => type);
      assert.deepEqual(types.slice(0, 4), [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
      ]);
      assert.deepEqual(types.slice(-4), [
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.completed',
      ]);
      assert.ok(types.slice(4, -4).every((type) => type === 'response.output_text.delta'));
      assert.deepEqual(
        events.map(({ sequence_number }) => sequence_number),
        [...events.keys()],
      );
      const created = events[0];
      assert.ok(created?.type === 'response.created');
      const { id } = created.response;
      for (const after of [0, 3, events.length - 2]) {
        const rest = await client.responses.retrieve(id, { stream: true, starting_after: after });
        assert.deepEqual(await collect(rest), events.slice(after + 1));
      }
      assert.deepEqual(await collect(await client.responses.retrieve(id, { stream: true })), events);
    });

    it("satisfy the client's own accumulation, also of a replay", async () => {
      const live = client.responses.stream({ model: 'demo', input: 'Hi', temperature: 0 });
      let text = '';
      live.on('response.output_text.delta', ({ delta }) => {
        text += delta;
      });
      const final = await live.finalResponse();
      assert.equal(final.output_text, text);
      assert.deepEqual(
        (await client.responses.retrieve(final.id)).output,
        (await create()).output.map((item, index) => ({
          ...item,
          id: final.output[index]?.id,
        })),
      );
      const replay = client.responses.stream({ response_id: final.id, starting_after: 5 });
      assert.equal((await replay.finalResponse()).output_text, text);
    });

    it('are incomplete at max_output_tokens', async () => {
      const response = await create({ max_output_tokens: 5, ...ENDLESS });
      assert.equal(response.status, 'incomplete');
      assert.deepEqual(response.incomplete_details, { reason: 'max_output_tokens' });
      assert.equal(response.usage?.output_tokens, 5);
      const events = await collect(await stream({ max_output_tokens: 5, ...ENDLESS }));
      assert.equal(events.at(-1)?.type, 'response.incomplete');
    });

    it('run in the background, can be polled, followed and cancelled', async () => {
      const queued = await create({ model: 'slow', background: true });
      assert.equal(queued.status, 'queued');
      const followed = await collect(await client.responses.retrieve(queued.id, { stream: true }));
      assert.deepEqual(
        followed.slice(0, 3).map(({ type }) => type),
        ['response.created', 'response.queued', 'response.in_progress'],
      );
      assert.equal(followed.at(-1)?.type, 'response.completed');
      assert.equal((await client.responses.retrieve(queued.id)).status, 'completed');

      const endless = await create({ model: 'slow', background: true, ...ENDLESS });
      const isUnderWay = async () => (await client.responses.retrieve(endless.id)).status === 'in_progress';
      await eventually(isUnderWay, 'a response in progress');
      const cancelled = await client.responses.cancel(endless.id);
      assert.equal(cancelled.status, 'cancelled');
      assert.equal((await client.responses.retrieve(endless.id)).status, 'cancelled');
      assert.equal((await client.responses.cancel(endless.id)).status, 'cancelled');
      await eventually(() => test.node.engines.get('slow')?.load.running === 0, 'a free sequence');

      const foreground = await create();
      await assert.rejects(client.responses.cancel(foreground.id), { status: 400 });
    });

    it('stay for longer than other streams', async () => {
      const { id } = await create();
      await sleep(1_300);
      assert.equal((await client.responses.retrieve(id)).id, id);
    });

    it('continue one another', async () => {
      const first = await create({ instructions: 'Be kind.', input: 'One' });
      const second = await create({ previous_response_id: first.id, input: 'Two' });
      assert.equal(second.previous_response_id, first.id);
      const third = await create({ previous_response_id: second.id, input: 'Three' });
      const chat = await client.chat.completions.create({
        model: 'demo',
        temperature: 0,
        messages: [
          { role: 'user', content: 'One' },
          { role: 'assistant', content: first.output_text },
          { role: 'user', content: 'Two' },
          { role: 'assistant', content: second.output_text },
          { role: 'user', content: 'Three' },
        ],
      });
      assert.equal(third.usage?.input_tokens, chat.usage?.prompt_tokens);
      await refused({ previous_response_id: 'resp_none' }, 404, 'previous_response_id');
    });

    it('are not stored with store: false, and gone once deleted', async () => {
      const unstored = await create({ store: false });
      assert.ok(unstored.output_text.length > 0);
      await assert.rejects(client.responses.retrieve(unstored.id), { status: 404 });
      const events = await collect(await stream({ store: false }));
      const [created] = events;
      assert.ok(created?.type === 'response.created');
      await assert.rejects(client.responses.retrieve(created.response.id), { status: 404 });

      const { id } = await create();
      await client.responses.delete(id);
      await assert.rejects(client.responses.retrieve(id), { status: 404 });
      await assert.rejects(client.responses.delete(id), { status: 404 });
      await assert.rejects(client.responses.retrieve('resp_none'), { status: 404 });
    });

    it('list their input', async () => {
      const { id } = await create({
        input: [
          { role: 'user', content: 'What is the weather?' },
          { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
          { role: 'user', content: [{ type: 'input_text', text: 'Thanks' }] },
        ],
      });
      const newest = [];
      for await (const item of client.responses.inputItems.list(id, { limit: 3 })) newest.push(item);
      assert.deepEqual(
        newest.map(({ type }) => type),
        ['message', 'function_call_output', 'function_call', 'message'],
      );
      const oldest = await client.responses.inputItems.list(id, { order: 'asc', limit: 1 });
      assert.equal(oldest.has_more, true);
      assert.ok(oldest.data[0]?.type === 'message');
    });

    it('call functions', async () => {
      const tools = [
        {
          type: 'function' as const,
          name: 'weather',
          parameters: {
            type: 'object',
            properties: { city: { enum: ['Rome', 'Oslo'] } },
            required: ['city'],
            additionalProperties: false,
          },
          strict: true,
        },
      ];
      const events = await collect(
        await stream({ tools, tool_choice: 'required', parallel_tool_calls: false }),
      );
      const types = new Set(events.map(({ type }) => type));
      assert.ok(types.has('response.function_call_arguments.delta'));
      assert.ok(types.has('response.function_call_arguments.done'));
      const last = events.at(-1);
      assert.ok(last?.type === 'response.completed');
      const [call] = last.response.output;
      assert.ok(call?.type === 'function_call');
      assert.equal(call.name, 'weather');
      assert.ok(['Rome', 'Oslo'].includes(JSON.parse(call.arguments).city));
      const answer = await create({
        previous_response_id: last.response.id,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }],
      });
      assert.equal(answer.status, 'completed');
    });

    it('follow a JSON schema, and report log probabilities', async () => {
      const response = await create({
        text: {
          format: {
            type: 'json_schema',
            name: 'answer',
            strict: true,
            schema: {
              type: 'object',
              properties: { ok: { type: 'boolean' } },
              required: ['ok'],
              additionalProperties: false,
            },
          },
        },
        include: ['message.output_text.logprobs'],
        top_logprobs: 2,
      });
      assert.equal(typeof JSON.parse(response.output_text).ok, 'boolean');
      const [message] = response.output;
      assert.ok(message?.type === 'message' && message.content[0]?.type === 'output_text');
      const { logprobs } = message.content[0];
      assert.equal(logprobs?.map(({ token }) => token).join(''), response.output_text);
      assert.equal(logprobs?.[0]?.top_logprobs.length, 2);
    });

    it('refuse by name what can not be honoured', async () => {
      await refused({ truncation: 'auto' }, 400, 'truncation');
      await refused({ reasoning: { effort: 'high' } }, 400, 'reasoning.effort');
      await refused({ tools: [{ type: 'web_search' }] }, 400, 'tools[0].type');
      await refused({ conversation: 'conv_1' }, 400, 'conversation');
      await refused({ include: ['reasoning.encrypted_content'] }, 400, 'include[0]');
      await refused({ input: [] }, 400, 'input');
      await refused(
        { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
        400,
        'input[0].content[0].type',
      );
      await refused({ background: true, store: false }, 400, 'background');
      await refused({ nonsense: 1 }, 400, 'nonsense');
      await refused({ model: 'none' }, 404, 'model');
      await refused({ input: 'word '.repeat(20_000) }, 400, 'input');
      await refused(
        { text: { format: { type: 'json_schema', name: 'x', schema: { type: 'nonsense' } } } },
        400,
        'text.format',
      );
    });
  });
}
