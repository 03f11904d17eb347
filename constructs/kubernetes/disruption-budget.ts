import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import type { Problem } from '../contracts';
import { makeObjects, type Overrides } from './objects';
import { guaranteedReplicas, type Workload } from './workload';

/** A number of pods, or a share of them such as `25%`. */
type PodCount = number | string;

/** Whom a `DisruptionBudget` protects, and how many of its pods may go. */
export interface DisruptionBudgetProps {
  /** What is protected. */
  readonly workload: Workload;
  /** Pods that may be evicted at once. Percentages are rounded up. @default 1 */
  readonly maxUnavailable?: PodCount;
  /** Pods that must stay, instead. Percentages are rounded up, so that at few pods nothing may go. */
  readonly minAvailable?: PodCount;
  /** Changes to the object as written, field by field. See `Patch`. */
  readonly overrides?: Overrides<'podDisruptionBudget'>;
}

/**
 * How many pods a drain may take at once. Pods that do not become ready never hold a drain up.
 *
 * With one guaranteed replica there is none: it would either forbid every drain or protect nothing.
 *
 * @throws InvalidInputError where the budget would never allow an eviction
 */
export class DisruptionBudget extends Construct {
  /** @default none with one guaranteed replica */
  readonly podDisruptionBudget: ApiObject | undefined;

  constructor(scope: Construct, id: string, props: DisruptionBudgetProps) {
    super(scope, id);
    const { workload, maxUnavailable = 1, minAvailable } = props;
    const replicas = guaranteedReplicas(workload.replicas);
    const made = makeObjects(
      this,
      {
        podDisruptionBudget:
          replicas > 1
            ? ({
                apiVersion: 'policy/v1',
                kind: 'PodDisruptionBudget',
                metadata: { name: workload.name, labels: { ...(workload.labels ?? workload.selector) } },
                spec: {
                  ...(minAvailable === undefined ? { maxUnavailable } : { minAvailable }),
                  unhealthyPodEvictionPolicy: 'AlwaysAllow',
                  selector: { matchLabels: { ...workload.selector } },
                },
              } satisfies PodDisruptionBudget)
            : undefined,
      },
      props.overrides,
      budgetProblems(props, replicas),
    );
    this.podDisruptionBudget = made.podDisruptionBudget;
  }
}

function budgetProblems(
  { maxUnavailable, minAvailable }: DisruptionBudgetProps,
  replicas: number,
): Problem[] {
  const problems: Problem[] = [];
  if (maxUnavailable !== undefined && minAvailable !== undefined) {
    problems.push({
      path: 'minAvailable',
      value: minAvailable,
      reason: 'stands beside maxUnavailable, and Kubernetes takes one of them',
      mend: 'leave one out; maxUnavailable stays right when the number of pods changes',
    });
  }
  const given = { maxUnavailable, minAvailable };
  for (const [path, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const pods = podsOf(value, replicas);
    if (pods === undefined) {
      problems.push({
        path,
        value,
        reason: 'is no number of pods',
        mend: 'write a whole number or a share such as "25%"',
      });
    } else if (replicas > 1) {
      const allowed = path === 'maxUnavailable' ? pods : replicas - pods;
      if (allowed < 1) {
        problems.push({
          path,
          value,
          reason: `never lets a pod go while there are ${replicas}: every drain of a node would hang`,
          mend:
            path === 'maxUnavailable'
              ? 'write 1 or more'
              : `write ${replicas - 1} or less, or maxUnavailable: 1`,
        });
      } else if (allowed >= replicas) {
        problems.push({
          path,
          value,
          reason: `lets all ${replicas} pods go at once: it protects nothing`,
          mend: 'write maxUnavailable: 1',
        });
      }
    }
  }
  return problems;
}

/** Pods that a count means, rounded up as the disruption controller does. */
function podsOf(value: PodCount, replicas: number): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  const percent = /^(100|[1-9]?\d)%$/.exec(value)?.[1];
  return percent === undefined ? undefined : Math.ceil((Number(percent) / 100) * replicas);
}
