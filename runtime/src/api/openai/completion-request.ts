import { z } from 'zod';
import type { GenerationRequest, Prompt } from '../../engine/generation.js';
import { invalidRequest } from '../api-error.js';
import { chooseSeed, requestFields, samplingFields, token, toSampling, unsupported } from './fields.js';

/** What OpenAI's reference gives completions that name no `max_tokens`. */
const DEFAULT_MAX_TOKENS = 16;

export const completionRequest = z.strictObject({
  ...requestFields,
  ...samplingFields,
  prompt: z.union([
    z.string(),
    z.array(token).min(1),
    z.array(z.string()).min(1).max(128),
    z.array(z.array(token).min(1)).min(1).max(128),
  ]),
  max_tokens: z.int().min(1).nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
  echo: z.literal(false, "'echo' is not supported").nullish(),
  best_of: unsupported("'best_of' is not supported: use 'n'.").optional(),
  suffix: unsupported("'suffix' is not supported.").optional(),
});

export type CompletionRequest = z.output<typeof completionRequest>;

/** One generation for each choice of each prompt. */
export function toGenerations(request: CompletionRequest): GenerationRequest[] {
  const seed = chooseSeed(request.seed);
  const choices = request.n ?? 1;
  const prompts = toPrompts(request.prompt);
  if (choices * prompts.length > 128)
    throw invalidRequest("'n' times the prompts is more than 128 choices.", 'n');
  return prompts.flatMap((prompt) =>
    Array.from({ length: choices }, (_, choice) => ({
      model: request.model,
      prompt,
      maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
      sampling: toSampling(request, seed, choice),
      stop: request.stop,
      ...(request.logprobs != null && { logprobs: request.logprobs }),
      format: { kind: 'text' as const },
    })),
  );
}

function toPrompts(prompt: CompletionRequest['prompt']): Prompt[] {
  if (typeof prompt === 'string') return [{ kind: 'text', text: prompt }];
  const tokens = prompt.filter((each) => typeof each === 'number');
  if (tokens.length === prompt.length) return [{ kind: 'tokens', tokens }];
  return prompt.flatMap((each): Prompt[] => {
    if (typeof each === 'string') return [{ kind: 'text', text: each }];
    return typeof each === 'number' ? [] : [{ kind: 'tokens', tokens: each }];
  });
}
