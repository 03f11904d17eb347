import { isObject, listAt, objectAt, objectsAt, pathTo, textAt, valueAt } from '../json';
import type { JsonObject, JsonValue, KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import { parseQuantity } from './quantity';
import { defaultStorageClass, persistentVolume, type StorageBacking, storageClass } from './storage-class';
import type { Workload } from './workload';

/** What a volume asks of storage: a PersistentVolumeClaim, or a template that makes one for each pod. */
export interface Claim {
  readonly name: string;
  readonly namespace: string;
  /** True where every pod gets a claim of its own: volumeClaimTemplates and ephemeral volumes. */
  readonly perPod: boolean;
  readonly accessModes: readonly string[];
  /** False where only one node, or one pod, can mount it for writing. */
  readonly allowsSharing: boolean;
  /** True for a raw device (`volumeMode: Block`) instead of a file system. */
  readonly isDevice: boolean;
  /** Name of the class as written. @default none: the cluster's default class */
  readonly className: string | undefined;
  /** Where the volume comes from. @default not known: neither in the input nor a class that a cloud gives */
  readonly storage: StorageBacking | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  /** The object that holds its fields: the claim, or the workload with the template. */
  readonly object: KubernetesObject;
  /** Path of the claim's `spec` in that object. */
  readonly path: string;
}

/** A volume of a workload's pods. */
export interface Volume {
  readonly name: string;
  /** The key of its source: `persistentVolumeClaim`, `emptyDir`, `configMap`, `hostPath` …; `volumeClaimTemplate`. */
  readonly type: string;
  /** What stands under that key. */
  readonly source: JsonObject;
  /** Path of the volume in the workload's object. */
  readonly path: string;
  /** For claims of any sort. @default none: another sort of volume, or a claim that the input does not hold */
  readonly claim: Claim | undefined;
}

/** Volumes of a workload's pods; a volumeClaimTemplate wins over a volume of the same name. */
export function podVolumes(model: Model, workload: Workload): Volume[] {
  const templates = objectsAt(workload.object.manifest, 'spec', 'volumeClaimTemplates').map(
    ({ item, index }) => {
      const name = textAt(item, 'metadata', 'name') ?? '';
      const path = pathTo('spec', 'volumeClaimTemplates', index);
      const claim = readClaim(model, item.spec, {
        name,
        namespace: workload.namespace,
        perPod: true,
        object: workload.object,
        path: `${path}.spec`,
      });
      return { name, type: 'volumeClaimTemplate', source: item, path, claim };
    },
  );
  const taken = new Set(templates.map(({ name }) => name));
  const volumes = objectsAt(workload.podSpec, 'volumes').flatMap(({ item, index }): Volume[] => {
    const name = textAt(item, 'name') ?? '';
    if (taken.has(name)) return [];
    const type = Object.keys(item).find((key) => key !== 'name' && isObject(item[key])) ?? 'emptyDir';
    const source = objectAt(item, type);
    const path = pathTo(workload.podPath, 'volumes', index);
    return [{ name, type, source, path, claim: claimOf(model, workload, type, source, path) }];
  });
  return [...templates, ...volumes];
}

function claimOf(
  model: Model,
  workload: Workload,
  type: string,
  source: JsonObject,
  path: string,
): Claim | undefined {
  if (type === 'persistentVolumeClaim') {
    return model.claim(workload.namespace, textAt(source, 'claimName') ?? '');
  }
  if (type === 'ephemeral') {
    return readClaim(model, objectAt(source, 'volumeClaimTemplate').spec, {
      name: '',
      namespace: workload.namespace,
      perPod: true,
      object: workload.object,
      path: pathTo(path, 'ephemeral', 'volumeClaimTemplate', 'spec'),
    });
  }
  return undefined;
}

/** Reads a PersistentVolumeClaim of the input. */
export function persistentVolumeClaim(model: Model, object: KubernetesObject): Claim {
  const { name, namespace, manifest } = object;
  return readClaim(model, manifest.spec, { name, namespace, perPod: false, object, path: 'spec' });
}

function readClaim(
  model: Model,
  spec: JsonValue,
  identity: Pick<Claim, 'name' | 'namespace' | 'perPod' | 'object' | 'path'>,
): Claim {
  const accessModes = listAt(spec, 'accessModes').filter((mode) => typeof mode === 'string');
  return {
    ...identity,
    accessModes,
    allowsSharing: accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany'),
    isDevice: textAt(spec, 'volumeMode') === 'Block',
    className: textAt(spec, 'storageClassName'),
    storage: claimStorage(model, spec),
    size: parseQuantity(objectAt(spec, 'resources', 'requests').storage),
  };
}

function claimStorage(model: Model, spec: JsonValue): StorageBacking | undefined {
  const volumeName = textAt(spec, 'volumeName');
  const bound = volumeName ? model.find('PersistentVolume', '', volumeName) : undefined;
  if (bound) return persistentVolume(bound);
  const className = valueAt(spec, 'storageClassName');
  if (typeof className !== 'string') return defaultStorageClass(model);
  return className === '' ? undefined : storageClass(model, className);
}
