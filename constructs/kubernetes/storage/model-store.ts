import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1';
import type { StorageClass } from 'kubernetes-types/storage/v1';
import { cloudClass, sharingOf } from '../../checks/known/storage';
import { isPlaceholder, type Problem, type SharedStorage } from '../../contracts';
import { parseByteSize } from '../../contracts/units';
import { labels, nameProblems, objectName } from '../labels';
import { makeObjects, type Overrides } from '../objects';

/** A claim that pods share: a new one on some storage, or one that exists. */
export interface ModelStoreProps {
  /** Name of the topology; the claim is `NAME-CONTENTS`. */
  readonly name: string;
  /** What lies in it, in a word of a name: `models`, `attachments`. @default `models` */
  readonly contents?: string;
  /** What the volume lies on: `efs()`, `filestore()`, `azureFiles()`, `nfs()`, `existingClass()`. */
  readonly storage: SharedStorage;
  /** Size of the volume, such as `200Gi`. It can grow later, never shrink. Not for an existing claim. */
  readonly size?: string;
  /** An existing ReadWriteMany claim of the namespace. Then nothing is made. @default a claim is made */
  readonly existingClaim?: string;
  /** The larger system, as label `app.kubernetes.io/part-of`. @default the name */
  readonly partOf?: string;
  /** Changes to the objects as written, field by field. See `Patch`. */
  readonly overrides?: Overrides<'storageClass' | 'claim'>;
}

/**
 * One volume for model files, which all replicas mount: a model is downloaded once, not once a pod. Or for whatever
 * else all replicas of a system share.
 *
 * It makes a ReadWriteMany claim and, where the storage is not a class that exists, the StorageClass. Volumes of
 * that class are retained: deleting the claim keeps the files, and the bill.
 *
 * @throws InvalidInputError where the storage can't be shared, or the size is below what it grants
 */
export class ModelStore extends Construct {
  /** Name of the claim, made here or not. */
  readonly claimName: string;
  readonly storage: SharedStorage;
  /** @default none where the claim exists */
  readonly claim: ApiObject | undefined;
  /** @default none where the class or the claim exists */
  readonly storageClass: ApiObject | undefined;

  constructor(scope: Construct, id: string, props: ModelStoreProps) {
    super(scope, id);
    const { name, storage, existingClaim, contents = 'models' } = props;
    this.storage = storage;
    this.claimName = existingClaim ?? objectName(name, contents);
    const metadata = {
      labels: labels({
        application: contents === 'models' ? 'model-store' : 'shared-files',
        instance: name,
        component: contents,
        partOf: props.partOf,
      }),
    };
    const definition = storage.storageClass;

    const made = makeObjects(
      this,
      {
        storageClass:
          typeof definition === 'string' || existingClaim !== undefined
            ? undefined
            : ({
                apiVersion: 'storage.k8s.io/v1',
                kind: 'StorageClass',
                metadata: { name: definition.name, ...metadata },
                provisioner: definition.provisioner,
                parameters: { ...definition.parameters },
                ...(definition.mountOptions ? { mountOptions: [...definition.mountOptions] } : {}),
                reclaimPolicy: 'Retain',
                allowVolumeExpansion: definition.allowVolumeExpansion ?? true,
                volumeBindingMode: definition.volumeBindingMode ?? 'Immediate',
              } satisfies StorageClass),
        claim:
          existingClaim === undefined
            ? ({
                apiVersion: 'v1',
                kind: 'PersistentVolumeClaim',
                metadata: { name: this.claimName, ...metadata },
                spec: {
                  accessModes: ['ReadWriteMany'],
                  storageClassName: typeof definition === 'string' ? definition : definition.name,
                  resources: { requests: { storage: props.size ?? '' } },
                },
              } satisfies PersistentVolumeClaim)
            : undefined,
      },
      props.overrides,
      [
        ...nameProblems('name', name, 63 - contents.length - 1),
        ...sharingProblems(storage),
        ...sizeProblems(props),
      ],
    );
    this.storageClass = made.storageClass;
    this.claim = made.claim;
  }
}

/** Disks can be mounted on one node at a time: the second pod would wait for ever. */
function sharingProblems({ storageClass }: SharedStorage): Problem[] {
  const mend = 'take a network file system: efs(), filestore(), azureFiles(), nfs(), or a class of one';
  if (typeof storageClass === 'string') {
    const known = cloudClass(storageClass);
    if (known?.sharing !== 'block') return [];
    const reason = `gives disks of ${known.provisioner}, which only one node can mount`;
    return [{ path: 'storage.storageClass', value: storageClass, reason, mend }];
  }
  const { provisioner, parameters } = storageClass;
  if (sharingOf(provisioner, parameters) !== 'block') return [];
  const reason = 'gives disks, which only one node can mount';
  return [{ path: 'storage.storageClass.provisioner', value: provisioner, reason, mend }];
}

function sizeProblems({ size, existingClaim, storage }: ModelStoreProps): Problem[] {
  const path = 'size';
  if (existingClaim !== undefined) {
    if (size === undefined) return [];
    const reason = 'has no effect on a claim that exists';
    return [{ path, value: size, reason, mend: 'leave it out, or leave out existingClaim' }];
  }
  if (isPlaceholder(size)) return [];
  const wanted = parseByteSize(size);
  if (!wanted.ok) return [{ path, value: size, ...wanted.fault }];
  const least = parseByteSize(storage.minimumSize ?? '0Gi');
  if (!least.ok || wanted.value.bytes >= least.value.bytes) return [];
  return [
    {
      path,
      value: size,
      reason: `is less than the smallest volume of ${storage.kind}, ${storage.minimumSize}`,
      mend: `write ${storage.minimumSize} or more`,
    },
  ];
}
