import { entryOf, objectAt, textAt, textsAt, valueAt } from '../json';
import { cloudClass, type Sharing, sharingOf } from '../known/storage';
import type { KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';

/** What is known of where a claim's volume comes from. */
export interface StorageBacking {
  /** Name of the class; `undefined` where the claim is bound to a PersistentVolume without one. */
  readonly className: string | undefined;
  /** CSI driver or in-tree provisioner: `ebs.csi.aws.com`, `kubernetes.io/aws-ebs`, `nfs`. */
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether volumes of it can be mounted on several nodes at once. */
  readonly sharing: Sharing;
  /** The StorageClass or PersistentVolume of the input. @default none: a class that a cloud gives */
  readonly object?: KubernetesObject;
}

/** The class of a name: one of the input, else one that a cloud gives by this name, else `undefined`. */
export function storageClass(model: Model, name: string): StorageBacking | undefined {
  const object = model.find('StorageClass', '', name);
  if (!object) return cloudClass(name);
  const provisioner = textAt(object.manifest, 'provisioner') ?? '';
  const parameters = textsAt(object.manifest, 'parameters');
  return { className: name, provisioner, parameters, sharing: sharingOf(provisioner, parameters), object };
}

/** The class that claims without one get, where the input says which it is. */
export function defaultStorageClass(model: Model): StorageBacking | undefined {
  const object = model
    .ofKind('StorageClass')
    .find(
      ({ annotations }) =>
        annotations['storageclass.kubernetes.io/is-default-class'] === 'true' ||
        annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true',
    );
  return object && storageClass(model, object.name);
}

/** What a PersistentVolume of the input is made of. */
export function persistentVolume(object: KubernetesObject): StorageBacking {
  const spec = objectAt(object.manifest, 'spec');
  const parameters = textsAt(spec, 'csi', 'volumeAttributes');
  const source = SOURCES.find((name) => valueAt(spec, name) !== undefined);
  const provisioner = textAt(spec, 'csi', 'driver') ?? entryOf(IN_TREE, source ?? '') ?? source ?? '';
  return {
    className: textAt(spec, 'storageClassName'),
    provisioner,
    parameters,
    sharing: sharingOf(provisioner, parameters),
    object,
  };
}

const IN_TREE: Readonly<Record<string, string>> = {
  awsElasticBlockStore: 'kubernetes.io/aws-ebs',
  gcePersistentDisk: 'kubernetes.io/gce-pd',
  azureDisk: 'kubernetes.io/azure-disk',
  azureFile: 'kubernetes.io/azure-file',
};
const SOURCES = [
  ...Object.keys(IN_TREE),
  'nfs',
  'cephfs',
  'glusterfs',
  'hostPath',
  'local',
  'rbd',
  'iscsi',
  'fc',
];
