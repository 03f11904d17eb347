import type { NativeContext } from './bindings.js';
import type { GenerationRun } from './generation-run.js';

/** Which tokens' logits are wanted. llama.cpp has read an array when a call returns, so these serve every step. */
const NONE = new Uint32Array(0);
const FIRST = Uint32Array.of(0);

/** One of the context's sequences: a row of cells that holds tokens, and the generation that uses it now. */
export class Sequence {
  run: GenerationRun | undefined;
  /** Tokens whose keys and values the cells hold. */
  private cells: number[] = [];
  /** How many of the first cells were computed as whole prefill chunks. */
  private chunked = 0;
  private readonly one = new Uint32Array(1);

  constructor(
    readonly index: number,
    private readonly context: NativeContext,
    private readonly chunk: number,
  ) {}

  get length(): number {
    return this.cells.length;
  }

  /**
   * How many of the prompt's first tokens need not be computed again. Only whole chunks count: they come out bit for
   * bit as a fresh prefill would make them, so an answer does not depend on what was cached.
   */
  reusable(prompt: Uint32Array): number {
    const limit = Math.min(this.chunked, prompt.length - 1);
    let same = 0;
    while (same < limit && this.cells[same] === prompt[same]) same++;
    return Math.floor(same / this.chunk) * this.chunk;
  }

  /** Gives the sequence to a generation, keeping what it can of the cells. */
  assign(run: GenerationRun): void {
    this.run = run;
    let keep = this.reusable(run.prompt);
    // Sliding windows and recurrent states forget: what is gone can't be kept, and what can't be cut must go.
    if (keep > 0 && this.context.getSequenceKvCacheMinPosition(this.index) > 0) keep = 0;
    if (keep === 0 || !this.context.removeTokenCellsFromSequence(this.index, keep, -1)) {
      this.context.disposeSequence(this.index);
      keep = 0;
    }
    this.cells.length = keep;
    this.chunked = keep;
    run.prefilled = keep;
    run.cachedTokens = keep;
  }

  /** Adds a chunk to the batch at the end of the cells; returns where the last token's logits will be, if wanted. */
  addChunk(tokens: Uint32Array, wantLogits: boolean): number {
    const wanted = wantLogits ? Uint32Array.of(tokens.length - 1) : NONE;
    const at = this.context.addToBatch(this.index, this.cells.length, tokens, wanted);
    for (const token of tokens) this.cells.push(token);
    return at[0] ?? -1;
  }

  /** The same for one token. */
  add(token: number, wantLogits: boolean): number {
    this.one[0] = token;
    const at = this.context.addToBatch(this.index, this.cells.length, this.one, wantLogits ? FIRST : NONE);
    this.cells.push(token);
    return at[0] ?? -1;
  }

  /** Fills a gap in a batch with a token that nobody will read. {@link unpad} must follow. */
  pad(contextSize: number): void {
    if (this.cells.length >= contextSize) this.clear();
    this.one[0] = 0;
    this.context.addToBatch(this.index, this.cells.length, this.one, NONE);
  }

  unpad(): void {
    if (this.context.removeTokenCellsFromSequence(this.index, this.cells.length, -1)) return;
    throw new Error(`llama.cpp could not take a token out of sequence ${this.index}`);
  }

  private clear(): void {
    this.context.disposeSequence(this.index);
    this.cells.length = 0;
    this.chunked = 0;
  }

  /** Notes that the chunk that was just decoded can be reused. */
  chunkDone(): void {
    if (this.cells.length % this.chunk === 0) this.chunked = this.cells.length;
  }

  release(): void {
    this.run = undefined;
  }
}
