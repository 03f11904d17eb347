/** A StorageClass to create. Cluster-wide: two topologies in one cluster need two names, or share one class. */
export interface StorageClassDefinition {
  /** Name of the class. */
  readonly name: string;
  /** CSI driver, such as `efs.csi.aws.com`. */
  readonly provisioner: string;
  /** The driver's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Mount options of every volume. @default none */
  readonly mountOptions?: readonly string[];
  /** Whether a claim may grow. @default true */
  readonly allowVolumeExpansion?: boolean;
  /** Whether the volume is made at once, or near the first pod. @default `Immediate` */
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}

/** A volume that many pods on many nodes may read and write at once (ReadWriteMany). */
export interface SharedStorage {
  /** What provides it, for messages and plans: `efs`, `filestore`, `azure-files`, `nfs`, `existing`. */
  readonly kind: string;
  /** The class: one to create, or the name of one that exists. */
  readonly storageClass: StorageClassDefinition | string;
  /** Smallest volume that it grants, as a Kubernetes quantity (`1Ti`). @default no minimum */
  readonly minimumSize?: string;
  /** Owner of the files; equal to the pods' `runAsUser` and `fsGroup`. @default the runtime's, 10001 */
  readonly uid?: number;
  /** @default the runtime's, 10001 */
  readonly gid?: number;
  /** Bytes a second that one client reads, and that all clients read together. For probes and plans. */
  readonly throughput: {
    readonly perClient: number;
    /** @default no limit beyond `perClient` × clients */
    readonly aggregate?: number;
    /** Where the figures come from, for plans: a provider's documentation, a measurement. @default not said */
    readonly source?: string;
  };
}
