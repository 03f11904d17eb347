import { byteSizeOf, cpuOf } from '../../constructs/contracts/units';
import { PROFILES } from '../topology/profiles';
import { resolveStorage } from '../topology/resolve/storage';
import { resolveSystem } from '../topology/resolve/system';
import { sizedWorkload } from '../topology/resolve/workloads';
import type { SystemSettings } from '../topology/settings';
import type { MemosTopology } from './schema';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What a Go program of some 100 users asks for. An estimate: the guide gives none. */
const POD = { cpu: cpuOf(0.25), memory: byteSizeOf(256 * MIB, MIB) };

/** A Memos topology with every default filled in. */
export interface MemosSettings extends SystemSettings {
  readonly kind: 'Memos';
  readonly redis: MemosTopology['redis'];
  readonly load: MemosTopology['load'];
  /** Where people open it. @default the first host of traffic */
  readonly instanceUrl: string | undefined;
  readonly allow: MemosTopology['allow'];
}

/**
 * Bytes that the cache must hold, by seed 001: 50 MB, 2 kB for each session and 1 kB for each cached setting. (Its
 * 1 GB for 500,000 sessions is this formula.)
 */
export function cacheBytes({ sessions, settings }: MemosTopology['load']): number {
  return 50e6 + 2e3 * sessions + 1e3 * settings;
}

/** Fills in every default of a Memos topology. Pure; never fails on what the schema accepts. */
export function resolveMemos(topology: MemosTopology): MemosSettings {
  const { kind, name, backing, attachments, load, sizing } = topology;
  const profile = PROFILES[topology.profile];
  const workloads = [{ role: 'all', ...sizedWorkload(topology, topology, profile.replicas, POD) }];
  const common = resolveSystem(topology, workloads);
  const memory = Math.max(profile.cache.memory.bytes, Math.ceil(cacheBytes(load) / GIB) * GIB);
  const { uid, gid, size } = attachments;
  return {
    ...common,
    kind,
    workloads,
    sizing: {
      ...common.sizing,
      cache: {
        ...common.sizing.cache,
        memory: sizing.cache.memory ?? byteSizeOf(memory),
        // Its client follows no redirection to another shard.
        mode: sizing.cache.mode ?? 'single',
      },
    },
    ...resolveStorage({ name, storage: backing.storage, least: 10 * GIB, size, uid, gid }),
    redis: topology.redis,
    load,
    instanceUrl: topology.instanceUrl,
    allow: topology.allow,
  };
}
