import type { Bindings, NativeContext, NativeModel } from './bindings.js';
import type { Vocabulary } from './vocabulary.js';

/** Computes embeddings in a context of its own, one input after the other. */
export class Embedder {
  private context: NativeContext | undefined;

  constructor(
    private readonly bindings: Bindings,
    private readonly model: NativeModel,
    private readonly vocabulary: Vocabulary,
    private readonly contextSize: number,
    private readonly threads: number,
  ) {}

  tokenize(input: string | readonly number[]): Uint32Array {
    return typeof input === 'string'
      ? this.vocabulary.tokenizeInput(input, this.contextSize)
      : this.vocabulary.checkedInput(Uint32Array.from(input), this.contextSize);
  }

  /** A vector of length 1. */
  async embed(tokens: Uint32Array): Promise<Float32Array> {
    this.context ??= await this.createContext();
    this.context.disposeSequence(0);
    this.context.initBatch(tokens.length);
    // Every token's output is wanted: pooling averages over those, and only those, that are.
    this.context.addToBatch(0, 0, tokens, Uint32Array.from(tokens.keys()));
    await this.context.decodeBatch();
    const vector = Float32Array.from(this.context.getEmbedding(tokens.length));
    const length = Math.hypot(...vector);
    return length > 0 ? vector.map((value) => value / length) : vector;
  }

  private async createContext(): Promise<NativeContext> {
    const context = new this.bindings.AddonContext(this.model, {
      contextSize: this.contextSize,
      batchSize: this.contextSize,
      sequences: 1,
      threads: this.threads,
      embeddings: true,
    });
    if (!(await context.init())) throw new Error('llama.cpp could not create the context for embeddings');
    return context;
  }
}
