import { USER } from '../../../runtime/contract.cjs';
import type { SharedStorage } from '../../contracts';
import { MIB, type ThroughputProps, throughputOf } from './throughput';

/** File system and owner of a StorageClass on Amazon EFS. */
export interface EfsProps {
  /** Id of the file system, `fs-0123456789abcdef0`. */
  readonly fileSystemId: string;
  /** Name of the StorageClass. Classes are cluster-wide. @default `polypod-efs` */
  readonly className?: string;
  /** Owner of the files. @default 10001, the runtime's */
  readonly uid?: number;
  /** Group of the files. @default 10001, the runtime's */
  readonly gid?: number;
  /** Whether pods sign in with their node's or pod's IAM role. @default false */
  readonly iam?: boolean;
  readonly throughput?: ThroughputProps;
}

/**
 * Amazon EFS by its CSI driver: one access point for the claim, which makes every file its owner's, whoever writes.
 * A claim that is made again gets its old folder back. Pay for what is stored and, in elastic mode, for each GiB
 * that is read: ten pods that load 40 GB read 400 GB.
 *
 * Throughput: 500 MiB/s for one client; 1,500 with elastic throughput and a client of version 2 or later, which is
 * not reckoned with. All clients together 20 GiB/s in the smaller regions, 60 in the larger (EFS user guide, quotas).
 */
export function efs(props: EfsProps): SharedStorage {
  const { uid = USER.uid, gid = USER.gid } = props;
  return {
    kind: 'efs',
    storageClass: {
      name: props.className ?? 'polypod-efs',
      provisioner: 'efs.csi.aws.com',
      parameters: {
        provisioningMode: 'efs-ap',
        fileSystemId: props.fileSystemId,
        directoryPerms: '0750',
        uid: String(uid),
        gid: String(gid),
        basePath: '/polypod',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the driver fills it in
        subPathPattern: '${.PVC.namespace}/${.PVC.name}',
        ensureUniqueDirectory: 'false',
      },
      mountOptions: props.iam ? ['tls', 'iam'] : ['tls'],
      // The driver knows no sizes: EFS grows by itself.
      allowVolumeExpansion: false,
    },
    uid,
    gid,
    throughput: throughputOf(
      { perClient: 500 * MIB, aggregate: 20 * 1024 * MIB, source: 'Amazon EFS user guide: quotas' },
      props.throughput,
    ),
  };
}
