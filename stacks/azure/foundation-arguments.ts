import type {
  CacheArgs,
  ClusterArgs,
  DatabaseArgs,
  ExistingCacheArgs,
  ExistingClusterArgs,
  ExistingDatabaseArgs,
  ExistingFileSystemArgs,
  ExistingNetworkArgs,
  KeyAccess,
  NetworkArgs,
  RuntimeImageArgs,
  SharedFileSystemArgs,
  Tags,
} from '../../constructs/azure';
import {
  cacheProblems,
  clusterProblems,
  databaseProblems,
  locationProblems,
  networkProblems,
  resourceGroupProblems,
  runtimeImageProblems,
  sharedFileSystemProblems,
} from '../../constructs/azure';
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
type Given =
  | 'placement'
  | 'resourceGroupName'
  | 'location'
  | 'encryptionKey'
  | 'removal'
  | 'tags'
  | 'size'
  | 'requiredConnections';

/** What a foundation on Azure creates, and which existing things it uses. */
export interface AzureFoundationArgs {
  /** Beginning of all names, at most 17 characters: `chat`, `chat-prod`. Changing it makes everything anew. */
  readonly name: string;
  /** Region with availability zones, such as `westeurope`. Changing it makes everything anew. */
  readonly location: string;
  /** @default a resource group of its own */
  readonly resourceGroup?: { readonly existing: { readonly resourceGroupName: string } };
  /** What is to be held and served. */
  readonly sizing: Sizing;
  /** A cluster to create, with its network, or one that exists. */
  readonly cluster:
    | { readonly existing: ExistingClusterArgs }
    | (Omit<ClusterArgs, Given | 'subnetId' | 'outbound' | 'outboundCidrs'> & {
        /** @default a virtual network of its own */
        readonly network?: { readonly existing: ExistingNetworkArgs } | Omit<NetworkArgs, Given>;
      });
  /** @default Azure Files on zone-redundant SSDs */
  readonly storage?:
    | { readonly existing: Omit<ExistingFileSystemArgs, 'name'> }
    | Omit<SharedFileSystemArgs, Given | 'clusterPrincipalId'>;
  /** `none` is for one replica: without a cache, streams die with their pod. @default a cache of the sizing's size and mode */
  readonly cache?:
    | 'none'
    | { readonly existing: Omit<ExistingCacheArgs, 'name' | 'requiredConnections'> }
    | Omit<CacheArgs, Given | 'mode'>;
  /** @default PostgreSQL of the sizing's size */
  readonly database?:
    | { readonly existing: Omit<ExistingDatabaseArgs, 'name' | 'requiredConnections'> }
    | Omit<DatabaseArgs, Given>;
  /** The runtime's image: one that exists, or one to build. */
  readonly image: { readonly existing: ImageReference } | Omit<RuntimeImageArgs, Given | 'nodePrincipalId'>;
  /**
   * Encrypts all that holds data, and the cluster's Secrets: `azure` takes Azure's own keys, `create` makes one. Can't
   * be changed later without replacing what it encrypts.
   * @default `azure`
   */
  readonly encryptionKey?: 'azure' | 'create' | KeyAccess;
  /** For all that holds data. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
}

/** Stands for a key while arguments are checked that only ask whether there is one. */
const SOME_KEY: KeyAccess = {
  vaultUri: '',
  vaultId: '',
  keyName: '',
  keyUri: '',
  identityId: '',
  identityClientId: '',
};

/** What is wrong with the arguments, before anything is looked up or made. */
export function foundationProblems(args: AzureFoundationArgs): Problem[] {
  const { cluster, storage = {}, cache = {}, database = {}, image, sizing, tags } = args;
  const encryptionKey = (args.encryptionKey ?? 'azure') === 'azure' ? undefined : SOME_KEY;
  const problems = [
    ...nameProblems(args.name, 17),
    ...locationProblems('location', args.location),
    ...oneOf('removal', args.removal, REMOVALS),
    ...resourceGroupProblems(
      'resourceGroup.existing.resourceGroupName',
      args.resourceGroup?.existing.resourceGroupName ?? args.name,
    ),
  ];
  if (!('existing' in cluster)) {
    const { network = {}, ...rest } = cluster;
    problems.push(...inField('cluster', clusterProblems({ ...rest, tags })));
    if (!('existing' in network)) problems.push(...inField('cluster.network', networkProblems(network)));
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
        databaseProblems({ engine, ...database, size: sizing.database, requiredConnections, encryptionKey }),
      ),
    );
  }
  if ('existing' in image)
    problems.push(...inField('image', existingImageProblems(image.existing, 'existing')));
  else problems.push(...inField('image', runtimeImageProblems(image)));
  if (typeof args.encryptionKey === 'string') {
    problems.push(...oneOf('encryptionKey', args.encryptionKey, ['azure', 'create']));
  }
  return problems;
}
