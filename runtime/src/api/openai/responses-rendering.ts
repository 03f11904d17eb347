import type { FinishReason, TokenLogprobs, ToolCallDelta } from '../../engine/generation.js';
import type { JournalEntry, StreamHeader, StreamOutcome } from '../../streams/journal.js';
import type { SseEvent } from '../sse.js';
import { Choices } from './choices.js';
import type { StreamRenderer } from './rendering.js';

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

interface MessageItem {
  readonly type: 'message';
  readonly id: string;
  readonly role: 'assistant';
  status: ItemStatus;
  text: string;
  readonly logprobs: TokenLogprobs[];
}

interface CallItem {
  readonly type: 'function_call';
  readonly id: string;
  readonly index: number;
  readonly callId: string;
  readonly name: string;
  status: ItemStatus;
  arguments: string;
}

type OutputItem = MessageItem | CallItem;

interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Builds a response from its stream's entries, and says what each of them changes, in the API's events. */
export class ResponseBuilder {
  private readonly usage = new Choices(1, 1);
  private readonly items: OutputItem[] = [];
  /** The item that is being written: the last one. */
  private open: OutputItem | undefined;
  /** Of tokens without text so far: they are part of the text that follows, or of a call. */
  private textless: TokenLogprobs[] = [];
  private reason: FinishReason | undefined;
  private end: { at: number; outcome: StreamOutcome } | undefined;

  constructor(private readonly header: StreamHeader) {}

  get outcome(): StreamOutcome | undefined {
    return this.end?.outcome;
  }

  add(entry: JournalEntry): ResponseEvent[] {
    this.usage.add(entry);
    if (entry.type === 'end') {
      this.end = entry;
      return this.ended();
    }
    const { event } = entry;
    if (event.type === 'started') return this.started();
    if (event.type === 'finished') {
      this.reason = event.reason;
      const message = this.items.length === 0 ? this.openMessage() : [];
      return [
        ...message,
        ...this.write(''),
        ...this.close(event.reason === 'length' ? 'incomplete' : 'completed'),
      ];
    }
    return [
      ...this.addText(event.text, event.logprobs ?? []),
      ...(event.toolCalls ?? []).flatMap((delta) => this.addCall(delta)),
    ];
  }

  /** The `response` object as far as it is known. */
  get response(): Record<string, unknown> {
    const status = this.status;
    const { id, created, model, rendering } = this.header;
    const failed = this.outcome?.status === 'failed' ? this.outcome : undefined;
    return {
      id,
      object: 'response',
      created_at: created,
      status,
      completed_at: status === 'completed' ? (this.end?.at ?? null) : null,
      error: failed ? { code: 'server_error', message: failed.message } : null,
      incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
      model,
      output: this.items.map(toOutput),
      usage: status === 'completed' || status === 'incomplete' ? this.tokenUsage : null,
      ...(typeof rendering.echo === 'object' && rendering.echo),
    };
  }

  private get status(): string {
    switch (this.outcome?.status) {
      case undefined:
        return 'in_progress';
      case 'completed':
        return this.reason === 'length' ? 'incomplete' : 'completed';
      default:
        return this.outcome?.status ?? 'failed';
    }
  }

