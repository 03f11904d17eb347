import { isPlaceholder } from '../../contracts/placeholder';
import { numberAt, objectsAt, textAt, valueAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';

/** A HorizontalPodAutoscaler or a KEDA ScaledObject. */
export interface Autoscaler {
  readonly object: KubernetesObject;
  readonly target: { readonly kind: string; readonly name: string; readonly path: string };
  /** HPA's default 1, ScaledObject's 0. */
  readonly minimum: number;
  /** ScaledObject's default 100; where an HPA's is not known, its minimum. */
  readonly maximum: number;
  /** False where a cloud has yet to say the minimum or the maximum. */
  readonly isKnown: boolean;
  readonly minimumPath: string;
  readonly maximumPath: string;
  /** An HPA's metrics; a ScaledObject's triggers. */
  readonly metrics: readonly { readonly item: JsonObject; readonly path: string }[];
}

/** Reads an autoscaler; `undefined` for every other kind. */
export function autoscaler(object: KubernetesObject): Autoscaler | undefined {
  const { kind, manifest } = object;
  if (kind === 'HorizontalPodAutoscaler') {
    const minimum = numberAt(manifest, 'spec', 'minReplicas') ?? 1;
    return {
      object,
      target: target(manifest, ''),
      minimum,
      maximum: numberAt(manifest, 'spec', 'maxReplicas') ?? minimum,
      isKnown: isKnown(manifest, 'minReplicas', 'maxReplicas'),
      minimumPath: 'spec.minReplicas',
      maximumPath: 'spec.maxReplicas',
      metrics: objectsAt(manifest, 'spec', 'metrics').map(({ item, index }) => ({
        item,
        path: `spec.metrics[${index}]`,
      })),
    };
  }
  if (kind === 'ScaledObject') {
    return {
      object,
      target: target(manifest, 'Deployment'),
      minimum: numberAt(manifest, 'spec', 'minReplicaCount') ?? 0,
      maximum: numberAt(manifest, 'spec', 'maxReplicaCount') ?? 100,
      isKnown: isKnown(manifest, 'minReplicaCount', 'maxReplicaCount'),
      minimumPath: 'spec.minReplicaCount',
      maximumPath: 'spec.maxReplicaCount',
      metrics: objectsAt(manifest, 'spec', 'triggers').map(({ item, index }) => ({
        item,
        path: `spec.triggers[${index}]`,
      })),
    };
  }
  return undefined;
}

function isKnown(manifest: JsonObject, ...fields: readonly string[]): boolean {
  return !fields.some((field) => isPlaceholder(valueAt(manifest, 'spec', field)));
}

function target(manifest: JsonObject, defaultKind: string) {
  return {
    kind: textAt(manifest, 'spec', 'scaleTargetRef', 'kind') ?? defaultKind,
    name: textAt(manifest, 'spec', 'scaleTargetRef', 'name') ?? '',
    path: 'spec.scaleTargetRef',
  };
}
