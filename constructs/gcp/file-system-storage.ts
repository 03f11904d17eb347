import { type Input, interpolate, type Output } from '@pulumi/pulumi';
import type { ClusterObject } from '../cloud';
import type { SharedStorage } from '../contracts';
import { filestore } from '../kubernetes/storage/filestore';

/** A share of Filestore, whoever made it. */
export interface Share {
  /** Name of the volume and of its class. */
  readonly name: string;
  readonly tier: 'regional' | 'zonal' | 'enterprise';
  /** Region of a regional instance, zone of a zonal one. */
  readonly location: string;
  readonly instanceName: Input<string>;
  readonly shareName: string;
  readonly address: Input<string>;
  readonly capacityGib: number;
}

/**
 * What a topology's model store takes of a Filestore share: a claim of its class binds to the one volume. No
 * StorageClass object is needed for that, and none must make instances that nobody protects.
 */
export function shareStorage({ name, tier, capacityGib }: Share): SharedStorage {
  const { kind, throughput } = filestore({ tier, tebibytes: capacityGib / 1024 });
  return { kind, storageClass: name, throughput };
}

/** The volume. Several claims can't share it: the first that binds has it. */
export function shareVolume(share: Share): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: share.name },
    spec: {
      storageClassName: share.name,
      capacity: { storage: `${share.capacityGib}Gi` },
      volumeMode: 'Filesystem',
      /*
       * Claims ask for ReadWriteMany. The second mode and the type of file system are what the kubelet wants to see
       * before it gives a volume's root to the pods' group; without them only root could write.
       */
      accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      mountOptions: ['hard', 'noatime'],
      csi: {
        driver: 'filestore.csi.storage.gke.io',
        fsType: 'nfs',
        volumeHandle: interpolate`modeInstance/${share.location}/${share.instanceName}/${share.shareName}`,
        volumeAttributes: { ip: text(share.address), volume: share.shareName },
      },
    },
  };
}

function text(value: Input<string>): Output<string> {
  return interpolate`${value}`;
}
