import { listAt, numberAt, objectAt, objectsAt, textAt } from '../checks/json';
import type { JsonObject } from '../checks/kubernetes-object';
import type { Autoscaler, Workload } from '../checks/model';

/** How fast an autoscaler goes from its minimum to its maximum. Times in seconds from the rise of the load. */
export interface ScaleOutPlan {
  readonly workload: string;
  readonly autoscaler: string;
  readonly from: number;
  readonly to: number;
  /** Until the last pod is asked for. @default null: it may not scale up */
  readonly askedAfter: number | null;
  /** Until the last pod serves, on nodes that are there: a node that must be added comes on top. */
  readonly servesAfter: number | null;
}

interface Policy {
  readonly type: string;
  readonly value: number;
  readonly periodSeconds: number;
}

/** An autoscaler looks every 15 s (`--horizontal-pod-autoscaler-sync-period`). */
const SYNC_SECONDS = 15;
/** What Kubernetes does where nothing is said: at once, double or four pods more, whichever is more. */
const DEFAULT_POLICIES: readonly Policy[] = [
  { type: 'Percent', value: 100, periodSeconds: 15 },
  { type: 'Pods', value: 4, periodSeconds: 15 },
];
/** Nobody waits longer for pods. */
const A_DAY = 86_400;

/**
 * Follows an autoscaler from its minimum to its maximum, under a load that asks for all at once.
 *
 * @param startSeconds how long a pod takes to serve, once it is asked for
 */
export function scaleOutPlan(workload: Workload, startSeconds: number): ScaleOutPlan | undefined {
  const [autoscaler] = workload.autoscalers;
  if (!autoscaler?.isKnown || autoscaler.maximum <= autoscaler.minimum) return undefined;
  const { object, minimum, maximum } = autoscaler;
  const asked = secondsToMaximum(autoscaler);
  return {
    workload: workload.label,
    autoscaler: `${object.kind}/${object.name}`,
    from: minimum,
    to: maximum,
    askedAfter: asked,
    servesAfter: asked === null ? null : asked + startSeconds,
  };
}

function secondsToMaximum({ object, minimum, maximum }: Autoscaler): number | null {
  const rules = objectAt(behaviorOf(object.manifest), 'scaleUp');
  const select = textAt(rules, 'selectPolicy') ?? 'Max';
  if (select === 'Disabled') return null;
  const policies = listAt(rules, 'policies').length > 0 ? policiesOf(rules) : DEFAULT_POLICIES;
  const begin = SYNC_SECONDS + (numberAt(rules, 'stabilizationWindowSeconds') ?? 0);
  // KEDA starts the first pod of a scale from zero by itself.
  let pods = Math.max(1, minimum);
  const history: { readonly at: number; readonly added: number }[] = [];
  for (let at = begin; at <= A_DAY; at += SYNC_SECONDS) {
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const recent = history.filter((change) => change.at > at - periodSeconds);
      const before = pods - recent.reduce((sum, { added }) => sum + added, 0);
      return type === 'Percent' ? Math.ceil(before * (1 + value / 100)) : before + value;
    });
    const limit = select === 'Min' ? Math.min(...limits) : Math.max(...limits);
    const next = Math.min(maximum, Math.max(pods, limit));
    history.push({ at, added: next - pods });
    pods = next;
    if (pods >= maximum) return at;
  }
  return null;
}

function behaviorOf(manifest: JsonObject): JsonObject {
  return manifest.kind === 'ScaledObject'
    ? objectAt(manifest, 'spec', 'advanced', 'horizontalPodAutoscalerConfig', 'behavior')
    : objectAt(manifest, 'spec', 'behavior');
}

function policiesOf(rules: JsonObject): Policy[] {
  return objectsAt(rules, 'policies').map(({ item }) => ({
    type: textAt(item, 'type') ?? 'Pods',
    value: numberAt(item, 'value') ?? 0,
    periodSeconds: numberAt(item, 'periodSeconds') ?? SYNC_SECONDS,
  }));
}
