import type { ResourceRequirements } from 'kubernetes-types/core/v1';

/**
 * How many pods a workload has: a fixed number, or a range within which an autoscaler chooses. With a range the
 * manifest holds no `spec.replicas`, since every apply would reset what the autoscaler chose.
 */
export type Replicas = number | { readonly min: number; readonly max: number };

/** What autoscalers, budgets, policies and routes need to know of a workload, made here or not. */
export interface Workload {
  /** `apps/v1`, `leaderworkerset.x-k8s.io/v1`. */
  readonly apiVersion: string;
  /** `StatefulSet`, `Deployment`, `LeaderWorkerSet`. */
  readonly kind: string;
  /** The object's name. */
  readonly name: string;
  /** Labels that select its pods, and only them. */
  readonly selector: Readonly<Record<string, string>>;
  /** Labels of objects that are made for it. @default the selector */
  readonly labels?: Readonly<Record<string, string>>;
  readonly replicas: Replicas;
  /** Containers of its pods, with what they request. For autoscalers on utilization. @default not known */
  readonly containers?: readonly { readonly name: string; readonly resources?: ResourceRequirements }[];
}

/** The number of pods that is there whatever the load. */
export function guaranteedReplicas(replicas: Replicas): number {
  return typeof replicas === 'number' ? replicas : replicas.min;
}

/** The number of pods that there can be. */
export function possibleReplicas(replicas: Replicas): number {
  return typeof replicas === 'number' ? replicas : replicas.max;
}

/** Regular expression of the names of its pods; for a LeaderWorkerSet, of those that lead. */
export function podNames({ kind, name }: Pick<Workload, 'kind' | 'name'>): string {
  return `${name}-${kind === 'Deployment' ? '[a-z0-9]+-[a-z0-9]+' : '[0-9]+'}`;
}
