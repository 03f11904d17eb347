import type { JournalEntry, StreamHeader, StreamOutcome } from '../../streams/journal.js';
import { ApiError } from '../api-error.js';
import type { SseEvent } from '../sse.js';

/**
 * Renders a stream's entries for one API. The same entries always give the same events, so that an event's number
 * means the same on every node and at every reading.
 */
export interface StreamRenderer {
  render(entry: JournalEntry): readonly SseEvent[];
}

export type RendererOf = (header: StreamHeader) => StreamRenderer;

/** Renders batches of entries as they come. */
export async function* renderBatches(
  batches: AsyncIterable<readonly JournalEntry[]>,
  renderer: StreamRenderer,
): AsyncGenerator<readonly SseEvent[]> {
  for await (const batch of batches) yield batch.flatMap((entry) => renderer.render(entry));
}

/** What a stream that did not complete tells its reader. */
export function outcomeError(outcome: StreamOutcome): ApiError {
  if (outcome.status === 'failed') return new ApiError(503, 'server_error', outcome.code, outcome.message);
  return new ApiError(409, 'invalid_request_error', 'stream_cancelled', 'The stream was cancelled.');
}

export const DONE: SseEvent = { data: '[DONE]' };

export function json(value: unknown): SseEvent {
  return { data: JSON.stringify(value) };
}
