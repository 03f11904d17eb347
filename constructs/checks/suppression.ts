import type { KubernetesObject } from './kubernetes-object';
import type { Model } from './model';

/** What an annotation says about a rule on one object. */
export type Suppression =
  | { readonly kind: 'none' }
  | { readonly kind: 'allowed'; readonly reason: string }
  /** There is an annotation, but it gives no reason: the rule stays on. */
  | { readonly kind: 'without-reason'; readonly annotation: string };

/** Name of the annotation that switches a rule off for one object. */
function suppressionAnnotation(ruleId: string): string {
  return `allow.polypod.dev/${ruleId.replace('/', '.')}`;
}

/** Looks on the object of a finding, then on the pod template of the workload that it is. */
export function suppression(model: Model, object: KubernetesObject, ruleId: string): Suppression {
  const annotation = suppressionAnnotation(ruleId);
  let seen = false;
  const places = [
    object.annotations,
    ...model.workloadsOf(object).map(({ podAnnotations }) => podAnnotations),
  ];
  for (const annotations of places) {
    const reason = annotations[annotation]?.trim();
    if (reason) return { kind: 'allowed', reason };
    seen ||= reason !== undefined;
  }
  return seen ? { kind: 'without-reason', annotation } : { kind: 'none' };
}
