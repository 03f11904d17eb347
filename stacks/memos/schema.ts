import * as z from 'zod';
import { count, duration, map, text } from '../topology/schema/fields';
import { replicas, webAutoscaling } from '../topology/schema/scaling';
import { resources } from '../topology/schema/scheduling';
import { sharedClaim } from '../topology/schema/storage';
import { allowed, identity, reason, secrets, surroundings } from '../topology/schema/system';

/** Memos keeps three caches, each with a pool of its own and one connection for what other pods tell. */
const CACHES = 3;

/** MEMOS_REDIS_POOL_SIZE, where a pod opens so many connections to the cache. */
export const poolSize = (connections: number) => Math.floor(connections / CACHES) - 1;

const connections = map({
  database: count(1, 1000)
    .default(20)
    .describe('To the database, for each pod: 20 in seed 001. Memos sets no limit; the account should.'),
  cache: count(2 * CACHES, 3000)
    .default(11 * CACHES)
    .describe(
      'To the cache, for each pod: three caches, each with MEMOS_REDIS_POOL_SIZE connections (33 make it 10, as in seed 001) and one for what other pods tell.',
    ),
});

const redis = map({
  dialTimeout: duration().prefault('5s').describe('MEMOS_REDIS_DIAL_TIMEOUT.'),
  readTimeout: duration().prefault('3s').describe('MEMOS_REDIS_READ_TIMEOUT.'),
  writeTimeout: duration().prefault('3s').describe('MEMOS_REDIS_WRITE_TIMEOUT.'),
  keyPrefix: text(
    (value) =>
      /^[\w:.-]{1,64}$/.test(value)
        ? undefined
        : { reason: 'is not a prefix for keys', mend: 'write letters, digits and _ : . -, at most 64' },
    { pattern: '^[\\w:.-]{1,64}$' },
  )
    .default('memos')
    .describe('MEMOS_REDIS_KEY_PREFIX: keeps several systems on one Redis apart.'),
});

const load = map({
  sessions: count(0, 1_000_000_000).default(0).describe('Sessions at the same time: 2 kB of Redis each.'),
  settings: count(0, 1_000_000_000).default(0).describe('Cached settings: 1 kB of Redis each.'),
});

/** `kind: Memos`: Memos on as many pods as it takes, as seed 001 describes it. */
export const memos = map({
  kind: z.literal('Memos').describe('Memos (notes), on several pods that share database, cache and files.'),
  ...identity,
  replicas: replicas.optional().describe('How many pods. Default: from the profile.'),
  resources: resources.prefault({}).describe('CPU and memory of each pod. Default: 250m and 256Mi.'),
  autoscaling: webAutoscaling.prefault({}).describe('What decides the number of pods.'),
  redis: redis.prefault({}).describe('How each pod uses the cache.'),
  load: load.prefault({}).describe("What the cache's memory must hold; sizing.cache.memory follows from it."),
  instanceUrl: text((value) =>
    /^https?:\/\/[^/\s@]+$/.test(value) && URL.canParse(value)
      ? undefined
      : { reason: 'is not the address of a site', mend: 'write one such as https://memos.example.com' },
  )
    .optional()
    .describe('MEMOS_INSTANCE_URL. Default: the first host of traffic.'),
  attachments: sharedClaim(10_001).prefault({}).describe('The claim for uploaded files.'),
  ...surroundings,
  connections: connections.prefault({}).describe('Connections that each pod opens.'),
  security: map(secrets).prefault({}).describe('Secrets, by reference; never their values.'),
  allow: map({
    'stale-sessions': reason()
      .optional()
      .describe('More than one pod without a cache: what one pod changes, another shows minutes later.'),
    ...allowed,
  })
    .prefault({})
    .describe('Findings that are accepted, each with the reason.'),
});

/** A Memos topology as one writes it. */
export type MemosInput = z.input<typeof memos>;

/** A Memos topology as read: units parsed, defaults of the schema filled in. */
export type MemosTopology = z.output<typeof memos>;
