import { formatByteSize } from '../../constructs/contracts/units';
import { type CacheUse, type Check, problem, sizeApplies, systemChecks, userIsOwn } from '../topology/checks';
import { cacheShared } from '../topology/checks/backing';
import type { MemosTopology } from './schema';
import { cacheBytes, type MemosSettings } from './settings';

type MemosCheck = Check<MemosSettings, MemosTopology>;

/** What the pods share by the cache. */
export const MEMOS_CACHE: CacheUse = {
  allowedBy: 'stale-sessions',
  loses: 'what one changes of users and settings, another shows up to 10 minutes later',
};

/** A sharded cache, of which the client sees one shard. */
const cacheIsWhole: MemosCheck = {
  reads: ['backing.cache', 'sizing.cache'],
  *check({ backing, sizing }) {
    const reason = 'is not what Memos can use: its client follows no redirection to another shard';
    if (typeof backing.cache === 'object' && backing.cache.mode === 'cluster') {
      const mend = 'name a server with one primary, and write mode: single';
      yield problem('backing.cache.mode', 'cluster', reason, mend);
    }
    if (sizing.cache.mode === 'cluster') {
      yield problem('sizing.cache.mode', 'cluster', reason, 'leave it out, or write single');
    }
  },
};

/** A cache that is full before everybody is logged in. */
const cacheHoldsLoad: MemosCheck = {
  reads: ['sizing.cache', 'load', 'profile'],
  *check({ sizing, load }) {
    const needed = cacheBytes(load);
    const { memory } = sizing.cache;
    if (memory.bytes >= needed) return;
    const reason = `is less than ${formatByteSize(Math.ceil(needed))}: 50 MB, 2 kB a session and 1 kB a setting`;
    yield problem('sizing.cache.memory', memory.text, reason, 'leave it out, or lower load');
  },
};

/** Every combination that a Memos topology is examined for. */
export const MEMOS_CHECKS: readonly MemosCheck[] = [
  ...systemChecks('attachments', 'registry/memos:0.25.1-redis'),
  userIsOwn('attachments'),
  sizeApplies('attachments'),
  cacheShared(MEMOS_CACHE),
  cacheIsWhole,
  cacheHoldsLoad,
];