  private get tokenUsage(): object {
    const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details } = this.usage.usage;
    return {
      input_tokens: prompt_tokens,
      input_tokens_details: prompt_tokens_details,
      output_tokens: completion_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens,
    };
  }

  private started(): ResponseEvent[] {
    const { response } = this;
    if (!this.header.background) {
      return [
        { type: 'response.created', response },
        { type: 'response.in_progress', response },
      ];
    }
    const queued = { ...response, status: 'queued' };
    return [
      { type: 'response.created', response: queued },
      { type: 'response.queued', response: queued },
      { type: 'response.in_progress', response },
    ];
  }

  private ended(): ResponseEvent[] {
    // What was being written when the stream broke off stays as it is.
    if (this.open) this.open.status = 'incomplete';
    const { response } = this;
    // The API has no event for a response that was cancelled; its status tells.
    const type = response.status === 'cancelled' ? 'incomplete' : String(response.status);
    return [{ type: `response.${type}`, response }];
  }

  private addText(text: string, logprobs: readonly TokenLogprobs[]): ResponseEvent[] {
    this.textless.push(...logprobs);
    if (text === '') return [];
    const opened = this.open?.type === 'message' ? [] : [...this.close('completed'), ...this.openMessage()];
    return [...opened, ...this.write(text)];
  }

  /** Adds to the message that is open, if one is. */
  private write(text: string): ResponseEvent[] {
    const { open, textless: logprobs } = this;
    this.textless = [];
    if (open?.type !== 'message' || (text === '' && logprobs.length === 0)) return [];
    open.text += text;
    open.logprobs.push(...logprobs);
    const delta = {
      type: 'response.output_text.delta',
      ...this.place(open),
      content_index: 0,
      delta: text,
      logprobs: logprobs.map(eventLogprob),
    };
    return [delta];
  }

  private openMessage(): ResponseEvent[] {
    const item: MessageItem = {
      type: 'message',
      id: this.itemId('msg'),
      role: 'assistant',
      status: 'in_progress',
      text: '',
      logprobs: [],
    };
    this.items.push(item);
    this.open = item;
    const { output_index, item_id } = this.place(item);
    return [
      { type: 'response.output_item.added', output_index, item: { ...toOutput(item), content: [] } },
      { type: 'response.content_part.added', item_id, output_index, content_index: 0, part: textPart(item) },
    ];
  }

  private addCall(delta: ToolCallDelta): ResponseEvent[] {
    this.textless = [];
    const opened = this.isOpen(delta.index) ? [] : [...this.close('completed'), ...this.openCall(delta)];
    const { open } = this;
    if (open?.type !== 'function_call' || !delta.arguments) return opened;
    open.arguments += delta.arguments;
    return [
      ...opened,
      { type: 'response.function_call_arguments.delta', ...this.place(open), delta: delta.arguments },
    ];
  }

  private isOpen(call: number): boolean {
    return this.open?.type === 'function_call' && this.open.index === call;
  }

  private openCall(delta: ToolCallDelta): ResponseEvent[] {
    const item: CallItem = {
      type: 'function_call',
      id: this.itemId('fc'),
      index: delta.index,
      callId: delta.id ?? this.itemId('call'),
      name: delta.name ?? '',
      status: 'in_progress',
      arguments: '',
    };
    this.items.push(item);
    this.open = item;
    const { output_index } = this.place(item);
    return [{ type: 'response.output_item.added', output_index, item: toOutput(item) }];
  }

  private close(status: ItemStatus): ResponseEvent[] {
    const { open } = this;
    if (!open) return [];
    this.open = undefined;
    open.status = status;
    const { output_index, item_id } = this.place(open);
    const done = { type: 'response.output_item.done', output_index, item: toOutput(open) };
    if (open.type === 'function_call') {
      const { name, arguments: text } = open;
      return [
        { type: 'response.function_call_arguments.done', item_id, output_index, name, arguments: text },
        done,
      ];
    }
    const at = { item_id, output_index, content_index: 0 };
    return [
      {
        type: 'response.output_text.done',
        ...at,
        text: open.text,
        logprobs: open.logprobs.map(eventLogprob),
      },
      { type: 'response.content_part.done', ...at, part: textPart(open) },
      done,
    ];
  }

  private place(item: OutputItem): { item_id: string; output_index: number } {
    return { item_id: item.id, output_index: this.items.indexOf(item) };
  }

  /** The same at each rendering: made of the response's own id. */
  private itemId(prefix: string): string {
    return `${prefix}_${this.header.id.replace(/^resp_/, '')}${String(this.items.length).padStart(4, '0')}`;
  }
}

/** Events of `/v1/responses`. They are numbered in the event, too. */
export class ResponseStreamRenderer implements StreamRenderer {
  private readonly builder: ResponseBuilder;
  private number = 0;

  constructor(header: StreamHeader) {
    this.builder = new ResponseBuilder(header);
  }

  render(entry: JournalEntry): readonly SseEvent[] {
    return this.builder.add(entry).map(({ type, ...rest }) => ({
      event: type,
      data: JSON.stringify({ type, sequence_number: this.number++, ...rest }),
    }));
  }
}

function toOutput(item: OutputItem): object {
  const { id, type, status } = item;
  return item.type === 'message'
    ? { id, type, status, role: item.role, content: [textPart(item)] }
    : { id, type, status, call_id: item.callId, name: item.name, arguments: item.arguments };
}

function textPart({ text, logprobs }: MessageItem): object {
  return {
    type: 'output_text',
    text,
    annotations: [],
    logprobs: logprobs.map(({ top, ...token }) => ({ ...token, top_logprobs: top })),
  };
}

/** In events tokens have no bytes. */
function eventLogprob({ token, logprob, top }: TokenLogprobs): object {
  return {
    token,
    logprob,
    top_logprobs: top.map((each) => ({ token: each.token, logprob: each.logprob })),
  };
}
