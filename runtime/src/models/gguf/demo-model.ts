import { BYTE_TOKENS, spell } from './byte-tokens.js';
import { DEMO_SENTENCES } from './demo-text.js';
import { encodeF16, encodeF32, type MetadataValue, type Tensor, writeGguf } from './gguf-writer.js';

/** Width of the model: one dimension a phrase, then those below. */
const WIDTH = 256;
/** Dimensions in which bytes differ, so that embeddings of different texts do. */
const CODE = 16;
/** The dimension that every token shares; it carries what a token is worth whatever came before. */
const SHARED = WIDTH - CODE - 1;
/** The dimension of whatever is no phrase: bytes and control tokens. The demonstration begins after it. */
const OTHER = SHARED - 1;

const CONTROL = ['<|begin|>', '<|end|>', '<|system|>', '<|user|>', '<|assistant|>', '<|tool|>'] as const;
const BEGIN = BYTE_TOKENS.length;
const END = BEGIN + 1;
/** An empty JSON string in one token, so that grammars find a short way. */
const EMPTY_STRING = BEGIN + CONTROL.length;
const FIRST_PHRASE = EMPTY_STRING + 1;

const QUOTE = 0x22;

/** Metadata `tokenizer.ggml.token_type`. */
const TOKEN_TYPE = { normal: 1, control: 3 } as const;

const CHAT_TEMPLATE = `<|begin|>
{%- if tools %}<|system|>You may call these functions: {{ tools | tojson }}
Answer with <tool_call>{"name": …, "arguments": …}</tool_call> to call one.<|end|>{% endif %}
{%- for message in messages %}<|{{ message.role }}|>{{ message.content or '' }}
{%- for call in message.tool_calls or [] %}<tool_call>{{ {"name": call.function.name, "arguments": call.function.arguments} | tojson }}</tool_call>{% endfor %}<|end|>
{%- endfor %}
{%- if add_generation_prompt %}<|assistant|>{% endif %}`;

/**
 * Writes the demonstration model: a llama whose layers add nothing, so that the output matrix alone, a table of which
 * phrase follows which, decides. Same bytes each time, under 1 MB.
 */
export async function writeDemoModel(path: string): Promise<void> {
  const sentences = phrases(DEMO_SENTENCES);
  const vocabulary = [...BYTE_TOKENS, ...CONTROL, '""', ...sentences.flat().map(spell)];
  const metadata: Record<string, MetadataValue> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: 'Polypod demonstration' },
    'llama.block_count': { type: 'u32', value: 1 },
    'llama.context_length': { type: 'u32', value: 8192 },
    'llama.embedding_length': { type: 'u32', value: WIDTH },
    'llama.feed_forward_length': { type: 'u32', value: 32 },
    'llama.attention.head_count': { type: 'u32', value: 1 },
    'llama.attention.key_length': { type: 'u32', value: 32 },
    'llama.attention.value_length': { type: 'u32', value: 32 },
    'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
    'llama.rope.dimension_count': { type: 'u32', value: 32 },
    'llama.pooling_type': { type: 'u32', value: 1 },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'llama-bpe' },
    'tokenizer.ggml.tokens': { type: 'strings', value: vocabulary },
    'tokenizer.ggml.token_type': {
      type: 'i32s',
      value: vocabulary.map((_, id) =>
        id >= BEGIN && id < EMPTY_STRING ? TOKEN_TYPE.control : TOKEN_TYPE.normal,
      ),
    },
    'tokenizer.ggml.merges': { type: 'strings', value: [] },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: BEGIN },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: END },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    'tokenizer.chat_template': { type: 'string', value: CHAT_TEMPLATE },
  };
  await writeGguf(path, metadata, tensors(vocabulary.length, sentences));
}

