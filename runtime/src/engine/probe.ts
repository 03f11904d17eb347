import type { Engine } from './engine.js';
import { EngineError } from './engine-error.js';
import type { GenerationRequest } from './generation.js';

/** Has an engine do its work once, in the small. Throws an {@link EngineError} if it can't. */
export async function probe(engine: Engine, signal: AbortSignal): Promise<void> {
  const { description } = engine;
  if (!description) throw new EngineError('unavailable', 'The engine says nothing of its model.');
  const { id, capabilities } = description;
  if (!capabilities.completion) {
    await engine.embed(['a'], signal);
    return;
  }
  for await (const event of engine.generate(oneToken(id), signal)) if (event.type === 'finished') return;
  throw new EngineError('unavailable', 'The engine ended an answer without a word.');
}

function oneToken(model: string): GenerationRequest {
  return {
    model,
    prompt: { kind: 'text', text: 'a' },
    maxTokens: 1,
    sampling: {
      temperature: 0,
      topP: 1,
      topK: 0,
      minP: 0,
      frequencyPenalty: 0,
      presencePenalty: 0,
      repetitionPenalty: 1,
      logitBias: {},
      seed: 0,
    },
    stop: [],
    format: { kind: 'text' },
  };
}
