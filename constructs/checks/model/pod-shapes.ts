import { numberAt, objectAt, objectsAt, textAt, valueAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';

type Path = readonly (string | number)[];

/** Where a kind keeps the template of its pods, and how many of them it makes. */
export interface PodShape {
  /** Path of the template, which has `metadata` and `spec`; empty for a Pod. */
  readonly template: Path;
  /** What tells several templates of one object apart: `leader`, `worker`. */
  readonly role?: string;
  /** Path of the field that sets how many there are. @default none: the number is fixed */
  readonly replicas?: Path;
  /** Pods that are always there, if no autoscaler says otherwise. */
  readonly guaranteed: number;
  /** Pods that there can be. @default guaranteed */
  readonly possible?: number;
  /** Pods of this template for each replica that an autoscaler counts. @default 1 */
  readonly perReplica?: number;
  /** Labels that the controller adds to the template's. */
  readonly addedLabels?: Readonly<Record<string, string>>;
}

/** The templates in an object that makes pods; none for every other kind. */
export function podShapes(object: KubernetesObject): readonly PodShape[] {
  const { kind, manifest } = object;
  if (kind === 'Pod' && object.group === '') return [{ template: [], guaranteed: 1 }];
  if (kind === 'DaemonSet') return [{ template: ['spec', 'template'], guaranteed: 1, possible: Infinity }];
  if (kind === 'Job') return [jobShape(manifest, ['spec'], object.name)];
  if (kind === 'CronJob') return [jobShape(manifest, ['spec', 'jobTemplate', 'spec'])];
  if (kind === 'LeaderWorkerSet') return leaderWorkerSet(object);
  if (kind === 'RayCluster') return rayCluster(manifest, ['spec']);
  if (kind === 'RayService') return rayCluster(manifest, ['spec', 'rayClusterConfig']);
  if (kind === 'RayJob') return rayCluster(manifest, ['spec', 'rayClusterSpec']);
  if (kind === 'Service' && object.group === 'serving.knative.dev') return [knativeService(manifest)];
  // Deployment, StatefulSet, ReplicaSet, Rollout, CloneSet, DeploymentConfig and all kinds built like them.
  if (valueAt(manifest, 'spec', 'template', 'spec', 'containers') === undefined) return [];
  return [
    {
      template: ['spec', 'template'],
      replicas: ['spec', 'replicas'],
      guaranteed: numberAt(manifest, 'spec', 'replicas') ?? 1,
    },
  ];
}

function jobShape(manifest: JsonObject, spec: Path, name?: string): PodShape {
  return {
    template: [...spec, 'template'],
    replicas: [...spec, 'parallelism'],
    guaranteed: numberAt(manifest, ...spec, 'parallelism') ?? 1,
    addedLabels: name ? { 'job-name': name, 'batch.kubernetes.io/job-name': name } : {},
  };
}

function leaderWorkerSet(object: KubernetesObject): PodShape[] {
  const { manifest } = object;
  const groups = numberAt(manifest, 'spec', 'replicas') ?? 1;
  const size = numberAt(manifest, 'spec', 'leaderWorkerTemplate', 'size') ?? 1;
  const common = { replicas: ['spec', 'replicas'] };
  const addedLabels = { 'leaderworkerset.sigs.k8s.io/name': object.name };
  const worker = {
    ...common,
    template: ['spec', 'leaderWorkerTemplate', 'workerTemplate'],
    role: 'worker',
    addedLabels,
  };
  const leader = {
    ...common,
    role: 'leader',
    guaranteed: groups,
    addedLabels: { ...addedLabels, 'leaderworkerset.sigs.k8s.io/worker-index': '0' },
  };
  // Without a template of its own, the leader is the first pod of the workers'.
  const hasLeader = valueAt(manifest, 'spec', 'leaderWorkerTemplate', 'leaderTemplate') !== undefined;
  const template = ['spec', 'leaderWorkerTemplate', hasLeader ? 'leaderTemplate' : 'workerTemplate'];
  const shapes: PodShape[] = [{ ...leader, template }];
  if (size > 1) shapes.push({ ...worker, guaranteed: groups * (size - 1), perReplica: size - 1 });
  return shapes;
}

function rayCluster(manifest: JsonObject, cluster: Path): PodShape[] {
  const shapes: PodShape[] = [
    {
      template: [...cluster, 'headGroupSpec', 'template'],
      role: 'head',
      guaranteed: 1,
      addedLabels: { 'ray.io/node-type': 'head' },
    },
  ];
  for (const { item, index } of objectsAt(manifest, ...cluster, 'workerGroupSpecs')) {
    const replicas = numberAt(item, 'replicas') ?? 1;
    shapes.push({
      template: [...cluster, 'workerGroupSpecs', index, 'template'],
      role: textAt(item, 'groupName') ?? `worker ${index}`,
      replicas: [...cluster, 'workerGroupSpecs', index, 'replicas'],
      guaranteed: numberAt(item, 'minReplicas') ?? replicas,
      possible: numberAt(item, 'maxReplicas') ?? replicas,
      addedLabels: { 'ray.io/node-type': 'worker' },
    });
  }
  return shapes;
}

function knativeService(manifest: JsonObject): PodShape {
  const annotations = objectAt(manifest, 'spec', 'template', 'metadata', 'annotations');
  const scale = (name: string) => Number(annotations[`autoscaling.knative.dev/${name}`] ?? 0) || 0;
  return {
    template: ['spec', 'template'],
    guaranteed: scale('min-scale'),
    possible: scale('max-scale') || Infinity,
  };
}
