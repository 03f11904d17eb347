/** What manifests will take and do, reckoned before anything is applied. */
export { cacheMemory, sessionsIn } from './cache-memory';
export type { Demand } from './demand';
export type { BackingFacts, PlanFacts } from './facts';
export { type Plan, type PlanOptions, planOf } from './plan';
