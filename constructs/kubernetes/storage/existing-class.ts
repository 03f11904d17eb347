import type { SharedStorage } from '../../contracts';

/** What is to be known of a StorageClass that the cluster has. */
export interface ExistingClassProps {
  /** Name of the StorageClass. It must grant ReadWriteMany: disks do not, and are refused by `ModelStore`. */
  readonly name: string;
  /** Smallest volume that it grants. @default no minimum */
  readonly minimumSize?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Bytes a second: nobody else knows them, and startup budgets follow from them. */
  readonly throughput: SharedStorage['throughput'];
}

/** A StorageClass that the cluster has. */
export function existingClass({ name, ...rest }: ExistingClassProps): SharedStorage {
  return { kind: 'existing', storageClass: name, ...rest };
}
