import type { FinishReason, TokenLogprobs, ToolCallDelta } from '../../engine/generation.js';
import type { JournalEntry, StreamHeader, StreamOutcome } from '../../streams/journal.js';

export interface Choice {
  text: string;
  readonly toolCalls: { id: string; name: string; arguments: string }[];
  readonly logprobs: TokenLogprobs[];
  reason: FinishReason | undefined;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/** The choices of a stream that is yet to be read. */
export function choicesOf({ requests, rendering }: StreamHeader): Choices {
  const { choicesPerPrompt } = rendering;
  return new Choices(
    requests.length,
    typeof choicesPerPrompt === 'number' ? choicesPerPrompt : requests.length,
  );
}

/** Adds a stream's entries up: what an answer that is not streamed holds, and what usage any answer has. */
export class Choices {
  readonly all: Choice[];
  outcome: StreamOutcome | undefined;
  private promptTokens = 0;
  private cachedTokens = 0;
  private completionTokens = 0;

  /** Every `choicesPerPrompt` choices share one prompt, whose tokens count once. */
  constructor(
    count: number,
    private readonly choicesPerPrompt: number,
  ) {
    this.all = Array.from({ length: count }, () => ({
      text: '',
      toolCalls: [],
      logprobs: [],
      reason: undefined,
    }));
  }

  get usage(): Usage {
    return {
      prompt_tokens: this.promptTokens,
      completion_tokens: this.completionTokens,
      total_tokens: this.promptTokens + this.completionTokens,
      prompt_tokens_details: { cached_tokens: this.cachedTokens },
    };
  }

  add(entry: JournalEntry): void {
    if (entry.type === 'end') {
      this.outcome = entry.outcome;
      return;
    }
    const { event } = entry;
    const choice = this.all[entry.choice];
    if (!choice) return;
    if (event.type === 'started') {
      if (entry.choice % this.choicesPerPrompt === 0) this.promptTokens += event.promptTokens;
    } else if (event.type === 'delta') {
      choice.text += event.text;
      if (event.logprobs) choice.logprobs.push(...event.logprobs);
      for (const delta of event.toolCalls ?? []) addToolCall(choice, delta);
    } else {
      choice.reason = event.reason;
      this.completionTokens += event.completionTokens;
      this.cachedTokens = Math.max(this.cachedTokens, event.cachedTokens);
    }
  }
}

function addToolCall(choice: Choice, delta: ToolCallDelta): void {
  choice.toolCalls[delta.index] ??= { id: delta.id ?? '', name: delta.name ?? '', arguments: '' };
  const call = choice.toolCalls[delta.index];
  if (call) call.arguments += delta.arguments ?? '';
}
