import type { Problem } from '../../../constructs/contracts/problem';
import type { InferenceSettings, SystemSettings } from '../settings';
import type { InferenceTopology, SystemTopology } from '../topology';

/** What is known beside the topology. */
export interface CheckContext {
  /**
   * Whether the file must name image, storage and database (`in-file`, as plain synth needs), or a foundation makes
   * what it leaves out. @default `in-file`
   */
  readonly backing?: 'in-file' | 'from-foundation';
}

/** A combination of fields, each fine by itself, that can't work. One idea a check. */
export interface Check<Settings, Topology> {
  /** Paths of the fields that decide it: it is left out where one of them could not be read. */
  readonly reads: readonly string[];
  /** Yields each problem. `topology` tells what was written, `settings` what it comes to. */
  check(settings: Settings, topology: Topology, context: CheckContext): Iterable<Problem>;
}

export type InferenceCheck = Check<InferenceSettings, InferenceTopology>;

/** A check of what topologies of all kinds have in common. */
export type SystemCheck = Check<SystemSettings, SystemTopology>;

/** A problem of one field. */
export function problem(path: string, value: unknown, reason: string, mend: string): Problem {
  return { path, value, reason, mend };
}

/** Path of a workload's field: at the root with `roles: all`, else below its role. */
export function workloadPath(role: string, field: string): string {
  return role === 'all' ? field : `roles.${role}.${field}`;
}

/** Field paths that decide the number of pods. */
export const REPLICAS = ['profile', 'replicas', 'roles'] as const;
