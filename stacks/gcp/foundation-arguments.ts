import type { Input } from '@pulumi/pulumi';
import {
  existingImageProblems,
  inField,
  nameProblems,
  oneOf,
  REMOVALS,
  type Removal,
  type Sizing,
} from '../../constructs/cloud';
import type { ImageReference, Problem } from '../../constructs/contracts';
import type {
  BackupPlanArgs,
  CacheArgs,
  ClusterArgs,
  DatabaseArgs,
  ExistingCacheArgs,
  ExistingClusterArgs,
  ExistingDatabaseArgs,
  ExistingFileSystemArgs,
  ExistingNetworkArgs,
  Labels,
  NetworkArgs,
  RuntimeImageArgs,
  SharedFileSystemArgs,
} from '../../constructs/gcp';
import {
  backupPlanProblems,
  cacheProblems,
  clusterProblems,
  databaseProblems,
  networkProblems,
  runtimeImageProblems,
  sharedFileSystemProblems,
} from '../../constructs/gcp';

/** What every component gets from the foundation, not from its own arguments. */
type Given =
  | 'placement'
  | 'place'
  | 'project'
  | 'region'
  | 'kmsKeyName'
  | 'removal'
  | 'labels'
  | 'size'
  | 'requiredConnections';

/** What a foundation on Google Cloud creates, and which existing things it uses. */
export interface GcpFoundationArgs {
  /** Beginning of all names, at most 17 characters: `chat`, `chat-prod`. Changing it makes everything anew. */
  readonly name: string;
  /** What is to be held and served. A sharded cache is not to be had with a password: one instance holds it all. */
  readonly sizing: Sizing;
  /** A cluster to create, with its network, or one that exists. */
  readonly cluster:
    | { readonly existing: ExistingClusterArgs }
    | (Omit<ClusterArgs, Given> & {
        /** @default a VPC of its own */
        readonly network?: { readonly existing: ExistingNetworkArgs } | Omit<NetworkArgs, Given>;
      });
  /** @default a regional file system of 1 TiB */
  readonly storage?:
    | { readonly existing: Omit<ExistingFileSystemArgs, 'name'> }
    | Omit<SharedFileSystemArgs, Given>;
  /** `none` is for one replica: without a cache, streams die with their pod. @default a cache of the sizing's size */
  readonly cache?:
    | 'none'
    | { readonly existing: Omit<ExistingCacheArgs, 'name' | 'requiredConnections'> }
    | Omit<CacheArgs, Given>;
  /** @default PostgreSQL of the sizing's size */
  readonly database?:
    | { readonly existing: Omit<ExistingDatabaseArgs, 'name' | 'requiredConnections'> }
    | Omit<DatabaseArgs, Given>;
  /** The runtime's image: one that exists, or one to build. */
  readonly image: { readonly existing: ImageReference } | Omit<RuntimeImageArgs, Given>;
  /** Backups of a file system that is created here. @default daily, kept 35 days */
  readonly backup?: 'none' | Omit<BackupPlanArgs, Given | 'instanceId' | 'shareName'>;
  /**
   * Encrypts all that holds data: `google` takes Google's own keys, `create` makes one. Can't be changed later.
   * @default `google`
   */
  readonly encryptionKey?: 'google' | 'create' | { readonly name: Input<string> };
  /** For all that holds data. @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
}

/** Stand for what the provider knows while arguments are checked that don't depend on it. */
const ANY_PLACE = { project: 'any-project', region: 'europe-west3' };

/** What is wrong with the arguments, before anything is looked up or made. */
export function foundationProblems(args: GcpFoundationArgs): Problem[] {
  const { cluster, storage = {}, cache = {}, database = {}, image, backup, sizing, labels } = args;
  const problems = [...nameProblems(args.name, 17), ...oneOf('removal', args.removal, REMOVALS)];
  if (!('existing' in cluster)) {
    const { network = {}, ...rest } = cluster;
    problems.push(...inField('cluster', clusterProblems({ ...rest, ...ANY_PLACE, labels })));
    if (!('existing' in network)) {
      problems.push(...inField('cluster.network', networkProblems({ ...network, ...ANY_PLACE })));
    }
  }
  if (!('existing' in storage)) problems.push(...inField('storage', sharedFileSystemProblems(storage)));
  if (cache !== 'none' && !('existing' in cache)) {
    const { maxConnections: requiredConnections } = sizing.cache;
    problems.push(...inField('cache', cacheProblems({ ...cache, size: sizing.cache, requiredConnections })));
  }
  if (!('existing' in database)) {
    const { maxConnections: requiredConnections, engine } = sizing.database;
    problems.push(
      ...inField(
        'database',
        databaseProblems({ engine, ...database, size: sizing.database, requiredConnections }),
      ),
    );
  }
  if ('existing' in image)
    problems.push(...inField('image', existingImageProblems(image.existing, 'existing')));
  else problems.push(...inField('image', runtimeImageProblems({ ...image, ...ANY_PLACE })));
  if (typeof backup === 'string') problems.push(...oneOf('backup', backup, ['none']));
  else if (backup !== undefined) {
    problems.push(...inField('backup', backupPlanProblems({ ...backup, ...ANY_PLACE })));
    if ('existing' in storage) {
      const reason = 'is for a file system that is created here';
      const mend = "leave it out: the existing one's backups are yours";
      problems.push({ path: 'backup', value: undefined, reason, mend });
    }
  }
  if (typeof args.encryptionKey === 'string') {
    problems.push(...oneOf('encryptionKey', args.encryptionKey, ['google', 'create']));
  }
  return problems;
}
