/**
 * What a model's name says of its size. Names give parameters (`8B`, `8x7B`, `125m`) and how many bits each has
 * (`fp8`, `AWQ`, `Q4_K_M`); models whose names do not are in a list, from their cards on Hugging Face.
 */

const BILLION = 1e9;

/** In billions, with bytes each where weights are published with fewer than two; the first match counts. */
type Sizes = readonly (readonly [name: RegExp, billions: number, bytesEach?: number])[];

/** Models whose names tell only a part of their parameters, or nothing of their bits. */
const DESPITE_NAME: Sizes = [
  [/llama[-_]?4[-_]?scout/, 109],
  [/llama[-_]?4[-_]?maverick/, 402],
  [/gpt[-_]oss[-_]120b/, 117, 0.56],
  [/gpt[-_]oss[-_]20b/, 21, 0.56],
];
/** Models whose names hold no number of parameters. */
const WITHOUT_NUMBER: Sizes = [
  [/deepseek[-_]?(?:v3|r1)/, 671, 1],
  [/deepseek[-_]?v2(?:\.5)?(?![-_.\w]*lite)/, 236],
  [/kimi[-_]?k2/, 1000, 1],
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
  [/phi[-_]?4(?![-_]?m)/, 14],
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
  const quantized = BY_QUANTIZATION.find(([pattern]) => pattern.test(text))?.[1];
  const parameters = parametersIn(text);
  const known = ([pattern]: Sizes[number]) => pattern.test(text);
  const model =
    DESPITE_NAME.find(known) ?? (parameters === undefined ? WITHOUT_NUMBER.find(known) : undefined);
  if (model) return model[1] * BILLION * (quantized ?? model[2] ?? FULL);
  return parameters && parameters * (quantized ?? (GGUF.test(text) ? FOUR_BITS : FULL));
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
