import type { ModelDescription } from './engine.js';
import { EngineError } from './engine-error.js';

/** Refuses to generate with a model that only embeds: some engines would fail, others write nonsense. */
export function checkGenerates(model: string, { completion }: ModelDescription['capabilities']): void {
  if (completion) return;
  throw new EngineError(
    'invalid_request',
    `The model '${model}' makes embeddings and nothing else: ask /v1/embeddings.`,
    'model',
  );
}
