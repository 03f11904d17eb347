import { closest, meant } from '../../../constructs/contracts/closest';
import { InvalidInputError, type Problem } from '../../../constructs/contracts/problem';
import { typeOf } from '../../../constructs/contracts/units';
import type { CheckContext } from '../checks';
import type { TopologyKind } from '../kind';
import { isKindName, KIND_NAMES, type KindName, kindOf } from '../kinds';
import type { Topology } from '../topology';
import { describeIssue, problemsOf } from './issues';
import { type FieldKeys, overlaps, parsePath } from './path';

/** How a topology is read. */
export type ReadOptions = CheckContext;

type Outcome = { readonly topology: Topology } | { readonly problems: readonly Problem[] };

/**
 * Validates a topology that is not in a file: Pulumi config, or an object literal (`TopologyInput`).
 *
 * @param source what to call it in messages
 * @throws InvalidInputError with every problem
 */
export function validateTopology<K extends KindName>(
  value: { readonly kind: K; readonly [field: string]: unknown },
  source: string,
  options?: ReadOptions,
): Extract<Topology, { readonly kind: K }>;
export function validateTopology(value: unknown, source: string, options?: ReadOptions): Topology;
export function validateTopology(value: unknown, source: string, options: ReadOptions = {}): Topology {
  const outcome = examine(value, options);
  if ('problems' in outcome) throw new InvalidInputError(source, outcome.problems);
  return outcome.topology;
}

/** The topology, or all that is wrong with it. */
export function examine(value: unknown, options: ReadOptions): Outcome {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const reason = `is ${typeOf(value)}; a map of fields is meant`;
    return { problems: [{ path: '', value, reason, mend: 'begin with kind: and name:' }] };
  }
  const misspelt = 'kind' in value ? undefined : Object.keys(value).find((key) => closest(key, ['kind']));
  if (misspelt !== undefined) {
    const reason = 'is not a field of a topology';
    return { problems: [{ path: misspelt, value: undefined, reason, mend: 'did you mean kind?' }] };
  }
  const name = 'kind' in value ? value.kind : undefined;
  if (!isKindName(name)) {
    const reason =
      name === undefined ? 'is missing; it says which fields there are' : 'is not a kind of topology';
    return {
      problems: [{ path: 'kind', value: name, reason, mend: meant(name, KIND_NAMES, 'write one of') }],
    };
  }
  return examineAs(kindOf(name), value, options);
}

function examineAs(kind: TopologyKind, value: object, options: ReadOptions): Outcome {
  const parse = (input: unknown) =>
    kind.schema.safeParse(input, { reportInput: true, error: describeIssue, jitless: true });
  const parsed = parse(value);
  if (parsed.success) {
    const problems = kind.problems(parsed.data, () => true, options);
    return problems.length === 0 ? { topology: parsed.data } : { problems };
  }
  const problems = problemsOf(parsed.error.issues);
  // So that one run tells everything: leave the faulty fields out, and check what does not depend on them.
  const faulty = problems.map((problem) => parsePath(problem.path));
  const rest = parse(faulty.reduceRight<unknown>(without, value));
  if (!rest.success) return { problems };
  const readsNone = ({ reads }: { readonly reads: readonly string[] }) =>
    !reads.some((path) => faulty.some((keys) => overlaps(keys, parsePath(path))));
  return { problems: [...problems, ...kind.problems(rest.data, readsNone, options)] };
}

/**
 * A copy without a field; items after one of a list move up, so begin with the last. Only what leads to the field is
 * copied: the rest may be anything, cycles included.
 */
export function without(value: unknown, [key, ...rest]: FieldKeys): unknown {
  if (key === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
    return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<PropertyKey, unknown>;
  if (Array.isArray(copy) && rest.length === 0) copy.splice(Number(key), 1);
  else if (rest.length === 0) delete copy[key];
  else copy[key] = without(copy[key], rest);
  return copy;
}
