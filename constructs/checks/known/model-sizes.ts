/**
 * What a model's name says of its size. Names give parameters (`8B`, `8x7B`, `125m`) and how many bits each has
 * (`fp8`, `AWQ`, `Q4_K_M`); models whose names do not are in a list, from their cards on Hugging Face.
 */

const BILLION = 1e9;

/** In billions; the first match counts. Where a model's weights are published with fewer bits, those. */
const BY_NAME: readonly (readonly [name: RegExp, billions: number, bytesEach?: number])[] = [
  [/deepseek[-_]?(?:v3|r1)(?!.*distill)/, 671, 1],
  [/deepseek[-_]?v2(?:\.5)?(?!.*lite)/, 236],
  [/kimi[-_]?k2/, 1000, 1],
  [/llama[-_]?4[-_]?scout/, 109],
  [/llama[-_]?4[-_]?maverick/, 402],
  [/mixtral[-_]?8x7b/, 46.7],
  [/mixtral[-_]?8x22b/, 141],
  [/gpt[-_]oss[-_]120b/, 117, 0.56],
  [/gpt[-_]oss[-_]20b/, 21, 0.56],
  [/mistral[-_]?large/, 123],
  [/mistral[-_]?nemo/, 12],
  [/mistral[-_]?small/, 22],
  [/command[-_]?r[-_]?plus/, 104],
  [/command[-_]?r(?!\w)/, 35],
  [/glm[-_]?4\.[56][-_]?air/, 106],
  [/glm[-_]?4\.[56](?![-_]?(?:air|flash|v))/, 355],
  [/minimax[-_]?m2/, 230, 1],
  [/phi[-_]?3(?:\.5)?[-_]?mini/, 3.8],
  [/phi[-_]?3[-_]?medium/, 14],
  [/phi[-_]?4(?![-_]?mini)/, 14],
  [/bge[-_]?m3|bge[-_]?reranker[-_]?v2[-_]?m3/, 0.57],
  [/bge[-_]?(?:\w+[-_])?large/, 0.34],
  [/bge[-_]?(?:\w+[-_])?base/, 0.11],
];

/** 4-bit weights are 0.56 bytes each with their scales; llama.cpp's other widths in proportion. */
const FOUR_BITS = 0.56;
const BY_QUANTIZATION: readonly (readonly [name: RegExp, bytesEach: number])[] = [
  [/fp8|f8_|int8|8[-_]?bits?(?![a-z])|w8a\d+|(?:^|[^a-z\d])q8(?![\d.])/, 1],
  [/(?:^|[^a-z\d])i?q6(?![\d.])/, 0.82],
  [/(?:^|[^a-z\d])i?q5(?![\d.])/, 0.69],
  [/(?:^|[^a-z\d])i?q3(?![\d.])/, 0.43],
  [/(?:^|[^a-z\d])i?q2(?![\d.])/, 0.33],
  [/(?:^|[^a-z\d])i?q4(?![\d.])|int4|4[-_]?bits?(?![a-z])|w4a\d+|awq|gptq|nf4|fp4|bnb/, FOUR_BITS],
];
/** Files of llama.cpp that do not say: `-hf` takes Q4_K_M. */
const GGUF = /gguf|ggml/;
const FULL = 2;

/** Billions of parameters: `8B`, `0.5b`, `8x7B`; `E4B` and `A22B` are not all of a model's. */
const BILLIONS = /(?<![a-z\d.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z\d])/;
const MILLIONS = /(?<![a-z\d.])(\d+)m(?![a-z\d])/;
/** Experts share their attention: `8x7B` is less than 56 B. */
const MIXTURE = 0.83;

const MAX_NAME_LENGTH = 512;

/** Bytes of a model's weights. `undefined`: its name does not say. */
export function modelBytes(name: string): number | undefined {
  const text = name.slice(0, MAX_NAME_LENGTH).toLowerCase();
  const known = BY_NAME.find(([pattern]) => pattern.test(text));
  const parameters = known ? known[1] * BILLION : parametersIn(text);
  if (parameters === undefined) return undefined;
  const quantized = BY_QUANTIZATION.find(([pattern]) => pattern.test(text))?.[1];
  return parameters * (quantized ?? known?.[2] ?? (GGUF.test(text) ? FOUR_BITS : FULL));
}

function parametersIn(text: string): number | undefined {
  // The last part of a path or a repository's name says most exactly which model it is.
  for (const part of text.split('/').reverse()) {
    const billions = BILLIONS.exec(part);
    if (billions) {
      const experts = Number(billions[1] ?? 1);
      return Number(billions[2]) * experts * (experts > 1 ? MIXTURE : 1) * BILLION;
    }
    const millions = MILLIONS.exec(part);
    if (millions) return Number(millions[1]) * 1e6;
  }
  return undefined;
}
