import type { FinishReason, TokenLogprobs, ToolCallDelta } from '../../engine/generation.js';
import type { JournalEntry, StreamHeader } from '../../streams/journal.js';
import type { SseEvent } from '../sse.js';
import { type Choices, choicesOf, type Usage } from './choices.js';
import { DONE, json, outcomeError, type StreamRenderer } from './rendering.js';

/** `chat.completion.chunk` events. */
export class ChatStreamRenderer implements StreamRenderer {
  private readonly choices: Choices;
  private readonly base: Record<string, unknown>;
  private readonly includeUsage: boolean;

  constructor(header: StreamHeader) {
    this.choices = choicesOf(header);
    this.includeUsage = header.rendering.includeUsage === true;
    this.base = {
      id: header.id,
      object: 'chat.completion.chunk',
      created: header.created,
      model: header.model,
    };
  }

  render(entry: JournalEntry): readonly SseEvent[] {
    this.choices.add(entry);
    if (entry.type === 'end') {
      if (entry.outcome.status !== 'completed') return [json(outcomeError(entry.outcome).body)];
      return this.includeUsage ? [this.usage(this.choices.usage), DONE] : [DONE];
    }
    const { choice, event } = entry;
    if (event.type === 'started') return [this.chunk(choice, { role: 'assistant', content: '' })];
    if (event.type === 'finished') return [this.chunk(choice, {}, event.reason)];
    if (event.text === '' && !event.toolCalls && !event.logprobs) return [];
    const delta = event.toolCalls
      ? { ...(event.text !== '' && { content: event.text }), tool_calls: event.toolCalls.map(toolCallDelta) }
      : { content: event.text };
    return [this.chunk(choice, delta, null, event.logprobs)];
  }

  private chunk(
    index: number,
    delta: object,
    reason: FinishReason | null = null,
    logprobs?: readonly TokenLogprobs[],
  ): SseEvent {
    const choice = {
      index,
      delta,
      logprobs: logprobs ? chatLogprobs(logprobs) : null,
      finish_reason: reason,
    };
    return json({ ...this.base, choices: [choice], ...(this.includeUsage && { usage: null }) });
  }

  private usage(usage: Usage): SseEvent {
    return json({ ...this.base, choices: [], usage });
  }
}

/** A `chat.completion` object. */
export function chatCompletion(header: StreamHeader, choices: Choices): object {
  return {
    id: header.id,
    object: 'chat.completion',
    created: header.created,
    model: header.model,
    choices: choices.all.map((choice, index) => ({
      index,
      message: {
        role: 'assistant',
        content: choice.text === '' && choice.toolCalls.length > 0 ? null : choice.text,
        refusal: null,
        ...(choice.toolCalls.length > 0 && {
          tool_calls: choice.toolCalls.map(({ id, name, arguments: text }) => ({
            id,
            type: 'function',
            function: { name, arguments: text },
          })),
        }),
      },
      logprobs: choice.logprobs.length > 0 ? chatLogprobs(choice.logprobs) : null,
      finish_reason: choice.reason,
    })),
    usage: choices.usage,
  };
}

function toolCallDelta(delta: ToolCallDelta): object {
  if (delta.id === undefined) return { index: delta.index, function: { arguments: delta.arguments ?? '' } };
  return {
    index: delta.index,
    id: delta.id,
    type: 'function',
    function: { name: delta.name, arguments: delta.arguments ?? '' },
  };
}

function chatLogprobs(logprobs: readonly TokenLogprobs[]): object {
  return { content: logprobs.map(({ top, ...token }) => ({ ...token, top_logprobs: top })), refusal: null };
}
