import type { TrafficProvider } from './props';

/** What a provider grants: least and most seconds, and whether it can keep a client by a header. */
interface Limits {
  readonly request: readonly [number, number];
  readonly idle: readonly [number, number];
  readonly drain: readonly [number, number];
  readonly ttl: readonly [number, number];
  readonly header: boolean;
}

/** Durations of Gateway API have at most five digits before their unit. */
const DURATION = 99_999;
const COMMON: Limits = {
  request: [0, DURATION],
  idle: [1, DURATION],
  drain: [0, 3600],
  ttl: [1, DURATION],
  header: false,
};

/** Sources: the API references of Gateway API, Elastic Load Balancing, Compute Engine's backend services. */
export const LIMITS: Readonly<Record<TrafficProvider['type'], Limits>> = {
  'gateway-api': { ...COMMON, header: true },
  // `idle_timeout` up to 4000 seconds, cookies up to a week.
  'aws-alb': { ...COMMON, idle: [1, 4000], ttl: [1, 604_800] },
  // No timeout can't be said; cookies up to two weeks.
  gke: { ...COMMON, request: [1, 2_147_483_647], ttl: [0, 1_209_600] },
  'azure-agc': { ...COMMON, request: [1, DURATION] },
  'nginx-ingress': { ...COMMON, header: true },
};
