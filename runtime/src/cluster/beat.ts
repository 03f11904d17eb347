import { z } from 'zod';
import { ROLES } from '../../contract.cjs';

const load = z.object({ running: z.number(), queued: z.number(), sequences: z.number() });

/** What a node tells of itself: to PostgreSQL, and to its peers directly. */
export const beatSchema = z.object({
  id: z.string(),
  /** Changes with every start of the process. */
  incarnation: z.string(),
  /** Grows with every sign of life of an incarnation. */
  beat: z.number(),
  role: z.enum(ROLES),
  peerUrl: z.string().optional(),
  zone: z.string().optional(),
  version: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  status: z.enum(['healthy', 'draining', 'left']),
  weight: z.number(),
  load: load.extend({ models: z.record(z.string(), load) }),
  /** Models that it could load. */
  offers: z.array(
    z.object({
      model: z.string(),
      /** On how many nodes it is to be; without it on all that offer it. */
      replicas: z.number().optional(),
      /** On how many it may be when there is more to do. */
      max: z.number().optional(),
    }),
  ),
  models: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['loading', 'ready', 'failed', 'quarantined']),
      reason: z.string().optional(),
      enabled: z.boolean(),
      weight: z.number(),
      contextSize: z.number().optional(),
      capabilities: z
        .object({ chat: z.boolean(), completion: z.boolean(), embeddings: z.boolean() })
        .optional(),
    }),
  ),
});

export type Beat = z.infer<typeof beatSchema>;
export type BeatModel = Beat['models'][number];
export type Offer = Beat['offers'][number];