/** Splits each sentence into the shortest phrases that have not occurred before. */
function phrases(sentences: readonly string[]): string[][] {
  const seen = new Set<string>();
  return sentences.map((sentence, index) => {
    const words = sentence.split(' ').map((word, at) => (index === 0 && at === 0 ? word : ` ${word}`));
    const result: string[] = [];
    let phrase = '';
    for (const word of words) {
      phrase += word;
      if (seen.has(phrase)) continue;
      seen.add(phrase);
      result.push(phrase);
      phrase = '';
    }
    if (phrase !== '') throw new Error(`the sentence "${sentence}" ends in a phrase that occurs elsewhere`);
    return result;
  });
}

function tensors(vocabularySize: number, sentences: string[][]): Tensor[] {
  const count = sentences.flat().length;
  if (count > OTHER) throw new Error(`${count} phrases do not fit into ${OTHER} dimensions`);
  const zeros = (name: string, columns: number, rows: number): Tensor => ({
    name,
    shape: [columns, rows],
    type: 'f16',
    data: encodeF16(new Float32Array(columns * rows)),
  });
  const ones = (name: string): Tensor => ({
    name,
    shape: [WIDTH],
    type: 'f32',
    data: encodeF32(new Float32Array(WIDTH).fill(1)),
  });
  const matrix = (name: string, values: Float32Array): Tensor => ({
    name,
    shape: [WIDTH, vocabularySize],
    type: 'f16',
    data: encodeF16(values),
  });
  return [
    matrix('token_embd.weight', embeddings(vocabularySize)),
    ones('blk.0.attn_norm.weight'),
    zeros('blk.0.attn_q.weight', WIDTH, 32),
    zeros('blk.0.attn_k.weight', WIDTH, 32),
    zeros('blk.0.attn_v.weight', WIDTH, 32),
    zeros('blk.0.attn_output.weight', 32, WIDTH),
    ones('blk.0.ffn_norm.weight'),
    zeros('blk.0.ffn_gate.weight', WIDTH, 32),
    zeros('blk.0.ffn_up.weight', WIDTH, 32),
    zeros('blk.0.ffn_down.weight', 32, WIDTH),
    ones('output_norm.weight'),
    matrix('output.weight', followers(vocabularySize, sentences)),
  ];
}

function embeddings(vocabularySize: number): Float32Array {
  const values = new Float32Array(WIDTH * vocabularySize);
  let state = 1;
  for (let token = 0; token < vocabularySize; token++) {
    const row = token * WIDTH;
    values[row + SHARED] = 1;
    if (token >= FIRST_PHRASE) values[row + token - FIRST_PHRASE] = 1;
    else values[row + OTHER] = 1;
    if (token >= BEGIN) continue;
    for (let i = 0; i < CODE; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[row + SHARED + 1 + i] = state & 0x10000 ? 0.25 : -0.25;
    }
  }
  return values;
}

/** The output matrix: what each token scores after each phrase. Normalization multiplies by about 11. */
function followers(vocabularySize: number, sentences: string[][]): Float32Array {
  const values = new Float32Array(WIDTH * vocabularySize);
  const set = (token: number, after: number, score: number) => {
    values[token * WIDTH + after] = score;
  };
  const starts: number[] = [];
  let phrase = 0;
  for (const sentence of sentences) {
    starts.push(phrase);
    phrase += sentence.length;
  }
  set(FIRST_PHRASE, OTHER, 2.5);
  for (let i = 0; i + 1 < phrase; i++) set(FIRST_PHRASE + i + 1, i, 2);
  for (const start of starts.slice(1)) {
    for (const later of starts) if (later > start) set(FIRST_PHRASE + later, start - 1, 1.7);
  }
  set(END, phrase - 1, 3);
  set(FIRST_PHRASE + (starts[1] ?? 0), phrase - 1, 1.7);

  // Where a grammar leaves a choice, the shortest document wins: strings are empty, numbers have one digit.
  const preferred = [EMPTY_STRING, ...Buffer.from('"}]0')];
  for (const [index, token] of preferred.entries()) set(token, SHARED, 0.5 - index * 0.05);
  set(QUOTE, phrase - 1, 1.8);
  return values;
}
