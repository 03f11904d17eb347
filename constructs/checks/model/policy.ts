import { isObject, listAt, objectAt } from '../json';
import type { KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import { labelSelector, type Selector } from './selector';
import type { Workload } from './workload';

/** A PodDisruptionBudget or a NetworkPolicy, and the workloads whose pods it selects. */
export interface Selecting {
  readonly object: KubernetesObject;
  readonly selector: Selector;
  /** Path of the selector: `spec.selector`, `spec.podSelector`. */
  readonly selectorPath: string;
  readonly workloads: readonly Workload[];
}

export type Budget = Selecting;

/** A NetworkPolicy (or CiliumNetworkPolicy, whose rules are not read). */
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
  const field = object.kind === 'NetworkPolicy' ? 'podSelector' : 'endpointSelector';
  const selector = labelSelector(spec[field]);
  const types = listAt(spec, 'policyTypes');
  // Where no types are given, ingress is isolated always and egress if there are egress rules.
  const isolates = (type: string, otherwise: boolean) =>
    types.length > 0 ? types.includes(type) : otherwise;
  return {
    object,
    selector,
    selectorPath: `spec.${field}`,
    workloads: model.pods.select(selector, object.namespace),
    isolatesIngress: isolates('Ingress', object.kind === 'NetworkPolicy' || spec.ingress !== undefined),
    isolatesEgress: isolates('Egress', spec.egress !== undefined),
  };
}
