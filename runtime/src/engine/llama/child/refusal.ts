import { EngineError } from '../../engine-error.js';
import type { FromChild } from '../protocol.js';

/** Tells that a request won't be answered, or no further, and why. */
export function refusal(id: number, error: unknown): FromChild {
  const known = error instanceof EngineError ? error : undefined;
  return {
    type: 'refused',
    id,
    code: known?.code ?? 'unavailable',
    message: error instanceof Error ? error.message : String(error),
    ...(known?.param !== undefined && { param: known.param }),
  };
}
