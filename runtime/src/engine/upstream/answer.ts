import type { FinishReason, GenerationEvent, GenerationRequest, TokenLogprobs } from '../generation.js';
import { TextAssembler } from '../llama/child/text-assembler.js';
import { ToolCallParser } from '../tools/tool-format.js';
import { mayCall } from './openai-wire.js';
import type { UpstreamChunk, UpstreamFacts } from './upstream-server.js';

/**
 * Makes events of what a server sends. Stop strings and calls of tools are found here rather than there, so that an
 * answer that is gone on with elsewhere is read as it would have been. Tokens wait for their text: what is journaled
 * never ends within a character.
 */
export class Answer {
  /** All tokens that events were made of. */
  readonly tokens: number[];
  /** All text that came, held back or not. */
  text = '';
  finished = false;
  /** A stop string stood in what was resumed. */
  readonly stopped: boolean;

  private readonly assembler: TextAssembler;
  private readonly parser: ToolCallParser | undefined;
  private held: number[] = [];
  private heldLogprobs: TokenLogprobs[] = [];
  private toolCalls = 0;
  /** Tokens before the request to the server that runs, and where its own begin among {@link tokens}. */
  private before: { readonly count: number; readonly from: number };

  constructor(
    private readonly request: GenerationRequest,
    facts: UpstreamFacts,
    resumed: { readonly tokens: readonly number[]; readonly text: string; readonly count: number },
  ) {
    this.tokens = [...resumed.tokens];
    this.before = { count: resumed.count, from: resumed.tokens.length };
    this.assembler = new TextAssembler(request.stop);
    const { prompt } = request;
    this.parser =
      facts.toolFormat && mayCall(prompt) ? new ToolCallParser(facts.toolFormat, prompt.tools) : undefined;
    this.stopped = this.read(resumed.text).stopped;
  }

  /** Tokens so far, as far as it is known. */
  get count(): number {
    return this.before.count + this.tokens.length - this.before.from;
  }

  /** The server's next request goes on from here; tokens that were held back are generated again. */
  restart(count: number): void {
    this.held = [];
    this.heldLogprobs = [];
    this.before = { count, from: this.tokens.length };
  }

  push(chunk: UpstreamChunk): GenerationEvent[] {
    this.held.push(...chunk.tokens);
    this.heldLogprobs.push(...(chunk.logprobs ?? []));
    const { finish, toolCalls = [] } = chunk;
    // The end token says nothing and is not to be gone on from. It is the last, or was sent before without a text.
    if (finish?.reason === 'stop' && (chunk.tokens.length > 0 || chunk.text === '')) {
      this.held.pop();
      this.heldLogprobs.splice(this.held.length);
    }
    if (chunk.text === '' && !finish && toolCalls.length === 0) return [];
    const read = this.read(chunk.text);
    const calls = [...read.calls, ...toolCalls];
    this.toolCalls += toolCalls.length;
    const ends = read.stopped || finish !== undefined;
    // A stop string that ended it has been taken away; anything else that was held back is text after all.
    const rest = ends ? this.rest(read.stopped) : { text: '', calls: [] };
    const events = this.delta(read.text + rest.text, [...calls, ...rest.calls]);
    if (!ends) return events;
    const completionTokens = read.stopped ? undefined : finish?.completionTokens;
    return [
      ...events,
      this.finish(read.stopped ? 'stop' : (finish?.reason ?? 'stop'), completionTokens, finish?.cachedTokens),
    ];
  }

  /** The last event. */
  finish(reason: FinishReason, completionTokens?: number, cachedTokens = 0): GenerationEvent {
    this.finished = true;
    const { prompt } = this.request;
    const named = prompt.kind === 'chat' && typeof prompt.toolChoice === 'object';
    const called = this.toolCalls + (this.parser?.calls ?? 0) > 0 && !named;
    return {
      type: 'finished',
      reason: reason === 'stop' && called ? 'tool_calls' : reason,
      completionTokens: completionTokens === undefined ? this.count : this.before.count + completionTokens,
      cachedTokens,
    };
  }

  private delta(
    text: string,
    calls: Extract<GenerationEvent, { type: 'delta' }>['toolCalls'] & object,
  ): GenerationEvent[] {
    const tokens = this.held;
    const logprobs = this.heldLogprobs;
    this.held = [];
    this.heldLogprobs = [];
    this.tokens.push(...tokens);
    if (tokens.length === 0 && text === '' && calls.length === 0) return [];
    return [
      {
        type: 'delta',
        tokens,
        text,
        ...(calls.length > 0 && { toolCalls: calls }),
        ...(logprobs.length > 0 && { logprobs }),
      },
    ];
  }

  private read(more: string) {
    this.text += more;
    const { text, stopped } = this.assembler.push(Buffer.from(more));
    return { ...this.parse(text), stopped };
  }

  private rest(stopped: boolean) {
    const parsed = this.parse(stopped ? '' : this.assembler.flush());
    return { text: parsed.text + (this.parser?.flush() ?? ''), calls: parsed.calls };
  }

  private parse(text: string) {
    return this.parser ? this.parser.push(text) : { text, calls: [] };
  }
}
