import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { loadChild } from '../../src/engine/llama/child/load.js';
import type { FromChild } from '../../src/engine/llama/protocol.js';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';
import { GREEDY } from '../support/models.js';

it('takes a grammar that llama.cpp does not read for the fault of the request, not of the node', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
  const path = join(directory, 'tiny.gguf');
  await writeRandomModel(path, TINY);
  const sent: FromChild[] = [];
  const options = { contextSize: 64, sequences: 1, threads: 1, prefillChunk: 32, gpuLayers: 0 };
  const child = await loadChild({ ...options, path, reproducible: true, tokensPerSecond: 0 }, (message) =>
    sent.push(message),
  );
  const generation = { id: 1, prompt: { text: 'x' }, sampling: GREEDY, stop: [], resume: [] };
  const grammars = [
    ['root ::= root', undefined, 'response_format'],
    ['root ::= call\ncall ::= call', undefined, 'tools'],
    ['root ::= root', '<tool_call>', 'tools'],
  ] as const;
  for (const [grammar, trigger, param] of grammars) {
    child.handle({
      type: 'generate',
      generation: { ...generation, grammar, ...(trigger !== undefined && { grammarTrigger: trigger }) },
    });
    const last = sent.at(-1);
    assert.ok(last?.type === 'refused');
    assert.deepEqual([last.code, last.param], ['invalid_request', param]);
  }
  await rm(directory, { recursive: true, force: true });
});
