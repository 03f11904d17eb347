import type { CacheConnection } from './cache-connection';
import type { DatabaseConnection } from './database-connection';
import type { ImageReference } from './image-reference';
import type { SharedStorage, StorageClassDefinition } from './shared-storage';

/**
 * What a stack stands on. A cloud foundation yields one; in plain synth the topology names existing things; the
 * `local` foundation runs cache and database inside the cluster.
 */
export interface Backing {
  /** The runtime's image. */
  readonly image: ImageReference;
  /** Where model files lie. */
  readonly storage: SharedStorage;
  /** Redis or Valkey. @default none: streams do not survive their pod, so only for one replica */
  readonly cache?: CacheConnection;
  /** Class of disks, which one pod mounts: one to create, or the name of one. @default the cluster's default class */
  readonly disk?: StorageClassDefinition | string;
  /** PostgreSQL. */
  readonly database: DatabaseConnection;
}
