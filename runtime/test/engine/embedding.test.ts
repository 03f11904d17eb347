import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { getLlama } from 'node-llama-cpp';
import type { MetadataValue } from '../../src/models/gguf/gguf-writer.js';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { never, startTinyEngine } from '../support/models.js';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** The vector is the last token's, so that it tells whether that is the right one. */
const POOLS: Record<string, MetadataValue> = { 'llama.pooling_type': { type: 'u32', value: 3 } };
const KINDS: Readonly<Record<string, Record<string, MetadataValue>>> = {
  'wants no end token': POOLS,
  'wants its end token': { ...POOLS, 'tokenizer.ggml.add_eos_token': { type: 'bool', value: true } },
  'separates word pieces': {
    ...POOLS,
    'tokenizer.ggml.model': { type: 'string', value: 'bert' },
    'tokenizer.ggml.tokens': {
      type: 'strings',
      value: Array.from({ length: TINY.vocabulary }, (_, id) =>
        id < 4
          ? (['[UNK]', '[CLS]', '[SEP]', '[PAD]'][id] ?? '')
          : id < 30
            ? `▁${LETTERS[id - 4]}`
            : `▁w${id}`,
      ),
    },
    'tokenizer.ggml.token_type': {
      type: 'i32s',
      value: Array.from({ length: TINY.vocabulary }, (_, id) => (id < 4 ? 3 : 1)),
    },
    'tokenizer.ggml.unknown_token_id': { type: 'u32', value: 0 },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: 1 },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: 2 },
    'tokenizer.ggml.seperator_token_id': { type: 'u32', value: 2 },
    'tokenizer.ggml.padding_token_id': { type: 'u32', value: 3 },
  },
};

describe('embeddings', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const [name, metadata] of Object.entries(KINDS)) {
    it(`are those of node-llama-cpp, of a model that ${name}`, async () => {
      const path = join(directory, 'embeds.gguf');
      await writeRandomModel(path, { ...TINY, metadata });
      const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false });
      const model = await llama.loadModel({ modelPath: path });
      const context = await model.createEmbeddingContext({ contextSize: 256, threads: 1 });
      const { vector } = await context.getEmbeddingFor('a b c');
      const length = Math.hypot(...vector);

      const { engine, stop } = await startTinyEngine({ path, contextSize: 256 });
      const own = await engine.embed(['a b c'], never);
      assert.equal(own.promptTokens, context.calculateInputLength('a b c'));
      for (const [index, value] of vector.entries()) {
        const difference = Math.abs(value / length - (own.vectors[0]?.[index] ?? 0));
        assert.ok(difference < 1e-4, `${index}: ${difference}`);
      }
      await stop();
      await llama.dispose();
    });
  }

  it('are not computed any further for a client that has left', async () => {
    const path = join(directory, 'left.gguf');
    await writeRandomModel(path, { ...TINY, metadata: POOLS });
    const { engine, stop } = await startTinyEngine({ path, contextSize: 256 });
    const inputs = (count: number) => Array<string>(count).fill('a'.repeat(200));
    const begun = performance.now();
    await engine.embed(inputs(50), never);
    const time = performance.now() - begun;

    const leaving = new AbortController();
    const left = engine.embed(inputs(2_000), leaving.signal);
    setTimeout(() => leaving.abort(), time);
    await assert.rejects(left, { name: 'AbortError' });
    const after = performance.now();
    await engine.embed(['a'], never);
    assert.ok(performance.now() - after < 10 * time, `${performance.now() - after} ms after ${time} ms`);
    await stop();
  });

  it('take an input that fills the context, and name one that does not fit', async () => {
    const path = join(directory, 'full.gguf');
    await writeRandomModel(path, { ...TINY, metadata: POOLS });
    const { engine, stop } = await startTinyEngine({ path, contextSize: 256 });
    const { promptTokens } = await engine.embed(['a'.repeat(255), Array(256).fill(65)], never);
    assert.equal(promptTokens, 512);
    for (const input of ['a'.repeat(256), 'a'.repeat(100_000), Array<number>(257).fill(65)]) {
      await assert.rejects(engine.embed([input], never), {
        code: 'context_length_exceeded',
        param: 'input',
        message: /is 256 tokens\. Your input has/,
      });
    }
    await stop();
  });
});
