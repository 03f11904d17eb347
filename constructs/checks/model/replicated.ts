import type { Model } from './model';
import type { Workload } from './workload';

/** Kinds whose pods are not interchangeable replicas: one for each node, or done when their work is. */
const OTHERWISE = new Set(['DaemonSet', 'Job', 'CronJob', 'RayJob', 'Pod']);

/**
 * Workloads of two or more guaranteed replicas, which stand in for each other. The workers of a LeaderWorkerSet do not:
 * they are parts of one replica, whose leader stands for it.
 */
export function replicatedWorkloads(model: Model): Workload[] {
  return model.workloads.filter(
    ({ kind, role, replicas }) =>
      replicas.guaranteed >= 2 &&
      replicas.isKnown &&
      !OTHERWISE.has(kind) &&
      !(kind === 'LeaderWorkerSet' && role === 'worker'),
  );
}
