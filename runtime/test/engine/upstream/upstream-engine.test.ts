import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { configSchema } from '../../../src/config/config.js';
import type { GenerationEvent, GenerationRequest } from '../../../src/engine/generation.js';
import { createUpstream } from '../../../src/engine/upstream/create-upstream.js';
import type { UpstreamEngine } from '../../../src/engine/upstream/upstream-engine.js';
import { collect, GREEDY, never, textRequest } from '../../support/models.js';
import { type Kind, TEMPLATE, TestUpstream } from '../../support/upstream.js';

const PLAIN = { ...GREEDY, logitBias: {} };
const text = (prompt: string, more: Partial<GenerationRequest> = {}) =>
  textRequest(prompt, { sampling: PLAIN, maxTokens: 80, ...more });
const chat = (content: string, more: Partial<GenerationRequest> = {}, tools = false): GenerationRequest => ({
  ...text('', more),
  prompt: {
    kind: 'chat',
    messages: [{ role: 'user', content }],
    tools: tools
      ? [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]
      : [],
    toolChoice: 'auto',
    parallelToolCalls: true,
  },
  ...more,
});
const finished = (events: readonly GenerationEvent[]) => {
  const last = events.at(-1);
  assert.ok(last?.type === 'finished');
  return last;
};
const started = (events: readonly GenerationEvent[]) => {
  const [first] = events;
  assert.ok(first?.type === 'started');
  return first;
};

