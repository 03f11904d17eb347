import type { FinishReason, TokenLogprobs } from '../../engine/generation.js';
import type { JournalEntry, StreamHeader } from '../../streams/journal.js';
import type { SseEvent } from '../sse.js';
import { type Choices, choicesOf } from './choices.js';
import { DONE, json, outcomeError, type StreamRenderer } from './rendering.js';

/** `text_completion` events. */
export class CompletionStreamRenderer implements StreamRenderer {
  private readonly choices: Choices;
  private readonly base: Record<string, unknown>;
  private readonly includeUsage: boolean;
  /** Characters of each choice so far: where its next logprobs begin. */
  private readonly lengths: number[];

  constructor(header: StreamHeader) {
    this.choices = choicesOf(header);
    this.lengths = header.requests.map(() => 0);
    this.includeUsage = header.rendering.includeUsage === true;
    this.base = { id: header.id, object: 'text_completion', created: header.created, model: header.model };
  }

  render(entry: JournalEntry): readonly SseEvent[] {
    this.choices.add(entry);
    if (entry.type === 'end') {
      if (entry.outcome.status !== 'completed') return [json(outcomeError(entry.outcome).body)];
      if (!this.includeUsage) return [DONE];
      return [json({ ...this.base, choices: [], usage: this.choices.usage }), DONE];
    }
    const { choice, event } = entry;
    if (event.type === 'started') return [];
    if (event.type === 'finished') return [this.chunk(choice, '', event.reason)];
    if (event.text === '' && !event.logprobs) return [];
    return [this.chunk(choice, event.text, null, event.logprobs)];
  }

  private chunk(
    index: number,
    text: string,
    reason: FinishReason | null,
    logprobs?: readonly TokenLogprobs[],
  ): SseEvent {
    const offset = this.lengths[index] ?? 0;
    this.lengths[index] = offset + text.length;
    const choice = {
      index,
      text,
      logprobs: logprobs ? completionLogprobs(logprobs, offset) : null,
      finish_reason: reason,
    };
    return json({ ...this.base, choices: [choice], ...(this.includeUsage && { usage: null }) });
  }
}

/** A `text_completion` object. */
export function completion(header: StreamHeader, choices: Choices): object {
  return {
    id: header.id,
    object: 'text_completion',
    created: header.created,
    model: header.model,
    choices: choices.all.map((choice, index) => ({
      index,
      text: choice.text,
      logprobs: choice.logprobs.length > 0 ? completionLogprobs(choice.logprobs, 0) : null,
      finish_reason: choice.reason,
    })),
    usage: choices.usage,
  };
}

function completionLogprobs(logprobs: readonly TokenLogprobs[], offset: number): object {
  let next = offset;
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: logprobs.map(({ token }) => {
      const at = next;
      next += token.length;
      return at;
    }),
  };
}
