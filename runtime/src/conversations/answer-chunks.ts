import type { JournalEntry, StreamOutcome } from '../streams/journal.js';
import type { Answer } from './turn.js';

export type AnswerChunk =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'end'; readonly answer: Answer; readonly message?: string };

/**
 * Cuts a stream's entries into numbered chunks: the same entries always give the same chunks, so that a chunk's number
 * means the same on every node and at every reading.
 */
export class AnswerChunks {
  private content = '';
  private cutShort = false;

  add(entry: JournalEntry): AnswerChunk | undefined {
    if (entry.type === 'end') return this.end(entry.outcome);
    const { event, choice } = entry;
    if (choice !== 0) return undefined;
    if (event.type === 'finished') this.cutShort = event.reason === 'length';
    if (event.type !== 'delta' || event.text === '') return undefined;
    this.content += event.text;
    return { type: 'text', text: event.text };
  }

  private end(outcome: StreamOutcome): AnswerChunk {
    const { content } = this;
    if (outcome.status === 'completed' && !this.cutShort) {
      return { type: 'end', answer: { content, status: 'completed' } };
    }
    const incomplete = { content, status: 'incomplete' } as const;
    if (outcome.status === 'completed') {
      return { type: 'end', answer: { ...incomplete, reason: 'max_output_tokens' } };
    }
    if (outcome.status === 'cancelled')
      return { type: 'end', answer: { ...incomplete, reason: 'cancelled' } };
    return { type: 'end', answer: { ...incomplete, reason: outcome.code }, message: outcome.message };
  }
}

/** How a stream has ended; `undefined` while it has not. */
export function answerIn(entries: readonly JournalEntry[]): Answer | undefined {
  const chunks = new AnswerChunks();
  let answer: Answer | undefined;
  for (const entry of entries) {
    const chunk = chunks.add(entry);
    if (chunk?.type === 'end') answer = chunk.answer;
  }
  return answer;
}
