import type { Input, Resource } from '@pulumi/pulumi';
import type { Unresolved } from './unresolved';

/**
 * What a component gives, whether it created the thing or found it: a contract for the stack, what the cluster
 * must hold for it, and what must stand before a pod uses it.
 */
export interface Provided<Contract> {
  /** For the stack; see {@link Unresolved}. */
  readonly contract: Unresolved<Contract>;
  /** Objects of the workload's namespace: credentials, authorities, the Job that makes the database's user. */
  readonly objects: readonly ClusterObject[];
  /** Resources that must be ready before the first pod starts. */
  readonly ready: readonly Resource[];
}

/**
 * A Kubernetes object of the workload's namespace, with Outputs at its leaves: what an `ApiObject` takes in a
 * chart that the Pulumi bridge deploys.
 */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: Input<unknown>;
}
