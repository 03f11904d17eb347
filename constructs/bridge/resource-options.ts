import type * as pulumi from '@pulumi/pulumi';
import type { JsonValue } from '../checks';
import { listAt, numberAt, textAt, valueAt } from '../checks/json';
import type { ChartObject } from './chart-object';

/** What @pulumi/kubernetes waits for unless it is told otherwise. */
const DEFAULT_TIMEOUT_SECONDS = 600;
/** For image pulls and scheduling, beyond the time that probes grant. */
const MARGIN_SECONDS = 300;

/**
 * The resource options that an object's kind calls for.
 *
 * - *Time to wait.* The provider waits ten minutes for a workload, and for the Services and Ingresses before it,
 *   which is less than a model takes to load. A workload gets what its own probes grant a pod, once for every pod,
 *   since a rolling update replaces them one by one; Services and Ingresses get what the slowest workload gets.
 * - *What stays when it is no longer in the program.* Volumes and claims, Namespaces that hold claims, and
 *   CustomResourceDefinitions, with which all their objects go. A StorageClass goes: its volumes don't need it.
 */
export function resourceOptions(
  objects: readonly ChartObject[],
  retainData: boolean,
): (object: ChartObject) => pulumi.CustomResourceOptions {
  const startup = new Map(objects.map((object) => [object, startupSeconds(object, objects)]));
  const slowest = Math.max(0, ...startup.values());
  const withClaims = new Set(
    objects.filter(holdsClaims).map(({ manifest }) => textAt(manifest, 'metadata', 'namespace')),
  );

  return (object) => {
    const { kind } = object.apiObject;
    const seconds = kind === 'Service' || kind === 'Ingress' ? slowest : (startup.get(object) ?? 0);
    const timeouts =
      seconds > DEFAULT_TIMEOUT_SECONDS ? { create: `${seconds}s`, update: `${seconds}s` } : undefined;
    const holdsData =
      kind === 'PersistentVolume' ||
      kind === 'PersistentVolumeClaim' ||
      kind === 'CustomResourceDefinition' ||
      (kind === 'Namespace' && withClaims.has(textAt(object.manifest, 'metadata', 'name')));
    return {
      ...(timeouts && { customTimeouts: timeouts }),
      ...(retainData && holdsData && { retainOnDelete: true }),
    };
  };
}

function holdsClaims({ apiObject, manifest }: ChartObject): boolean {
  return (
    apiObject.kind === 'PersistentVolumeClaim' || listAt(manifest, 'spec', 'volumeClaimTemplates').length > 0
  );
}

/** How long a rollout of a workload may take; 0 for other kinds. */
function startupSeconds(object: ChartObject, objects: readonly ChartObject[]): number {
  const { kind } = object.apiObject;
  const { manifest } = object;
  if (kind === 'Job') return numberAt(manifest, 'spec', 'activeDeadlineSeconds') ?? 0;
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return 0;
  const containers = listAt(manifest, 'spec', 'template', 'spec', 'containers');
  const patience = Math.max(0, ...containers.map(probeSeconds));
  return patience === 0 ? 0 : patience * Math.max(1, podCount(object, objects)) + MARGIN_SECONDS;
}

/** What the kubelet grants a container to start: its startup probe's patience, with Kubernetes' own defaults. */
function probeSeconds(container: JsonValue): number {
  const probe = valueAt(container, 'startupProbe');
  if (probe === undefined) return 0;
  const tries = numberAt(probe, 'failureThreshold') ?? 3;
  return (numberAt(probe, 'initialDelaySeconds') ?? 0) + (numberAt(probe, 'periodSeconds') ?? 10) * tries;
}

/** `spec.replicas`, or the most that an autoscaler in the chart allows; 1 while that is not known. */
function podCount({ apiObject, manifest }: ChartObject, objects: readonly ChartObject[]): number {
  const autoscaler = objects.find(
    (other) =>
      textAt(other.manifest, 'metadata', 'namespace') === textAt(manifest, 'metadata', 'namespace') &&
      textAt(other.manifest, 'spec', 'scaleTargetRef', 'name') === textAt(manifest, 'metadata', 'name') &&
      (textAt(other.manifest, 'spec', 'scaleTargetRef', 'kind') ?? 'Deployment') === apiObject.kind,
  )?.manifest;
  return (
    numberAt(manifest, 'spec', 'replicas') ??
    numberAt(autoscaler, 'spec', 'maxReplicas') ??
    numberAt(autoscaler, 'spec', 'maxReplicaCount') ??
    1
  );
}
