import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Sampling } from '../../src/engine/generation.js';
import { collect, GREEDY, never, startTinyEngine, type TestEngine, textRequest } from '../support/models.js';

const SAMPLED: Sampling = { ...GREEDY, temperature: 0.9, topP: 0.95, topK: 50, seed: 42 };
const PENALIZED: Sampling = {
  ...SAMPLED,
  frequencyPenalty: 0.7,
  presencePenalty: 0.3,
  repetitionPenalty: 1.1,
};

describe('a generation that is continued', () => {
  let test: TestEngine;
  before(async () => {
    test = await startTinyEngine();
  });
  after(() => test.stop());

  for (const [name, sampling] of Object.entries({ greedy: GREEDY, sampled: SAMPLED, penalized: PENALIZED })) {
    it(`ends as the uninterrupted one would, ${name}, from any token`, async () => {
      const request = textRequest('The quick brown fox jumps over the lazy dog. '.repeat(3), { sampling });
      const whole = await collect(test.engine.generate(request, never));
      assert.equal(whole.tokens.length, 60);
      for (const cut of [0, 1, 7, 31, 32, 33, 59]) {
        const rest = await collect(
          test.engine.generate({ ...request, resume: whole.tokens.slice(0, cut) }, never),
        );
        assert.deepEqual(rest.tokens, whole.tokens.slice(cut), `cut at ${cut}`);
        assert.ok(whole.text.endsWith(rest.text), `text after ${cut}`);
        const finished = rest.events.at(-1);
        assert.equal(finished?.type === 'finished' && finished.completionTokens, 60);
      }
    });
  }

  it('is the same alone and among others', async () => {
    const request = (text: string) => textRequest(text, { sampling: SAMPLED });
    const alone: string[] = [];
    const prompts = ['a', 'some longer prompt, so that chunks differ '.repeat(4), 'b c d', 'xyz '.repeat(30)];
    for (const prompt of prompts)
      alone.push((await collect(test.engine.generate(request(prompt), never))).text);
    const together = await Promise.all(
      prompts.map(async (prompt) => (await collect(test.engine.generate(request(prompt), never))).text),
    );
    assert.deepEqual(together, alone);
  });

  it('is the same from a cached prompt, and says how much was cached', async () => {
    const prompt = 'A long shared beginning that fills several chunks of the cache. '.repeat(3);
    const first = await collect(test.engine.generate(textRequest(`${prompt}one`), never));
    await collect(test.engine.generate(textRequest(`${prompt}two`), never));
    const again = await collect(test.engine.generate(textRequest(`${prompt}one`), never));
    assert.equal(again.text, first.text);
    const finished = again.events.at(-1);
    assert.ok(
      finished?.type === 'finished' && finished.cachedTokens >= 160 && finished.cachedTokens % 32 === 0,
    );
  });

  it('survives the death of its process, without gap or repetition', async () => {
    const requests = [GREEDY, SAMPLED, PENALIZED].map((sampling) =>
      textRequest('Killed in the middle. ', { sampling, maxTokens: 400 }),
    );
    const expected = await Promise.all(
      requests.map((request) => collect(test.engine.generate(request, never))),
    );
    for (const killAt of [1, 50, 200]) {
      let seen = 0;
      const actual = await Promise.all(
        requests.map(async (request) => {
          let text = '';
          const tokens: number[] = [];
          for await (const event of test.engine.generate(request, never)) {
            if (event.type !== 'delta') continue;
            if (++seen === killAt && test.engine.pid) process.kill(test.engine.pid, 'SIGKILL');
            text += event.text;
            tokens.push(...event.tokens);
          }
          return { text, tokens };
        }),
      );
      for (const [index, { text, tokens }] of actual.entries()) {
        assert.deepEqual(tokens, expected[index]?.tokens);
        assert.equal(text, expected[index]?.text);
      }
    }
  });
});

describe('a full engine', () => {
  it('goes on with answers before it begins new ones', async () => {
    // Slow, so that all of them are there before the place is free.
    const test = await startTinyEngine({ sequences: 1, tokensPerSecond: 20 });
    try {
      const [first] = (await collect(test.engine.generate(textRequest('One. '), never))).tokens;
      const order: string[] = [];
      const run = async (name: string, resume: readonly number[] = []) => {
        await collect(test.engine.generate(textRequest(`${name}. `, { resume }), never));
        order.push(name);
      };
      // It has the only place.
      for await (const { type } of test.engine.generate(
        textRequest('Running. ', { maxTokens: 900 }),
        never,
      )) {
        if (type !== 'delta') continue;
        await Promise.all([
          run('new'),
          run('newer'),
          run('resumed', [first ?? 0]),
          run('resumed later', [first ?? 0]),
        ]);
        break;
      }
      assert.deepEqual(order, ['resumed', 'resumed later', 'new', 'newer']);
    } finally {
      await test.stop();
    }
  });
});
