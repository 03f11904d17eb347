import type { KubernetesObject } from '../checks/kubernetes-object';
import { Model } from '../checks/model';
import { type Attention, attentionOf } from './attention';
import { type CacheMemoryPlan, cacheMemoryPlan } from './cache-memory';
import { type ConnectionPlan, connectionPlans } from './connections';
import type { PlanFacts } from './facts';
import { type LossPlan, lossPlans } from './losses';
import { type ScaleOutPlan, scaleOutPlan } from './scale-out';
import { type StartPlan, startPlans } from './start';
import { type StoragePlan, storagePlans } from './storage';
import {
  standingWorkloads,
  type Totals,
  taskWorkloads,
  totalsOf,
  type WorkloadPlan,
  workloadPlan,
} from './workloads';

/** What a set of manifests will take and do, reckoned before anything is applied. */
export interface Plan {
  readonly workloads: readonly WorkloadPlan[];
  readonly totals: Totals;
  /** Workloads that run and end; they are not in the totals. */
  readonly tasks: readonly WorkloadPlan[];
  readonly storage: readonly StoragePlan[];
  readonly connections: readonly ConnectionPlan[];
  /** @default null: there is no cache */
  readonly cacheMemory: CacheMemoryPlan | null;
  readonly starts: readonly StartPlan[];
  readonly scaleOuts: readonly ScaleOutPlan[];
  readonly losses: readonly LossPlan[];
  /** What a person should look at first. */
  readonly attention: readonly Attention[];
}

/** What a plan can be told that manifests do not say. */
export interface PlanOptions {
  readonly facts?: PlanFacts;
  /** Active sessions that the cache must hold. @default not reckoned with */
  readonly sessions?: number;
  /** Settings that it must hold. @default 0 */
  readonly settings?: number;
}

/** Reckons a plan. Pure; what manifests and facts do not say is `null` in it. */
export function planOf(objects: readonly KubernetesObject[], options: PlanOptions = {}): Plan {
  const { facts = {}, ...load } = options;
  const model = new Model(objects);
  const standing = standingWorkloads(model);
  const workloads = standing.map((workload) => workloadPlan(model, workload));
  const connections = connectionPlans(model, facts);
  const starts = startPlans(model, facts);
  const losses = lossPlans(model, facts);
  const usesCache = facts.cache !== undefined || connections.some(({ kind }) => kind === 'cache');
  const cacheMemory = usesCache ? cacheMemoryPlan(facts.cache?.memory, load) : null;
  return {
    workloads,
    totals: totalsOf(workloads),
    tasks: taskWorkloads(model).map((workload) => workloadPlan(model, workload)),
    storage: storagePlans(model),
    connections,
    cacheMemory,
    starts,
    scaleOuts: standing.flatMap((workload) => {
      const start = starts.find((one) => one.workload === workload.label);
      return scaleOutPlan(workload, start?.starts.at(-1)?.seconds ?? 0) ?? [];
    }),
    losses,
    attention: attentionOf({ connections, cacheMemory, starts, losses }),
  };
}
