import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type EngineChild, loadChild } from '../../src/engine/llama/child/load.js';
import type { ChildGeneration, FromChild } from '../../src/engine/llama/protocol.js';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { eventually } from '../support/cluster.js';
import { GREEDY } from '../support/models.js';

/** The word ` w12`, which the model always says. */
const WORD = 300;

describe('a generation that goes wrong', () => {
  let directory: string;
  let child: EngineChild;
  let running: Promise<void>;
  let messages: FromChild[] = [];
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    const path = join(directory, 'tiny.gguf');
    await writeRandomModel(path, {
      ...TINY,
      metadata: { 'llama.pooling_type': { type: 'u32', value: 1 } },
    });
    const options = {
      path,
      contextSize: 256,
      sequences: 2,
      threads: 1,
      prefillChunk: 32,
      gpuLayers: 0,
      reproducible: true,
      tokensPerSecond: 0,
    };
    child = await loadChild(options, (message) => messages.push(message));
    running = child.run();
  });
  after(async () => {
    child.handle({ type: 'stop' });
    await running;
    await rm(directory, { recursive: true, force: true });
  });

  const generate = (id: number, more: Partial<ChildGeneration> = {}) => {
    const sampling = { ...GREEDY, logitBias: { [WORD]: 100 } };
    const generation = { id, prompt: { text: 'A' }, maxTokens: 20, sampling, stop: [], resume: [], ...more };
    child.handle({ type: 'generate', generation });
  };
  const steps = (id: number) =>
    messages.flatMap((message) => (message.type === 'step' ? message.events : [])).filter((e) => e.id === id);
  const ended = (id: number) =>
    eventually(
      () =>
        steps(id).some(({ finish }) => finish !== undefined) ||
        messages.some((message) => message.type === 'refused' && message.id === id),
      'the end',
    );

  it('goes on in words when what follows the trigger, in the same token, is no call', async () => {
    messages = [];
    generate(1, { grammar: 'root ::= "x"', grammarTrigger: ' w' });
    await ended(1);
    assert.equal(
      steps(1)
        .map(({ text }) => text)
        .join(''),
      ' w12'.repeat(20),
    );
    assert.equal(steps(1).at(-1)?.finish, 'length');
  });

  it('is broken off alone', async () => {
    messages = [];
    generate(2);
    generate(3, { grammar: 'root ::= "x"', resume: [WORD] });
    await Promise.all([ended(2), ended(3)]);
    const refused = messages.filter((message) => message.type === 'refused');
    assert.deepEqual(
      refused.map(({ id, code }) => [id, code]),
      [[3, 'unavailable']],
    );
    assert.equal(steps(2).at(-1)?.completionTokens, 20);
    generate(4);
    await ended(4);
    assert.equal(steps(4).at(-1)?.finish, 'length');
  });

  it('is an embedding, too, that nobody waits for any more', async () => {
    messages = [];
    child.handle({ type: 'embed', id: 5, inputs: ['a', 'b', 'c'] });
    child.handle({ type: 'embed', id: 6, inputs: ['a'] });
    child.handle({ type: 'cancel', id: 5 });
    await eventually(() => messages.some(({ type }) => type === 'embedded'), 'the vectors');
    assert.deepEqual(
      messages.map((message) => [message.type, 'id' in message && message.id]),
      [['embedded', 6]],
    );
  });
});
