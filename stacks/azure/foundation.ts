import { getResourceGroup } from '@pulumi/azure-native/resources/getResourceGroup';
import { ResourceGroup } from '@pulumi/azure-native/resources/resourceGroup';
import type { Input, InvokeOptions, Resource } from '@pulumi/pulumi';
import {
  Cache,
  componentTags,
  Database,
  EncryptionKey,
  existingCache,
  existingCluster,
  existingDatabase,
  existingFileSystem,
  existingNetwork,
  type KeyAccess,
  RuntimeImage,
  type ServicePlacement,
  SharedFileSystem,
} from '../../constructs/azure';
import {
  allFit,
  existingImage,
  type Foundation,
  lookUp,
  lookUpField,
  type Provided,
  removalOptions,
  withPlaceholders,
} from '../../constructs/cloud';
import type { Backing, CacheConnection, ImageReference } from '../../constructs/contracts';
import { type Common, type LaidCluster, layCluster, type Options } from './cluster';
import { type AzureFoundationArgs, foundationProblems } from './foundation-arguments';

/**
 * Lays what a topology stands on in Azure: cluster, shared file system, cache, database and image, each created or
 * found. The subscription is the provider's.
 *
 * @throws InvalidInputError with everything that is wrong with the arguments and with what exists, before anything
 *   is registered
 */
export async function azureFoundation(args: AzureFoundationArgs, options: Options = {}): Promise<Foundation> {
  const { name, location, removal, tags } = args;
  const found = await lookUpAll(args, options);

  const resourceGroupName = args.resourceGroup?.existing.resourceGroupName ?? createGroup(args, options).name;
  const key = encryptionKey(args, resourceGroupName, options);
  const common = { resourceGroupName, location, removal, tags, encryptionKey: key.access };
  const withKey = { ...options, dependsOn: [...key.ready] };
  const cluster = layCluster(args, common, { cluster: found.cluster, network: found.network }, withKey);
  const placement: ServicePlacement = {
    resourceGroupName,
    location,
    virtualNetworkId: cluster.virtualNetworkId,
    endpointSubnetId: cluster.endpointSubnetId,
    endpointSubnetCidr: cluster.endpointSubnetCidr,
  };
  const shared = { ...common, placement };

  const storage =
    found.storage ??
    new SharedFileSystem(
      `${name}-files`,
      { ...created(args.storage), ...shared, clusterPrincipalId: cluster.principalId },
      withKey,
    );
  const cache = found.cache ?? createCache(args, shared, withKey);
  const database =
    found.database ??
    new Database(
      `${name}-database`,
      {
        engine: args.sizing.database.engine,
        extensions: args.sizing.database.extensions,
        ...created(args.database),
        ...shared,
        size: args.sizing.database,
        requiredConnections: args.sizing.database.maxConnections,
      },
      withKey,
    );
  const image = provideImage(args, common, cluster, withKey);

  const provided = [storage, database, image, ...(cache ? [cache] : [])];
  return {
    backing: withPlaceholders<Backing>({
      image: image.contract,
      storage: storage.contract,
      cache: cache?.contract,
      // A class that every AKS cluster has: SSDs.
      disk: 'managed-csi-premium',
      database: database.contract,
    }),
    provider: cluster.provider,
    kubeconfig: cluster.kubeconfig,
    objects: provided.flatMap(({ objects }) => objects),
    ready: [...cluster.ready, ...provided.flatMap(({ ready }) => ready)],
    outputs: {
      location,
      resourceGroup: resourceGroupName,
      cluster: cluster.clusterName,
      kubeconfig: cluster.kubeconfig,
      image: image.contract,
      storage: storage.contract.storageClass,
      cache: cache?.contract.host,
      database: database.contract.host,
    },
  };
}

function lookUpAll(args: AzureFoundationArgs, invoke: InvokeOptions) {
  const { name, resourceGroup, cluster, storage = {}, cache = {}, database = {}, sizing } = args;
  return allFit(`Azure foundation "${name}"`, foundationProblems(args), {
    resourceGroup: resourceGroup && existingGroup(resourceGroup.existing.resourceGroupName, invoke),
    network:
      !('existing' in cluster) && cluster.network !== undefined && 'existing' in cluster.network
        ? lookUpField('cluster.network.existing', existingNetwork(cluster.network.existing, invoke))
        : undefined,
    cluster:
      'existing' in cluster
        ? lookUpField('cluster.existing', existingCluster(cluster.existing, invoke))
        : undefined,
    storage:
      'existing' in storage
        ? lookUpField('storage.existing', existingFileSystem({ ...storage.existing, name }, invoke))
        : undefined,
    cache:
      cache !== 'none' && 'existing' in cache
        ? lookUpField(
            'cache.existing',
            existingCache(
              { ...cache.existing, name: `${name}-cache`, requiredConnections: sizing.cache.maxConnections },
              invoke,
            ),
          )
        : undefined,
    database:
      'existing' in database
        ? lookUpField(
            'database.existing',
            existingDatabase(
              {
                ...database.existing,
                name: `${name}-database`,
                requiredConnections: sizing.database.maxConnections,
              },
              invoke,
            ),
          )
        : undefined,
  });
}

/** Resources in a group that is not there would fail one by one, after half of the others. */
function existingGroup(resourceGroupName: string, invoke: InvokeOptions) {
  const path = 'resourceGroup.existing.resourceGroupName';
  return lookUp(path, resourceGroupName, () => getResourceGroup({ resourceGroupName }, invoke));
}

/** Deleting a group deletes all that is in it: it holds data. */
function createGroup({ name, location, removal, tags }: AzureFoundationArgs, options: Options) {
  return new ResourceGroup(
    `${name}-resources`,
    { location, tags: componentTags(name, tags) },
    { ...options, ...removalOptions(removal) },
  );
}

function encryptionKey(
  args: AzureFoundationArgs,
  resourceGroupName: Input<string>,
  options: Options,
): { readonly access: KeyAccess | undefined; readonly ready: readonly Resource[] } {
  const { name, location, encryptionKey: choice = 'azure', removal, tags } = args;
  if (choice === 'azure') return { access: undefined, ready: [] };
  if (choice !== 'create') return { access: choice, ready: [] };
  return new EncryptionKey(`${name}-key`, { resourceGroupName, location, removal, tags }, options);
}

/** The arguments of what is to be created: none where there are none, or where it was found. */
function created<Args extends object>(
  args: Args | { readonly existing: unknown } | undefined,
): Partial<Args> {
  return args === undefined || 'existing' in args ? {} : args;
}

function createCache(
  { name, cache = {}, sizing }: AzureFoundationArgs,
  shared: Common & { readonly placement: ServicePlacement },
  options: Options,
): Provided<CacheConnection> | undefined {
  if (cache === 'none' || 'existing' in cache) return undefined;
  const { mode, maxConnections } = sizing.cache;
  return new Cache(
    `${name}-cache`,
    { ...cache, ...shared, mode, size: sizing.cache, requiredConnections: maxConnections },
    options,
  );
}

function provideImage(
  { name, image }: AzureFoundationArgs,
  common: Common,
  { nodePrincipalId }: LaidCluster,
  options: Options,
): Provided<ImageReference> {
  if ('existing' in image) return existingImage(image.existing);
  return new RuntimeImage(`${name}-image`, { ...image, ...common, nodePrincipalId }, options);
}
