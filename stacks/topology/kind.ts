import type * as z from 'zod';
import type { Problem } from '../../constructs/contracts/problem';
import type { Check, CheckContext } from './checks/check';
import type { Cloud } from './template';
import type { Topology } from './topology';

/** How topologies of one kind are read. */
export interface TopologyKind {
  /** What a file may hold, with defaults and descriptions. */
  readonly schema: z.ZodType<Topology>;
  /** A commented file to begin with, which reads as it stands. */
  readonly template: (cloud: Cloud) => string;
  /** Whatever can't be combined, of a topology that the schema accepts. */
  problems(
    topology: Topology,
    applies: (check: Pick<Check<unknown, unknown>, 'reads'>) => boolean,
    context: CheckContext,
  ): Problem[];
}

interface Definition<S extends z.ZodType<Topology>, Settings> {
  readonly schema: S;
  readonly resolve: (topology: z.output<S>) => Settings;
  readonly checks: readonly Check<Settings, z.output<S>>[];
  readonly template: (cloud: Cloud) => string;
}

/** A kind of topology: what it looks like, how its defaults are filled in, and what can't be combined. */
export function topologyKind<S extends z.ZodType<Topology>, Settings>({
  schema,
  resolve,
  checks,
  template,
}: Definition<S, Settings>): TopologyKind {
  return {
    schema,
    template,
    problems(topology: z.output<S>, applies, context) {
      const settings = resolve(topology);
      return checks.filter(applies).flatMap(({ check }) => [...check(settings, topology, context)]);
    },
  };
}
