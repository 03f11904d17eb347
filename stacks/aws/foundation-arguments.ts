import type { Input } from '@pulumi/pulumi';
import type {
  BackupPlanArgs,
  CacheArgs,
  ClusterArgs,
  DatabaseArgs,
  ExistingCacheArgs,
  ExistingClusterArgs,
  ExistingDatabaseArgs,
  ExistingNetworkArgs,
  NetworkArgs,
  RuntimeImageArgs,
  SharedFileSystemArgs,
  Tags,
} from '../../constructs/aws';
import {
  backupPlanProblems,
  cacheProblems,
  clusterProblems,
  databaseProblems,
  networkProblems,
  runtimeImageProblems,
  sharedFileSystemProblems,
} from '../../constructs/aws';
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

/** What every component gets from the foundation, not from its own arguments. */
type Given = 'placement' | 'region' | 'kmsKeyArn' | 'removal' | 'tags' | 'size' | 'requiredConnections';

/** What a foundation on AWS creates, and which existing things it uses. */
export interface AwsFoundationArgs {
  /** Beginning of all names, at most 17 characters: `chat`, `chat-prod`. Changing it makes everything anew. */
  readonly name: string;
  /** What is to be held and served. */
  readonly sizing: Sizing;
  /** A cluster to create, with its network, or one that exists. */
  readonly cluster:
    | { readonly existing: Omit<ExistingClusterArgs, 'region'> }
    | (Omit<ClusterArgs, Given | 'subnetIds'> & {
        /** @default a VPC over three zones */
        readonly network?:
          | { readonly existing: ExistingNetworkArgs }
          | (Omit<NetworkArgs, Given | 'zones'> & {
              /** @default the first three of the region, by name */
              readonly zones?: readonly string[];
            });
      });
  /** @default an elastic file system */
  readonly storage?:
    | { readonly existing: { readonly fileSystemId: string } }
    | Omit<SharedFileSystemArgs, Given>;
  /** `none` is for one replica: without a cache, streams die with their pod. @default a cache of the sizing's size and mode */
  readonly cache?:
    | 'none'
    | { readonly existing: Omit<ExistingCacheArgs, 'name' | 'requiredConnections'> }
    | Omit<CacheArgs, Given | 'mode'>;
  /** @default PostgreSQL of the sizing's size */
  readonly database?:
    | { readonly existing: Omit<ExistingDatabaseArgs, 'name' | 'region' | 'requiredConnections'> }
    | Omit<DatabaseArgs, Given>;
  /** The runtime's image: one that exists, or one to build. */
  readonly image: { readonly existing: ImageReference } | Omit<RuntimeImageArgs, Given>;
  /**
   * A vault and plan of its own for the file system's backups, instead of AWS's default plan.
   * @default the default plan: daily, kept 35 days
   */
  readonly backup?: Omit<BackupPlanArgs, Given | 'resourceArns'>;
  /** Encrypts all that holds data: `aws` takes AWS's own keys, `create` makes one. Can't be changed later. @default `aws` */
  readonly encryptionKey?: 'aws' | 'create' | { readonly arn: Input<string> };
  /** For all that holds data. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
}

/** Stands for the region while arguments are checked that don't depend on it. */
const ANY_REGION = 'us-east-1';

/** What is wrong with the arguments, before anything is looked up or made. */
export function foundationProblems(args: AwsFoundationArgs): Problem[] {
  const { cluster, storage = {}, cache = {}, database = {}, image, backup, sizing, tags } = args;
  const region = ANY_REGION;
  const problems = [...nameProblems(args.name, 17), ...oneOf('removal', args.removal, REMOVALS)];
  if (!('existing' in cluster)) {
    const { network = {}, ...rest } = cluster;
    problems.push(...inField('cluster', clusterProblems({ ...rest, region, tags })));
    if (!('existing' in network)) {
      const zones = network.zones ?? ['a', 'b', 'c'];
      problems.push(...inField('cluster.network', networkProblems({ ...network, region, zones })));
    }
  }
  if (!('existing' in storage)) problems.push(...inField('storage', sharedFileSystemProblems(storage)));
  if (cache !== 'none' && !('existing' in cache)) {
    const { mode, maxConnections: requiredConnections } = sizing.cache;
    problems.push(
      ...inField('cache', cacheProblems({ ...cache, size: sizing.cache, mode, requiredConnections })),
    );
  }
  if (!('existing' in database)) {
    const { maxConnections: requiredConnections, engine } = sizing.database;
    problems.push(
      ...inField(
        'database',
        databaseProblems({ engine, ...database, size: sizing.database, region, requiredConnections }),
      ),
    );
  }
  if ('existing' in image)
    problems.push(...inField('image', existingImageProblems(image.existing, 'existing')));
  else problems.push(...inField('image', runtimeImageProblems(image)));
  if (backup !== undefined) {
    problems.push(...inField('backup', backupPlanProblems({ ...backup, region })));
    if ('existing' in storage) {
      const reason = 'is for a file system that is created here';
      problems.push({
        path: 'backup',
        value: undefined,
        reason,
        mend: "leave it out: the existing one's backups are yours",
      });
    }
  }
  if (typeof args.encryptionKey === 'string') {
    problems.push(...oneOf('encryptionKey', args.encryptionKey, ['aws', 'create']));
  }
  return problems;
}
