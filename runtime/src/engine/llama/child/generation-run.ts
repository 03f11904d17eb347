import type { FinishReason, TokenLogprobs } from '../../generation.js';
import type { ChildGeneration, StepEvent } from '../protocol.js';
import { TextAssembler } from './text-assembler.js';
import type { TokenSampler } from './token-sampler.js';
import type { Vocabulary } from './vocabulary.js';

/** One generation on its way through the loop, from the queue to its last token. */
export class GenerationRun {
  readonly id: number;
  /** Tokens of the prompt that are in the cache. */
  prefilled = 0;
  cachedTokens = 0;
  /** The token that the next step decodes; none while the prompt is being prefilled. */
  pending: number | undefined;
  cancelled = false;
  /** What the resumed tokens' events held; the engine that was lost has sent it. */
  readonly resumedText: string;

  private generated = 0;
  private finish: FinishReason | undefined;
  private readonly assembler: TextAssembler;
  private readonly maxTokens: number;

  constructor(
    readonly request: ChildGeneration,
    readonly prompt: Uint32Array,
    readonly sampler: TokenSampler,
    private readonly vocabulary: Vocabulary,
    contextSize: number,
  ) {
    this.id = request.id;
    this.maxTokens = Math.min(request.maxTokens ?? contextSize, contextSize - prompt.length);
    this.assembler = new TextAssembler(request.stop);
    let text = '';
    for (const token of request.resume) text += this.assembler.push(this.bytes(token)).text;
    this.resumedText = text;
  }

  get finished(): boolean {
    return this.finish !== undefined;
  }

  /** Index, among the generated tokens, of the one that comes next. */
  get position(): number {
    return this.generated;
  }

  /** The next token was generated before, by another engine: it is decoded but not sampled. */
  get replaying(): boolean {
    return this.generated < this.request.resume.length;
  }

  /** Takes the next of the resumed tokens instead of sampling one. */
  replay(): void {
    const token = this.request.resume[this.generated];
    if (token === undefined) throw new Error('nothing left to replay');
    this.sampler.resumed(token, this.bytes(token));
    this.generated++;
    this.pending = token;
    if (this.generated >= this.maxTokens) this.finish = 'length';
  }

  /** Takes a sampled token; -1: the grammar allows none. Whether the next step decodes it is known from here on. */
  take(token: number): void {
    this.generated++;
    if (this.ends(token)) {
      this.finish = 'stop';
      return;
    }
    this.pending = token;
    if (this.generated >= this.maxTokens) this.finish = 'length';
  }

  /** A stop string may end it: what it has taken must be told before the next step. */
  get endsByText(): boolean {
    return this.request.stop.length > 0;
  }

  /** Makes text of the token that was taken last, and returns what to tell of it. */
  tell(token: number, logprobs?: TokenLogprobs): StepEvent {
    if (this.ends(token)) return this.last([], this.assembler.flush());
    const bytes = this.bytes(token);
    this.sampler.generated(token, bytes);
    const { text, stopped } = this.assembler.push(bytes);
    const reported = logprobs && { logprobs: [logprobs] };
    if (stopped) {
      this.finish = 'stop';
      return { ...this.last([token], text), ...reported };
    }
    if (this.finish) return { ...this.last([token], text + this.assembler.flush()), ...reported };
    return { id: this.id, tokens: [token], text, ...reported };
  }

  /** The end of a generation whose resumed tokens already fill it. */
  end(): StepEvent {
    return this.last([], this.assembler.flush());
  }

  private ends(token: number): boolean {
    return token < 0 || this.vocabulary.isEnd(token);
  }

  private bytes(token: number): Uint8Array {
    const bytes = this.vocabulary.bytes(token);
    if (bytes.length > 0 || !this.request.visible) return bytes;
    const name = this.vocabulary.name(token);
    return this.request.visible.includes(name) ? Buffer.from(name) : bytes;
  }

  private last(tokens: number[], text: string): StepEvent {
    return {
      id: this.id,
      tokens,
      text,
      ...(this.finish && { finish: this.finish }),
      completionTokens: this.generated,
      cachedTokens: this.cachedTokens,
    };
  }
}
