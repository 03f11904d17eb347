import { isObject, listAt, objectAt } from '../json';
import type { KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import { labelSelector, type Selector } from './selector';
import type { Workload } from './workload';

/** A PodDisruptionBudget or a NetworkPolicy, and the workloads whose pods it selects. */
interface Selecting {
  readonly object: KubernetesObject;
  readonly selector: Selector;
  /** Path of the selector: `spec.selector`, `spec.podSelector`. */
  readonly selectorPath: string;
  readonly workloads: readonly Workload[];
}

/** A PodDisruptionBudget, and the workloads that it selects. */
export type Budget = Selecting;

/** A NetworkPolicy of Kubernetes; policies of other kinds are not read. */
export interface NetworkPolicy extends Selecting {
  readonly isolatesIngress: boolean;
  readonly isolatesEgress: boolean;
}

/** Reads a budget. In `policy/v1` an empty selector selects all pods; without a selector it selects none. */
export function budget(model: Model, object: KubernetesObject): Budget {
  const value = objectAt(object.manifest, 'spec').selector;
  const selector = labelSelector(value);
  const workloads = isObject(value) ? model.pods.select(selector, object.namespace) : [];
  return { object, selector, selectorPath: 'spec.selector', workloads };
}

export function networkPolicy(model: Model, object: KubernetesObject): NetworkPolicy {
  const spec = objectAt(object.manifest, 'spec');
  const selector = labelSelector(spec.podSelector);
  const types = listAt(spec, 'policyTypes');
  // Where no types are given, ingress is isolated always and egress if there are egress rules.
  const isolates = (type: string, otherwise: boolean) =>
    types.length > 0 ? types.includes(type) : otherwise;
  return {
    object,
    selector,
    selectorPath: 'spec.podSelector',
    workloads: model.pods.select(selector, object.namespace),
    isolatesIngress: isolates('Ingress', true),
    isolatesEgress: isolates('Egress', listAt(spec, 'egress').length > 0),
  };
}

/** Whether a policy is one of Kubernetes' own, not Calico's kind of the same name. */
export function isNetworkPolicy({ kind, group }: KubernetesObject): boolean {
  return kind === 'NetworkPolicy' && (group === 'networking.k8s.io' || group === 'extensions');
}

const OTHER_POLICIES = [
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'NetworkPolicy',
  'GlobalNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
];

/** Namespaces in which policies of other kinds (Cilium's, Calico's, the cluster's) have a say; `''` is all. */
export function otherPolicies(model: Model): ReadonlySet<string> {
  const objects = OTHER_POLICIES.flatMap((kind) => model.ofKind(kind));
  return new Set(objects.filter((object) => !isNetworkPolicy(object)).map(({ namespace }) => namespace));
}
