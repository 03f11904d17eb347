import type * as pulumi from '@pulumi/pulumi';
import type { JsonValue } from '../checks';
import { type ChartObject, field, list, text } from './chart-object';

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
    objects.filter(holdsClaims).map(({ manifest }) => text(manifest, 'metadata', 'namespace')),
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
      (kind === 'Namespace' && withClaims.has(text(object.manifest, 'metadata', 'name')));
    return {
      ...(timeouts && { customTimeouts: timeouts }),
      ...(retainData && holdsData && { retainOnDelete: true }),
    };
  };
}

function holdsClaims({ apiObject, manifest }: ChartObject): boolean {
  return (
    apiObject.kind === 'PersistentVolumeClaim' || list(manifest, 'spec', 'volumeClaimTemplates').length > 0
  );
}

/** How long a rollout of a workload may take; 0 for other kinds. */
function startupSeconds(object: ChartObject, objects: readonly ChartObject[]): number {
  const { kind } = object.apiObject;
  const { manifest } = object;
  if (kind === 'Job') return number(field(manifest, 'spec', 'activeDeadlineSeconds'), 0);
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return 0;
  const pod = list(manifest, 'spec', 'template', 'spec', 'containers');
  const patience = Math.max(0, ...pod.map(probeSeconds));
  return patience === 0 ? 0 : patience * Math.max(1, podCount(object, objects)) + MARGIN_SECONDS;
}

/** What the kubelet grants a container to start: its startup probe's patience, with Kubernetes' own defaults. */
function probeSeconds(container: JsonValue): number {
  const probe = field(container, 'startupProbe');
  if (probe === undefined) return 0;
  const period = number(field(probe, 'periodSeconds'), 10);
  return (
    number(field(probe, 'initialDelaySeconds'), 0) + period * number(field(probe, 'failureThreshold'), 3)
  );
}

/** `spec.replicas`, or the most that an autoscaler in the chart allows. */
function podCount({ apiObject, manifest }: ChartObject, objects: readonly ChartObject[]): number {
  const namespace = text(manifest, 'metadata', 'namespace');
  const autoscaler = objects.find(
    (other) =>
      text(other.manifest, 'metadata', 'namespace') === namespace &&
      text(other.manifest, 'spec', 'scaleTargetRef', 'name') === text(manifest, 'metadata', 'name') &&
      (text(other.manifest, 'spec', 'scaleTargetRef', 'kind') || 'Deployment') === apiObject.kind,
  )?.manifest;
  const most = field(autoscaler, 'spec', 'maxReplicas') ?? field(autoscaler, 'spec', 'maxReplicaCount');
  return number(field(manifest, 'spec', 'replicas') ?? most, 1);
}

/** A number that is known and sensible, else the fallback: a placeholder is neither. */
function number(value: JsonValue, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? value : fallback;
}