for (const kind of ['vllm', 'sglang', 'llama-server', 'ollama'] as const satisfies readonly Kind[]) {
  describe(`${kind} beside the node`, () => {
    let directory: string;
    let upstream: TestUpstream;
    let engine: UpstreamEngine;

    const make = (url: string, more: { sequences?: number; queue?: number; id?: string } = {}) => {
      const { models } = configSchema.parse({
        models: [{ id: 'tiny', source: `file:${directory}/model.gguf`, contextSize: 600, ...more }],
      });
      const [model] = models;
      assert.ok(model);
      return createUpstream({ name: kind, url }, model, {
        directory,
        fetch: async () => join(directory, 'model.gguf'),
        poll: { away: 20, ready: 50 },
      });
    };

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
      await writeFile(join(directory, 'model.gguf'), 'GGUF and so on');
      await writeFile(
        join(directory, 'tokenizer_config.json'),
        JSON.stringify({ chat_template: TEMPLATE, bos_token: '<s>', eos_token: { content: '</s>' } }),
      );
      upstream = await TestUpstream.start(kind);
      engine = make(upstream.url);
      await engine.start();
    });
    after(async () => {
      await engine.stop();
      await upstream.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it('says what it can do', () => {
      assert.equal(engine.state.phase, 'ready');
      assert.deepEqual(engine.description?.capabilities, { chat: true, completion: true, embeddings: false });
      assert.equal(engine.description?.contextSize, 600);
      assert.equal(engine.description?.resumesBy, kind === 'ollama' ? 'text' : 'tokens');
    });

    it('answers, with exact counts and whole characters', async () => {
      const { events, text: answer } = await collect(engine.generate(text('>'), never));
      assert.equal(started(events).promptTokens, 2);
      assert.doesNotMatch(answer, /\ufffd/);
      const { reason, completionTokens } = finished(events);
      assert.equal(reason, 'length');
      assert.equal(completionTokens, 80);
      assert.ok(Buffer.byteLength(answer) > 70);
      const again = await collect(engine.generate(text('>'), never));
      assert.equal(again.text, answer);
    });

    it('applies the chat template', async () => {
      const { events } = await collect(engine.generate(chat('hello'), never));
      // <|user|>hello<|assistant|> and, where the server adds it, the start token.
      const expected = kind === 'vllm' || kind === 'sglang' ? 26 : 27;
      assert.equal(started(events).promptTokens, expected);
    });

    it('goes on with an answer that another node began, without gap or repetition', async () => {
      for (const seed of [undefined, 11]) {
        const sampling = seed === undefined ? PLAIN : { ...PLAIN, temperature: 0, seed };
        const whole = await collect(engine.generate(text('>', { sampling, maxTokens: 120 }), never));
        const deltas = whole.events.filter((event) => event.type === 'delta');
        for (const cut of [0, 1, 7, 20, deltas.length - 1]) {
          const before = deltas.slice(0, cut);
          const resume = before.flatMap(({ tokens }) => tokens);
          const resumeText = before.map((delta) => delta.text).join('');
          const rest = await collect(
            engine.generate(text('>', { sampling, maxTokens: 120, resume, resumeText }), never),
          );
          assert.equal(resumeText + rest.text, whole.text, `cut at ${cut}`);
          assert.equal(finished(rest.events).completionTokens, finished(whole.events).completionTokens);
        }
      }
    });

    it('finds stop strings, across chunks and across a take-over', async () => {
      const whole = await collect(engine.generate(text('>', { maxTokens: 300 }), never));
      const stop = ['er answer', 'no such thing', whole.text.slice(40, 52)];
      const cutAt = Math.min(...stop.map((each) => whole.text.indexOf(each)).filter((at) => at >= 0));
      const stopped = await collect(engine.generate(text('>', { maxTokens: 300, stop }), never));
      assert.equal(stopped.text, whole.text.slice(0, cutAt));
      assert.equal(finished(stopped.events).reason, 'stop');
      const deltas = stopped.events.filter((event) => event.type === 'delta');
      for (let cut = 0; cut < deltas.length; cut += 5) {
        const before = deltas.slice(0, cut);
        const resumeText = before.map((delta) => delta.text).join('');
        const resume = before.flatMap(({ tokens }) => tokens);
        const rest = await collect(
          engine.generate(text('>', { maxTokens: 300, stop, resume, resumeText }), never),
        );
        assert.equal(resumeText + rest.text, stopped.text, `cut at ${cut}`);
      }
    });

    it('stops the server when nobody wants the rest', async () => {
      upstream.pace = 5;
      const broken = upstream.broken;
      const abort = new AbortController();
      const reading = (async () => {
        for await (const event of engine.generate(text('>', { maxTokens: 400 }), abort.signal)) {
          if (event.type === 'delta') abort.abort();
        }
      })();
      await assert.rejects(reading, { name: 'AbortError' });
      for (let wait = 0; upstream.broken === broken && wait < 100; wait++) await sleep(10);
      assert.equal(upstream.broken, broken + 1);
      assert.equal(engine.load.running, 0);
      upstream.pace = 0;
    });

    it('closes an answer that nobody read', async () => {
      upstream.pace = 5;
      const broken = upstream.broken;
      for await (const event of engine.generate(text('>', { maxTokens: 400 }), never)) {
        assert.equal(event.type, 'started');
        break;
      }
      for (let wait = 0; upstream.broken === broken && wait < 100; wait++) await sleep(10);
      assert.equal(upstream.broken, broken + 1);
      assert.equal(engine.load.running, 0);
      upstream.pace = 0;
    });

    it('goes on when the server breaks off in the middle, and comes back', async () => {
      const whole = await collect(engine.generate(text('>', { maxTokens: 100 }), never));
      upstream.dieAfter = kind === 'ollama' ? 31 : 30;
      const torn = await collect(engine.generate(text('>', { maxTokens: 100 }), never));
      assert.equal(torn.text, whole.text);
      assert.equal(finished(torn.events).completionTokens, 100);
      assert.equal(engine.state.phase, 'ready');
    });

    it('sends so many at once, lets so many wait, and refuses the rest', async () => {
      const narrow = make(upstream.url, { sequences: 2, queue: 2 });
      await narrow.start();
      upstream.pace = 2;
      upstream.mostRunning = 0;
      const all = Array.from({ length: 4 }, () =>
        collect(narrow.generate(text('>', { maxTokens: 20 }), never)),
      );
      await sleep(10);
      assert.equal(narrow.load.running, 2);
      assert.equal(narrow.load.queued, 2);
      await assert.rejects(collect(narrow.generate(text('>'), never)), { code: 'overloaded' });
      await Promise.all(all);
      assert.equal(upstream.mostRunning, 2);
      upstream.pace = 0;
      await narrow.stop();
    });

    it('refuses a prompt over the context before the first event', async () => {
      await assert.rejects(collect(engine.generate(text('x'.repeat(700)), never)), {
        code: 'context_length_exceeded',
      });
      const { events } = await collect(engine.generate(text('x'.repeat(590), { maxTokens: 500 }), never));
      assert.ok(finished(events).completionTokens <= 9, 'the answer ends where the context does');
    });

    it('keeps to JSON and schemas', async () => {
      for (const format of [{ kind: 'json' }, { kind: 'schema', schema: { type: 'object' } }] as const) {
        const { text: answer, events } = await collect(engine.generate(chat('x', { format }), never));
        assert.deepEqual(JSON.parse(answer), { answer: 'jä' });
        assert.equal(finished(events).reason, 'stop');
      }
    });

    it('tells log probabilities', async () => {
      const { events, tokens } = await collect(engine.generate(text('>', { logprobs: 1 }), never));
      const logprobs = events.flatMap((event) => (event.type === 'delta' ? (event.logprobs ?? []) : []));
      assert.ok(logprobs.length > 0 && logprobs.length <= tokens.length);
      assert.ok(logprobs.every(({ logprob }) => logprob === -0.5));
      if (kind !== 'vllm') return;
      for (const { top } of logprobs)
        assert.deepEqual(
          top.map(({ token }) => token),
          ['yy'],
        );
    });

    it('takes calls of tools out of the text', async () => {
      const { events, text: answer } = await collect(engine.generate(chat('weather?', {}, true), never));
      const calls = events.flatMap((event) => (event.type === 'delta' ? (event.toolCalls ?? []) : []));
      assert.equal(answer, '');
      assert.equal(calls.length, 1);
      assert.equal(calls[0]?.name, 'weather');
      assert.deepEqual(JSON.parse(calls[0]?.arguments ?? ''), { city: 'Köln' });
      assert.equal(finished(events).reason, 'tool_calls');
    });

    it('waits for a server that loads its model, and says so', async () => {
      const slow = await TestUpstream.start(kind);
      slow.loading = true;
      const waiting = make(slow.url);
      const ready = waiting.start();
      await sleep(100);
      assert.equal(waiting.state.phase, 'starting');
      await assert.rejects(collect(waiting.generate(text('>'), never)), { code: 'unavailable' });
      slow.loading = false;
      await ready;
      assert.equal(waiting.state.phase, 'ready');
      await waiting.stop();
      await slow.stop();
    });

    it('notices a server that goes away, and one that comes back', async () => {
      const leaving = await TestUpstream.start(kind);
      const watched = make(leaving.url);
      await watched.start();
      const phases: string[] = [];
      watched.onState(({ phase }) => phases.push(phase));
      leaving.loading = true;
      for (let wait = 0; phases.length < 1 && wait < 100; wait++) await sleep(20);
      leaving.loading = false;
      for (let wait = 0; phases.length < 2 && wait < 100; wait++) await sleep(20);
      assert.deepEqual(phases, ['restarting', 'ready']);
      await watched.stop();
      await leaving.stop();
    });

    it('gives a start up when the node stops', async () => {
      const waiting = make('http://127.0.0.1:1');
      const start = assert.rejects(waiting.start(), { code: 'unavailable' });
      await sleep(50);
      await waiting.stop();
      await start;
    });

    if (kind === 'ollama') {
      it('copies the model into the store of its own, once', async () => {
        assert.equal(upstream.bodies('/api/create').length, 1);
        assert.equal(upstream.blobs.size, 1);
        const second = make(upstream.url);
        await second.start();
        await second.stop();
        assert.equal(upstream.bodies('/api/create').length, 1);
      });

      it('refuses by name what it can not honour', async () => {
        const refused = async (request: GenerationRequest, param: string) =>
          assert.rejects(collect(engine.generate(request, never)), { code: 'invalid_request', param });
        await refused(text('', { prompt: { kind: 'tokens', tokens: [1] } }), 'prompt');
        await refused(text('>', { sampling: { ...PLAIN, logitBias: { 5: 1 } } }), 'logit_bias');
        const { prompt } = chat('x', {}, true);
        assert.ok(prompt.kind === 'chat');
        await refused(text('', { prompt: { ...prompt, toolChoice: 'required' } }), 'tool_choice');
      });

      it('never lets prompts be cut', () => {
        const bodies = upstream.bodies('/api/chat');
        assert.ok(bodies.length > 0);
        assert.ok(bodies.every(({ truncate, shift }) => truncate === false && shift === false));
      });
    } else {
      it('passes sampling on, in the words of the server', async () => {
        const sampling = {
          ...PLAIN,
          temperature: 0.7,
          topK: 5,
          topP: 0.9,
          minP: 0.1,
          repetitionPenalty: 1.2,
          frequencyPenalty: 0.3,
          presencePenalty: 0.4,
          logitBias: { 7: -100 },
          seed: 42,
        };
        await collect(engine.generate(text('>', { sampling, maxTokens: 3 }), never));
        const path = { vllm: '/v1/completions', sglang: '/generate', 'llama-server': '/completion' }[kind];
        const body = upstream.bodies(path).at(-1) ?? {};
        const sent = (kind === 'sglang' ? body.sampling_params : body) as Record<string, unknown>;
        assert.deepEqual(
          [
            sent.temperature,
            sent.top_k,
            sent.top_p,
            sent.min_p,
            sent.frequency_penalty,
            sent.presence_penalty,
          ],
          [0.7, 5, 0.9, 0.1, 0.3, 0.4],
        );
        assert.equal(sent.repetition_penalty ?? sent.repeat_penalty, 1.2);
        assert.equal(sent.seed ?? sent.sampling_seed, 42);
        assert.deepEqual(sent.logit_bias, kind === 'llama-server' ? [[7, -100]] : { 7: -100 });
        assert.equal(sent.stop, undefined, 'stop strings are found here');
      });

      it('holds the model to the tool that is named, by a grammar', async () => {
        const { prompt } = chat('x', {}, true);
        assert.ok(prompt.kind === 'chat');
        const named = text('', { prompt: { ...prompt, toolChoice: { name: 'weather' } }, maxTokens: 200 });
        const { events } = await collect(engine.generate(named, never));
        const calls = events.flatMap((event) => (event.type === 'delta' ? (event.toolCalls ?? []) : []));
        assert.equal(calls[0]?.name, 'weather');
        assert.equal(finished(events).reason, 'stop', 'as at OpenAI, when the tool is named');
      });

      it('refuses a strict schema that it could not keep to', async () => {
        const { prompt } = chat('x', {}, true);
        assert.ok(prompt.kind === 'chat');
        const tools = prompt.tools.map((tool) => ({ ...tool, strict: true }));
        await assert.rejects(collect(engine.generate(text('', { prompt: { ...prompt, tools } }), never)), {
          code: 'invalid_request',
          param: 'tools[0].function.strict',
        });
      });
    }

    if (kind === 'vllm' || kind === 'sglang') {
      it('says when the server serves another model', async () => {
        const other = make(upstream.url, { id: 'huge' });
        await assert.rejects(other.start(), { code: 'bad_model', message: /does not serve huge, but tiny/ });
        await other.stop();
      });
    }
  });
}

describe('an embedding model beside the node', () => {
  it('embeds, and does not pretend to chat', async () => {
    const upstream = await TestUpstream.start('vllm', 'embedder');
    const { models } = configSchema.parse({ models: [{ id: 'embedder', source: 'hf:o/embedder' }] });
    const [model] = models;
    assert.ok(model);
    const engine = createUpstream({ name: 'vllm', url: upstream.url }, model, {
      directory: '/nowhere',
      fetch: async () => '',
    });
    await engine.start();
    assert.deepEqual(engine.description?.capabilities, { chat: false, completion: false, embeddings: true });
    const { vectors, promptTokens } = await engine.embed(['a', 'b'], never);
    assert.deepEqual(
      vectors.map((vector) => [...vector]),
      [
        [0, 1, 0.5],
        [1, 1, 0.5],
      ],
    );
    assert.equal(promptTokens, 6);
    await assert.rejects(engine.embed(['x'.repeat(9_999)], never), { code: 'context_length_exceeded' });
    const generation = collect(engine.generate(textRequest('x', { model: 'embedder' }), never));
    await assert.rejects(generation, { code: 'invalid_request', param: 'model' });
    await engine.stop();
    await upstream.stop();
  });
});
