import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GenerationEvent, GenerationRequest, Sampling } from '../../src/engine/generation.js';
import { LlamaEngine, type LlamaEngineOptions } from '../../src/engine/llama/llama-engine.js';
import { TINY, writeRandomModel } from '../../src/models/gguf/random-model.js';

export interface TestEngine {
  readonly engine: LlamaEngine;
  stop(): Promise<void>;
}

/** A real engine with a small random model, in which every token depends on all before it. */
export async function startTinyEngine(options: Partial<LlamaEngineOptions> = {}): Promise<TestEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'polypod-test-'));
  const path = join(directory, 'tiny.gguf');
  await writeRandomModel(path, TINY);
  const engine = new LlamaEngine({
    model: 'tiny',
    path,
    contextSize: 1024,
    sequences: 4,
    threads: 1,
    prefillChunk: 32,
    gpuLayers: 0,
    reproducible: true,
    tokensPerSecond: 0,
    queue: 8,
    hangSeconds: 60,
    ...options,
  });
  await engine.start();
  return {
    engine,
    async stop() {
      await engine.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const GREEDY: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repetitionPenalty: 1,
  logitBias: { 257: -100 },
  seed: 1,
};

export function textRequest(text: string, more: Partial<GenerationRequest> = {}): GenerationRequest {
  return {
    model: 'tiny',
    prompt: { kind: 'text', text },
    maxTokens: 60,
    sampling: GREEDY,
    stop: [],
    format: { kind: 'text' },
    ...more,
  };
}

export interface Collected {
  readonly tokens: number[];
  text: string;
  readonly events: GenerationEvent[];
}

export async function collect(events: AsyncIterable<GenerationEvent>): Promise<Collected> {
  const result: Collected = { tokens: [], text: '', events: [] };
  for await (const event of events) {
    result.events.push(event);
    if (event.type !== 'delta') continue;
    result.tokens.push(...event.tokens);
    result.text += event.text;
  }
  return result;
}

export const never = new AbortController().signal;
