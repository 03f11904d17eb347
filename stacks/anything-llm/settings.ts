import { byteSizeOf, cpuOf } from '../../constructs/contracts/units';
import { PROFILES } from '../topology/profiles';
import { resolveStorage } from '../topology/resolve/storage';
import { resolveSystem } from '../topology/resolve/system';
import { sizedWorkload } from '../topology/resolve/workloads';
import type { SystemSettings } from '../topology/settings';
import type { AnythingLlmTopology } from './schema';

const GIB = 2 ** 30;

/** What upstream asks for: 2 GB of memory, and a core of the two. */
const POD = { cpu: cpuOf(1), memory: byteSizeOf(2 * GIB) };

/** User and group of the official image, whose folders belong to them. */
const USER = { uid: 1000, gid: 1000 };

const ONE = { min: 1, max: 1 };

/** An AnythingLLM topology with every default filled in. */
export interface AnythingLlmSettings extends SystemSettings {
  readonly kind: 'AnythingLLM';
  readonly state: AnythingLlmTopology['state'];
  readonly llm: AnythingLlmTopology['llm'];
  readonly embedding: AnythingLlmTopology['embedding'];
  readonly web: boolean;
  /** @default none: the system runs */
  readonly migration: AnythingLlmTopology['migration'];
  /** Name of the Secret with the keys that all pods share. */
  readonly keys: string;
}

/** Fills in every default of an AnythingLLM topology. Pure; never fails on what the schema accepts. */
export function resolveAnythingLlm(topology: AnythingLlmTopology): AnythingLlmSettings {
  const { kind, name, state, backing, files } = topology;
  const range = state.kind === 'sqlite' ? ONE : PROFILES[topology.profile].replicas;
  const workloads = [{ role: 'all', ...sizedWorkload(topology, topology, range, POD) }];
  return {
    ...resolveSystem(topology, workloads, { extensions: ['vector'] }),
    kind,
    workloads,
    state,
    ...resolveStorage({ name, storage: backing.storage, least: 20 * GIB, size: files.size, ...USER }),
    llm: topology.llm,
    embedding: topology.embedding,
    web: topology.web,
    migration: topology.migration,
    keys: topology.security.keys?.secretName ?? `${name}-keys`,
  };
}
