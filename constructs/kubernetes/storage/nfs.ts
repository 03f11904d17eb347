import type { SharedStorage } from '../../contracts';
import { MIB, type ThroughputProps, throughputOf } from './throughput';

/** Server and directory of a StorageClass on NFS. */
export interface NfsProps {
  /** Host name or address of the server. */
  readonly server: string;
  /** Exported directory, from the root. */
  readonly share: string;
  /** @default hard, nfsvers=4.1, noatime: a client waits for a server that restarts, instead of failing */
  readonly mountOptions?: readonly string[];
  /** Name of the StorageClass. Classes are cluster-wide. @default `polypod-nfs` */
  readonly className?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly throughput?: ThroughputProps;
}

/**
 * Any NFS 4.1 server by csi-driver-nfs: a folder for the claim, which is the same when the claim is made again.
 *
 * Throughput: 110 MiB/s, what a network of 1 Gbit/s carries, for all clients together. Say what yours does.
 */
export function nfs(props: NfsProps): SharedStorage {
  return {
    kind: 'nfs',
    storageClass: {
      name: props.className ?? 'polypod-nfs',
      provisioner: 'nfs.csi.k8s.io',
      parameters: {
        server: props.server,
        share: props.share,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the driver fills it in
        subDir: '${pvc.metadata.namespace}/${pvc.metadata.name}',
        onDelete: 'retain',
        mountPermissions: '0770',
      },
      mountOptions: props.mountOptions ?? ['hard', 'nfsvers=4.1', 'noatime'],
    },
    ...(props.uid === undefined ? {} : { uid: props.uid }),
    ...(props.gid === undefined ? {} : { gid: props.gid }),
    throughput: throughputOf(
      { perClient: 110 * MIB, aggregate: 110 * MIB, source: 'a network of 1 Gbit/s' },
      props.throughput,
    ),
  };
}
