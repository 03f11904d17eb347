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
}
