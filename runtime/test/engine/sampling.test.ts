import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Sampling } from '../../src/engine/generation.js';
import { seedAt } from '../../src/engine/llama/child/token-sampler.js';
import { collect, GREEDY, never, startTinyEngine, type TestEngine, textRequest } from '../support/models.js';

describe('sampling', () => {
  let test: TestEngine;
  before(async () => {
    test = await startTinyEngine();
  });
  after(() => test.stop());

  const tokensOf = async (sampling: Partial<Sampling>, prompt = 'again and again ') => {
    const request = textRequest(prompt, { sampling: { ...GREEDY, ...sampling }, maxTokens: 300 });
    return (await collect(test.engine.generate(request, never))).tokens;
  };

  it('penalties change nothing before a token repeats, and make repetition rarer', async () => {
    const plain = await tokensOf({});
    const repeat = plain.findIndex((token, index) => plain.indexOf(token) < index);
    assert.ok(repeat > 0);
    for (const penalty of [{ frequencyPenalty: 2 }, { presencePenalty: 2 }, { repetitionPenalty: 1.5 }]) {
      const penalized = await tokensOf(penalty);
      if (!('repetitionPenalty' in penalty))
        assert.deepEqual(penalized.slice(0, repeat), plain.slice(0, repeat));
      assert.ok(new Set(penalized).size > new Set(plain).size, JSON.stringify(penalty));
    }
  });

  it('the repetition penalty counts the prompt, the other two do not', async () => {
    const [first] = await tokensOf({});
    const prompt = [65, first ?? 0, 66, first ?? 0, 67];
    const next = async (sampling: Partial<Sampling>) => {
      const request = textRequest('', { prompt: { kind: 'tokens', tokens: prompt }, maxTokens: 1 });
      const all = { ...GREEDY, logitBias: { [first ?? 0]: 100 }, ...sampling };
      return (await collect(test.engine.generate({ ...request, sampling: all }, never))).tokens[0];
    };
    assert.equal(await next({ frequencyPenalty: 2, presencePenalty: 2 }), first);
    assert.notEqual(await next({ repetitionPenalty: 100 }), first);
  });

  it('draws follow the distribution', async () => {
    // Two tokens far above all others, a factor of e apart: 73 % to 27 %.
    const bias = { ...GREEDY.logitBias, 300: 99, 301: 100 };
    const request = textRequest('x', { logprobs: 5, maxTokens: 400 });
    const events = await collect(
      test.engine.generate(
        { ...request, sampling: { ...GREEDY, temperature: 1, seed: 9, logitBias: bias } },
        never,
      ),
    );
    assert.ok(events.tokens.every((token) => token === 300 || token === 301));
    assert.equal(new Set(events.tokens).size, 2);
  });

  it('does not depend on who else samples, be it with the same seed at the same position', async () => {
    const kinds: Partial<Sampling>[] = [
      { temperature: 1, seed: 5 },
      { temperature: 1, seed: 5, topP: 0.9 },
      { temperature: 1, seed: 5, repetitionPenalty: 1.3 },
      {},
      { frequencyPenalty: 1 },
    ];
    const all = Array.from({ length: 12 }, (_, index) => {
      const sampling = { ...GREEDY, ...kinds[index % kinds.length] };
      return textRequest(`${index} tells `, { sampling, logprobs: 3, maxTokens: 40 });
    });
    const run = async (request: (typeof all)[number]) => {
      const { tokens, events } = await collect(test.engine.generate(request, never));
      // Not to the last bit, which depends on the batch.
      const logprobs = events.flatMap((event) =>
        event.type === 'delta' ? (event.logprobs ?? []).map(({ logprob }) => logprob) : [],
      );
      return { tokens, logprobs };
    };
    const alone: Awaited<ReturnType<typeof run>>[] = [];
    for (const request of all) alone.push(await run(request));
    for (const [index, { tokens, logprobs }] of (await Promise.all(all.map(run))).entries()) {
      assert.deepEqual(tokens, alone[index]?.tokens);
      assert.equal(logprobs.length, tokens.length);
      for (const [position, logprob] of logprobs.entries()) {
        assert.ok(
          Math.abs(logprob - (alone[index]?.logprobs[position] ?? 0)) < 1e-3,
          `${index}, ${position}`,
        );
      }
    }
  });

  it('seeds mix well: neighbouring positions and seeds share no pattern', () => {
    const values = Array.from({ length: 1000 }, (_, position) => seedAt(7, position));
    assert.equal(new Set(values).size, 1000);
    for (let bit = 0; bit < 32; bit++) {
      const ones = values.filter((value) => (value >>> bit) & 1).length;
      assert.ok(ones > 430 && ones < 570, `bit ${bit} is set in ${ones} of 1000`);
    }
    assert.notEqual(seedAt(1, 2), seedAt(2, 1));
    assert.notEqual(seedAt(2 ** 40 + 1, 0), seedAt(1, 0));
  });
});
