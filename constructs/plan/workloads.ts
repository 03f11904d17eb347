import { textAt, valueAt } from '../checks/json';
import { allowanceOf, type Model, podCount, type Workload } from '../checks/model';
import { type Demand, NOTHING, plus, podDemand, times } from './demand';
import { type Spread, spreadOf } from './spread';

/** The pods of one workload. */
export interface WorkloadPlan {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Which of an object's templates it is, such as `leader`. @default null: the only one */
  readonly role: string | null;
  readonly pods: {
    readonly min: number;
    /** `null` where nothing limits it. */
    readonly max: number | null;
    /** What changes the number: `HorizontalPodAutoscaler/chat`. @default null: it is fixed */
    readonly scaledBy: string | null;
    /** Pods beside the others while a new version is rolled out. */
    readonly surge: number;
  };
  readonly perPod: Demand;
  /** Pods that a drain may take at once, at the minimum. @default null: no budget limits it */
  readonly evictable: number | null;
  readonly spread: Spread;
}

/** What all pods ask for together. */
export interface Total extends Demand {
  readonly pods: number;
}

export interface Totals {
  readonly min: Total;
  /** `null` where nothing limits the pods of some workload. */
  readonly max: Total | null;
  /** At the maximum, while every workload is being updated. */
  readonly update: Total | null;
}

const TASKS = new Set(['Job', 'CronJob', 'RayJob']);

/** Workloads whose pods run all the time, each once, whichever way the input repeats it. */
export function standingWorkloads(model: Model): Workload[] {
  return distinct(model.workloads.filter(({ kind }) => !TASKS.has(kind)));
}

/** Workloads that run and end: they need their room beside the standing ones for a while. */
export function taskWorkloads(model: Model): Workload[] {
  return distinct(model.workloads.filter(({ kind }) => TASKS.has(kind)));
}

function distinct(workloads: readonly Workload[]): Workload[] {
  return [...new Map(workloads.map((one) => [`${one.namespace}/${one.label}`, one])).values()];
}

export function workloadPlan(model: Model, workload: Workload): WorkloadPlan {
  const { kind, name, namespace, role, replicas, autoscalers } = workload;
  const [autoscaler] = autoscalers;
  return {
    kind,
    name,
    namespace,
    role: role ?? null,
    pods: {
      min: replicas.guaranteed,
      max: Number.isFinite(replicas.possible) ? replicas.possible : null,
      scaledBy: autoscaler ? `${autoscaler.object.kind}/${autoscaler.object.name}` : null,
      surge: surgeOf(workload),
    },
    perPod: podDemand(workload),
    evictable: evictableOf(model, workload),
    spread: spreadOf(workload),
  };
}

export function totalsOf(workloads: readonly WorkloadPlan[]): Totals {
  const sum = (podsOf: (one: WorkloadPlan) => number): Total =>
    workloads.reduce<Total>(
      (total, one) => {
        const pods = podsOf(one);
        return { ...plus(total, times(one.perPod, pods)), pods: total.pods + pods };
      },
      { ...NOTHING, pods: 0 },
    );
  const isLimited = workloads.every(({ pods }) => pods.max !== null);
  return {
    min: sum(({ pods }) => pods.min),
    max: isLimited ? sum(({ pods }) => pods.max ?? 0) : null,
    update: isLimited ? sum(({ pods }) => (pods.max ?? 0) + pods.surge) : null,
  };
}

/** A Deployment starts new pods before it stops old ones: a quarter of them where nothing is said. */
function surgeOf({ kind, object, replicas }: Workload): number {
  if (kind !== 'Deployment' || textAt(object.manifest, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  const said = valueAt(object.manifest, 'spec', 'strategy', 'rollingUpdate', 'maxSurge') ?? '25%';
  return Number.isFinite(replicas.possible) ? (podCount(said)?.(replicas.possible) ?? 0) : 0;
}

function evictableOf(model: Model, workload: Workload): number | null {
  const allowances = model.budgetsOf(workload).flatMap((budget) => allowanceOf(budget) ?? []);
  if (allowances.length === 0) return null;
  return Math.min(...allowances.map(({ evictions }) => evictions(workload.replicas.guaranteed)));
}
