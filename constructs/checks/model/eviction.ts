import { isPlaceholder } from '../../contracts/placeholder';
import { scalarText, valueAt } from '../json';
import type { JsonValue } from '../kubernetes-object';
import type { Budget } from './policy';
import { selects } from './selector';

/**
 * How many of so many pods a budget lets go at once. Kubernetes rounds shares up on either side, `maxUnavailable` wins
 * over `minAvailable`, and a budget with neither lets none go.
 *
 * Source: getExpectedPodCount and updatePdbStatus in kubernetes/pkg/controller/disruption/disruption.go.
 */
export interface Allowance {
  /** Path of the field that says so. */
  readonly path: string;
  /** As written: `minAvailable: 50%`. */
  readonly text: string;
  readonly evictions: (pods: number) => number;
}

/** @returns undefined where the value is none, or not known yet */
export function allowanceOf({ object }: Budget): Allowance | undefined {
  const maximum = valueAt(object.manifest, 'spec', 'maxUnavailable') ?? undefined;
  const minimum = valueAt(object.manifest, 'spec', 'minAvailable') ?? undefined;
  if (maximum === undefined && minimum === undefined) {
    return {
      path: 'spec.maxUnavailable',
      text: 'Neither maxUnavailable nor minAvailable',
      evictions: () => 0,
    };
  }
  const field = maximum === undefined ? 'minAvailable' : 'maxUnavailable';
  const count = podCount(maximum ?? minimum);
  if (!count) return undefined;
  return {
    path: `spec.${field}`,
    text: `${field}: ${scalarText(maximum ?? minimum)}`,
    evictions: (pods) =>
      Math.max(0, Math.min(pods, maximum === undefined ? pods - count(pods) : count(pods))),
  };
}

/** A number of pods, or a share of them, which is rounded up. */
export function podCount(
  value: JsonValue,
  round: (pods: number) => number = Math.ceil,
): ((pods: number) => number) | undefined {
  if (isPlaceholder(value)) return undefined;
  const text = scalarText(value)?.trim() ?? '';
  const share = /^(\d{1,4})%$/.exec(text)?.[1];
  if (share !== undefined) return (pods) => round((pods * Number(share)) / 100);
  return /^\d{1,9}$/.test(text) ? () => Number(text) : undefined;
}

/** Pods that a budget covers. `undefined`: that depends on what the input does not say. */
export function coveredPods({ selector, workloads }: Budget): { least: number; most: number } | undefined {
  let least = 0;
  let most = 0;
  for (const { kind, podLabels, replicas } of new Map(workloads.map((one) => [one.label, one])).values()) {
    const isCountable = replicas.isKnown && kind !== 'DaemonSet';
    // A label that pods get only when they run may be on any number of them.
    if (!isCountable || !selects(selector, podLabels)) return undefined;
    most += replicas.possible;
    // There are times without pods of a job; of a scale from zero, one pod is the least that a drain can meet.
    if (kind !== 'Job' && kind !== 'CronJob')
      least += replicas.guaranteed === 0 && replicas.possible > 0 ? 1 : replicas.guaranteed;
  }
  return { least, most };
}
