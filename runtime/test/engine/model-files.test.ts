import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LlamaEngine } from '../../src/engine/llama/llama-engine.js';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';

describe('a model file that is no good', () => {
  let directory: string;
  let good: Buffer;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
    await writeRandomModel(join(directory, 'good.gguf'), TINY);
    good = await readFile(join(directory, 'good.gguf'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const start = async (path: string) => {
    const engine = new LlamaEngine({
      model: 'x',
      path,
      contextSize: 256,
      sequences: 1,
      threads: 1,
      prefillChunk: 32,
      gpuLayers: 0,
      reproducible: false,
      tokensPerSecond: 0,
      queue: 1,
      hangSeconds: 60,
    });
    await engine.start();
    await engine.stop();
  };

  it('is named, with what to do, when it is not there', async () => {
    const path = join(directory, 'nowhere.gguf');
    await assert.rejects(start(path), {
      code: 'bad_model',
      message: /nowhere\.gguf is not there: check models\[\]\.source/,
    });
  });

  for (const [name, damage] of Object.entries<(bytes: Buffer) => Buffer>({
    empty: () => Buffer.alloc(0),
    'something else': () => Buffer.from('hello, I am no model'.repeat(100)),
    'cut in the header': (bytes) => bytes.subarray(0, 3000),
    'cut in the weights': (bytes) => bytes.subarray(0, bytes.length - 20_000),
    'not numbers': (bytes) => Buffer.concat([bytes.subarray(0, -4000), Buffer.alloc(4000, 0x7e)]),
  })) {
    it(`is named, with what to do, when it is ${name}`, async () => {
      const path = join(directory, 'bad.gguf');
      await writeFile(path, damage(Buffer.from(good)));
      await assert.rejects(start(path), {
        code: 'bad_model',
        message: /bad\.gguf is damaged.*download it again/s,
      });
    });
  }
});
