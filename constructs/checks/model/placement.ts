import { objectsAt, textAt } from '../json';
import type { JsonObject } from '../kubernetes-object';

/** The one node that a PodSpec names, if it names one. */
export function pinnedNode(podSpec: JsonObject): string | undefined {
  return textAt(podSpec, 'nodeName') ?? textAt(podSpec, 'nodeSelector', 'kubernetes.io/hostname');
}

/** Whether a PodSpec requires to run on the node of other pods. */
export function followsOtherPods(podSpec: JsonObject): boolean {
  const terms = objectsAt(
    podSpec,
    'affinity',
    'podAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  return terms.some(({ item }) => textAt(item, 'topologyKey') === 'kubernetes.io/hostname');
}
