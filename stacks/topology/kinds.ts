import type * as z from 'zod';
import { type Check, INFERENCE_CHECKS } from './checks';
import { resolveInference } from './resolve/inference';
import { inference } from './schema/inference';
import type { InferenceSettings } from './settings';

/** A kind of topology: what it looks like, how its defaults are filled in, and what can't be combined. */
interface TopologyKind<S extends z.ZodType, Settings> {
  readonly schema: S;
  readonly resolve: (topology: z.output<S>) => Settings;
  readonly checks: readonly Check<Settings>[];
}

const kind = <S extends z.ZodType, Settings>(definition: TopologyKind<S, Settings>) => definition;

/** Every kind of topology, by the word after `kind:`. A further system adds its line here. */
export const KINDS = {
  Inference: kind<typeof inference, InferenceSettings>({
    schema: inference,
    resolve: resolveInference,
    checks: INFERENCE_CHECKS,
  }),
} as const;
