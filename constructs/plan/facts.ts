import type { SharedStorage } from '../contracts/shared-storage';

/** What is known of a database or cache beyond manifests. */
export interface BackingFacts {
  /** Connections that it grants. @default nobody says */
  readonly granted?: number;
  /** Connections that each pod opens at most. @default the usual number */
  readonly poolPerPod?: number;
  /** Bytes of memory, of a cache. @default nobody says */
  readonly memory?: number;
  /** Who answers for it when it fails, in words: `Multi-AZ, fails over in 60 to 120 s`. @default nobody says */
  readonly availability?: string;
  /** What clients notice while it is away. @default nobody says */
  readonly without?: string;
}

/** What manifests do not say. A topology knows all of it; of a plain chart none need be known. */
export interface PlanFacts {
  /** How fast model files are read. @default what annotations say, else 200 MB/s for each pod */
  readonly storage?: Pick<SharedStorage, 'kind' | 'throughput'>;
  /** Seconds that an engine takes beyond reading its models. @default 0 */
  readonly engineSeconds?: number;
  /** How often the bytes of a model pass the storage at a start. @default 1 */
  readonly readsOfModel?: number;
  readonly database?: BackingFacts;
  readonly cache?: BackingFacts;
}
