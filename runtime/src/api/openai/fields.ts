import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { Sampling } from '../../engine/generation.js';

/** Fields that chat completions and completions share. `null` means what leaving the field out means. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  repetition_penalty: z.number().gt(0).max(2).nullish(),
  logit_bias: z
    .record(z.string().regex(/^\d{1,9}$/, 'keys are token ids'), z.number().min(-100).max(100))
    .nullish(),
  seed: z.int().nullish(),
};

/** A token's id: llama.cpp counts them in 32 bits, and a larger one would come out as another token. */
export const token = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const requestFields = {
  model: z.string().min(1),
  n: z.int().min(1).max(128).nullish(),
  stop: z
    .union([z.string().min(1), z.array(z.string().min(1)).max(4)])
    .nullish()
    .transform((stop) => (typeof stop === 'string' ? [stop] : (stop ?? []))),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish(),
      include_obfuscation: z.literal(false, 'padding against traffic analysis is not supported').nullish(),
    })
    .nullish(),
  user: z.string().nullish(),
};

const sampling = z.object(samplingFields);

/** The sampling of choice number `choice`; each of several choices draws with a seed of its own. */
export function toSampling(fields: z.output<typeof sampling>, seed: number, choice: number): Sampling {
  return {
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
    topK: fields.top_k ?? 0,
    minP: fields.min_p ?? 0,
    frequencyPenalty: fields.frequency_penalty ?? 0,
    presencePenalty: fields.presence_penalty ?? 0,
    repetitionPenalty: fields.repetition_penalty ?? 1,
    logitBias: fields.logit_bias ?? {},
    seed: seed + choice,
  };
}

export function chooseSeed(seed: number | null | undefined): number {
  return seed ?? randomInt(2 ** 32);
}

/** A field of OpenAI's that can't be honoured here: refused by name, unless it asks for nothing. */
export function unsupported(reason: string): z.ZodType<undefined | null> {
  return z.custom<undefined | null>((value) => value === undefined || value === null, {
    error: reason,
    params: { unsupported: true },
  });
}
