import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Engine } from '../../../src/engine/engine.js';
import { writeDemoModel } from '../../../src/models/gguf/demo-model.js';
import { collect, GREEDY, never, textRequest } from '../../support/models.js';
import { startTestNode, type TestNode } from '../../support/node.js';

/**
 * A llama-server that somebody has started, with the demonstration model: `npm start` leaves it in
 * `.polypod/models/demo.gguf`. Its answers are held against llama.cpp's inside the node.
 */
const url = process.env.LLAMA_SERVER_URL;

describe('a node beside a real llama-server', {
  skip: url ? false : 'LLAMA_SERVER_URL names none',
}, () => {
  let directory: string;
  let beside: TestNode;
  let inside: TestNode;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    const source = `file:${join(directory, 'demo.gguf')}`;
    await writeDemoModel(join(directory, 'demo.gguf'));
    const models = [{ id: 'demo', source, threads: 1, sequences: 4, tokensPerSecond: 0 }];
    beside = await startTestNode({ engine: { name: 'llama-server', url: url ?? '' }, models });
    inside = await startTestNode({ models });
  });
  after(async () => {
    await beside?.stop();
    await inside?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('chats as llama.cpp inside does, token by token and with the same usage', async () => {
    const [one, other] = await Promise.all(
      [beside, inside].map(async ({ client }) => {
        const { choices, usage } = await client.chat.completions.create({
          model: 'demo',
          messages: [{ role: 'user', content: 'Tell me a story' }],
          temperature: 0,
          max_tokens: 40,
          logprobs: true,
        });
        const { content } = choices[0]?.logprobs ?? {};
        return {
          text: choices[0]?.message.content,
          tokens: content?.map(({ token }) => token),
          prompt: usage?.prompt_tokens,
          completion: usage?.completion_tokens,
        };
      }),
    );
    assert.deepEqual(one, other);
  });

  it('honours stop strings, penalties, biases, seeds and prompts of tokens', async () => {
    const ask = (more: object) =>
      beside.client.completions.create({ model: 'demo', prompt: 'Hello', max_tokens: 20, ...more });
    assert.equal((await ask({ temperature: 0, stop: ['model'] })).choices[0]?.finish_reason, 'stop');
    await ask({ frequency_penalty: 1, presence_penalty: 1 });
    await ask({ logit_bias: { 263: -100 }, prompt: [263, 264] });
    const drawn = await Promise.all([1, 2].map(() => ask({ temperature: 1, seed: 7 })));
    assert.equal(drawn[0]?.choices[0]?.text, drawn[1]?.choices[0]?.text);
  });

  it('refuses what does not fit, and tokens that the model has not, with 400', async () => {
    const ask = (prompt: string | number[]) => beside.client.completions.create({ model: 'demo', prompt });
    await assert.rejects(ask('Hello '.repeat(20_000)), { status: 400, code: 'context_length_exceeded' });
    await assert.rejects(ask([999_999]), { status: 400 });
  });

  it('goes on from tokens that another engine has generated, and frees what is cancelled', async () => {
    const engine = engineOf(beside);
    const request = textRequest('Hello there', { model: 'demo', maxTokens: 40, sampling: GREEDY });
    const whole = await collect(engine.generate(request, never));
    const resume = whole.tokens.slice(0, 13);
    const rest = await collect(engine.generate({ ...request, resume }, never));
    assert.deepEqual([...resume, ...rest.tokens], whole.tokens);
    const leaving = new AbortController();
    const long = collect(engine.generate({ ...request, maxTokens: 900 }, leaving.signal));
    leaving.abort();
    await assert.rejects(long);
    assert.equal(engine.load.running, 0);
  });
});

function engineOf({ node }: TestNode): Engine {
  const engine = node.engines.get('demo');
  assert.ok(engine);
  return engine;
}
