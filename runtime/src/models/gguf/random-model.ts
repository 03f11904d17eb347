import { BYTE_TOKENS } from './byte-tokens.js';
import { encodeF16, encodeF32, type MetadataValue, type Tensor, writeGguf } from './gguf-writer.js';

export interface RandomModelOptions {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly contextSize: number;
  readonly type: 'f16' | 'q8_0';
  readonly seed: number;
  /** Said besides, or instead. */
  readonly metadata?: Readonly<Record<string, MetadataValue>>;
}

/** Small, with attention that matters: what a token is depends on all before it. For tests. */
export const TINY: RandomModelOptions = {
  layers: 2,
  width: 64,
  heads: 4,
  feedForward: 128,
  vocabulary: 512,
  contextSize: 2048,
  type: 'f16',
  seed: 1,
};

/** The shape and the cost of a model with 68 million parameters. For benchmarks. */
export const PARAMETERS_68M: RandomModelOptions = {
  layers: 2,
  width: 768,
  heads: 12,
  feedForward: 3072,
  vocabulary: 32_000,
  contextSize: 2048,
  type: 'q8_0',
  seed: 1,
};

/** How far apart logits lie; near ties would turn on the last bit of a sum. */
const LOGIT_DEVIATION = 4;

const CONTROL = ['<|begin|>', '<|end|>', '<|system|>', '<|user|>', '<|assistant|>', '<|tool|>'] as const;

/** Writes a llama with random weights: it speaks nonsense, at the speed and with the state of a real model. */
export async function writeRandomModel(path: string, options: RandomModelOptions): Promise<void> {
  const { layers, width, heads, feedForward, vocabulary, contextSize } = options;
  const words = Array.from(
    { length: vocabulary - 256 - CONTROL.length },
    (_, index) => `Ġw${index.toString(36)}`,
  );
  const tokens = [...BYTE_TOKENS, ...CONTROL, ...words];
  const metadata: Record<string, MetadataValue> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: 'random' },
    'llama.block_count': { type: 'u32', value: layers },
    'llama.context_length': { type: 'u32', value: contextSize },
    'llama.embedding_length': { type: 'u32', value: width },
    'llama.feed_forward_length': { type: 'u32', value: feedForward },
    'llama.attention.head_count': { type: 'u32', value: heads },
    'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
    'llama.rope.dimension_count': { type: 'u32', value: width / heads },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'llama-bpe' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': {
      type: 'i32s',
      value: tokens.map((token) => (token.startsWith('<|') ? 3 : 1)),
    },
    'tokenizer.ggml.merges': { type: 'strings', value: [] },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: 256 },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: 257 },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
    'tokenizer.chat_template': {
      type: 'string',
      value:
        '{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}<|assistant|>',
    },
    ...options.metadata,
  };
  const random = new Random(options.seed);
  const matrix = (name: string, columns: number, rows: number, deviation: number): Tensor => ({
    name,
    shape: [columns, rows],
    type: options.type,
    data:
      options.type === 'q8_0'
        ? random.q8(columns * rows, deviation)
        : encodeF16(random.uniform(columns * rows, deviation)),
  });
  const norm = (name: string): Tensor => ({
    name,
    shape: [width],
    type: 'f32',
    data: encodeF32(new Float32Array(width).fill(1)),
  });
  const inner = 1 / Math.sqrt(width);
  await writeGguf(path, metadata, [
    matrix('token_embd.weight', width, vocabulary, 1),
    ...Array.from({ length: layers }, (_, layer) => [
      norm(`blk.${layer}.attn_norm.weight`),
      matrix(`blk.${layer}.attn_q.weight`, width, width, 2 * inner),
      matrix(`blk.${layer}.attn_k.weight`, width, width, 2 * inner),
      matrix(`blk.${layer}.attn_v.weight`, width, width, inner),
      matrix(`blk.${layer}.attn_output.weight`, width, width, inner),
      norm(`blk.${layer}.ffn_norm.weight`),
      matrix(`blk.${layer}.ffn_gate.weight`, width, feedForward, inner),
      matrix(`blk.${layer}.ffn_up.weight`, width, feedForward, inner),
      matrix(`blk.${layer}.ffn_down.weight`, feedForward, width, 1 / Math.sqrt(feedForward)),
    ]).flat(),
    norm('output_norm.weight'),
    matrix('output.weight', width, vocabulary, LOGIT_DEVIATION * inner),
  ]);
}

/** The same numbers for the same seed, on every machine. */
class Random {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed, 0x9e3779b1) | 1;
  }

  uniform(count: number, deviation: number): Float32Array {
    const range = deviation * Math.sqrt(3);
    return Float32Array.from({ length: count }, () => (this.next() / 2 ** 31) * range);
  }

  /** Blocks of 32 bytes under one scale, llama.cpp's Q8_0. */
  q8(count: number, deviation: number): Uint8Array {
    const BLOCK = 32;
    const scale = encodeF16(Float32Array.of(deviation / (256 / Math.sqrt(12))));
    const bytes = new Uint8Array((count / BLOCK) * (BLOCK + scale.length));
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += BLOCK + scale.length) {
      bytes.set(scale, at);
      for (let i = 0; i < BLOCK; i += 4) view.setInt32(at + scale.length + i, this.next());
    }
    return bytes;
  }

  /** 32 random bits, signed: xorshift. */
  private next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state;
  }
}
