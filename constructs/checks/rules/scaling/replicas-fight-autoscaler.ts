import { scalarText, valueAt } from '../../json';
import type { KubernetesObject } from '../../kubernetes-object';
import type { Model } from '../../model';
import type { Rule } from '../../rule';

/** A number of replicas in a manifest whose scale an autoscaler decides. */
export const replicasFightAutoscaler: Rule = {
  id: 'scaling/replicas-fight-autoscaler',
  severity: 'error',
  description: 'Replicas set on the target of an autoscaler: every apply throws the scale back to it.',
  *check(model: Model) {
    const told = new Set<KubernetesObject>();
    for (const { object: autoscaler, target, minimum, maximum } of model.autoscalers) {
      const object = model.find(target.kind, autoscaler.namespace, target.name);
      if (!object || told.has(object)) continue;
      const replicas = valueAt(object.manifest, 'spec', 'replicas');
      if (replicas === undefined || replicas === null) continue;
      if (replicas === minimum && replicas === maximum) continue; // there is only one scale to be thrown back to
      told.add(object);
      yield {
        object,
        path: 'spec.replicas',
        message: `${autoscaler.kind}/${autoscaler.name} scales it between ${minimum} and ${maximum}, and every apply throws it back to replicas: ${scalarText(replicas) ?? 'this'}.`,
        fix: 'Leave spec.replicas out; the minimum of the autoscaler is where it starts.',
      };
    }
  },
};
