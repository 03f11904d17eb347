import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeDemoModel } from '../../../src/models/gguf/demo-model.js';
import { collect, GREEDY, never, textRequest } from '../../support/models.js';
import { startTestNode, type TestNode } from '../../support/node.js';

/** An Ollama that somebody has started. The node gives it the demonstration model. */
const url = process.env.OLLAMA_URL;

describe('a node beside a real Ollama', { skip: url ? false : 'OLLAMA_URL names none' }, () => {
  let directory: string;
  let beside: TestNode;
  let inside: TestNode;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    const path = join(directory, 'demo.gguf');
    await writeDemoModel(path);
    // Ollama takes every model with a pooling type for one that makes embeddings and nothing else.
    const model = await readFile(path);
    model.write('llama.ignored_type', model.indexOf('llama.pooling_type'));
    await writeFile(path, model);
    const models = [
      {
        id: 'demo-chat',
        source: `file:${path}`,
        threads: 1,
        sequences: 4,
        contextSize: 2048,
        tokensPerSecond: 0,
      },
    ];
    beside = await startTestNode({ engine: { name: 'ollama', url: url ?? '' }, models });
    inside = await startTestNode({ models });
  });
  after(async () => {
    await beside?.stop();
    await inside?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('completes as llama.cpp inside does, token by token and with the same usage', async () => {
    const [one, other] = await Promise.all(
      [beside, inside].map(async ({ client }) => {
        const { choices, usage } = await client.completions.create({
          model: 'demo-chat',
          prompt: 'Tell me a story',
          temperature: 0,
          max_tokens: 40,
          logprobs: 1,
        });
        const [choice] = choices;
        return {
          text: choice?.text,
          tokens: choice?.logprobs?.tokens,
          reason: choice?.finish_reason,
          prompt: usage?.prompt_tokens,
          completion: usage?.completion_tokens,
        };
      }),
    );
    assert.deepEqual(one, other);
  });

  it('streams a chat, with the usage at its end', async () => {
    const stream = await beside.client.chat.completions.create({
      model: 'demo-chat',
      messages: [{ role: 'user', content: 'Who are you?' }],
      temperature: 0,
      max_tokens: 30,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let completion = 0;
    for await (const { choices, usage } of stream) {
      const piece = choices[0]?.delta.content;
      if (piece) pieces.push(piece);
      completion = usage?.completion_tokens ?? completion;
    }
    assert.match(pieces.join(''), /^Hello! I am the demonstration model/);
    assert.equal(completion, 30);
    assert.ok(pieces.length > 10, `it came in ${pieces.length} pieces`);
  });

  it('honours stop strings, penalties, seeds and JSON schemas', async () => {
    const ask = (more: object) =>
      beside.client.completions.create({ model: 'demo-chat', prompt: 'Hello', max_tokens: 20, ...more });
    assert.equal((await ask({ temperature: 0, stop: ['model'] })).choices[0]?.finish_reason, 'stop');
    await ask({ frequency_penalty: 1, presence_penalty: 1 });
    const drawn = await Promise.all([1, 2].map(() => ask({ temperature: 1, seed: 7 })));
    assert.equal(drawn[0]?.choices[0]?.text, drawn[1]?.choices[0]?.text);
    const { choices } = await beside.client.chat.completions.create({
      model: 'demo-chat',
      messages: [{ role: 'user', content: 'Which?' }],
      max_tokens: 60,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'which', schema: { type: 'string', enum: ['red', 'green'] } },
      },
    });
    assert.ok(['red', 'green'].includes(JSON.parse(choices[0]?.message.content ?? '')));
  });

  it('refuses what does not fit, and what Ollama has no word for, with 400', async () => {
    const ask = (more: { prompt: string | number[]; logit_bias?: Record<string, number> }) =>
      beside.client.completions.create({ model: 'demo-chat', max_tokens: 5, ...more });
    await assert.rejects(ask({ prompt: 'Hello '.repeat(5_000) }), {
      status: 400,
      code: 'context_length_exceeded',
    });
    await assert.rejects(ask({ prompt: [1, 2] }), { status: 400, param: 'prompt' });
    await assert.rejects(ask({ prompt: 'Hello', logit_bias: { 5: 1 } }), {
      status: 400,
      param: 'logit_bias',
    });
  });

  it('goes on from the text that another engine has generated, and frees what is cancelled', async () => {
    const engine = beside.node.engines.get('demo-chat');
    assert.ok(engine);
    const sampling = { ...GREEDY, logitBias: {} };
    const request = textRequest('Hello there', { model: 'demo-chat', maxTokens: 40, sampling });
    const whole = await collect(engine.generate(request, never));
    const cut = whole.text.indexOf(' model') + ' model'.length;
    const resumeText = whole.text.slice(0, cut);
    const resume = whole.tokens.slice(0, 6);
    const rest = await collect(engine.generate({ ...request, resume, resumeText }, never));
    // Told as text, the beginning is more tokens than it was: the demonstration model's phrases are none of BPE's.
    assert.ok(rest.text.length > 100 && whole.text.startsWith(resumeText + rest.text), rest.text);
    const leaving = new AbortController();
    const long = collect(engine.generate({ ...request, maxTokens: 900 }, leaving.signal));
    leaving.abort();
    await assert.rejects(long);
    assert.equal(engine.load.running, 0);
  });
});
