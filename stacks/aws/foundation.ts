import { getAvailabilityZones } from '@pulumi/aws/getAvailabilityZones';
import { getRegion } from '@pulumi/aws/getRegion';
import type { ComponentResourceOptions, Input, InvokeOptions } from '@pulumi/pulumi';
import {
  BackupPlan,
  Cache,
  Database,
  EncryptionKey,
  existingCache,
  existingCluster,
  existingDatabase,
  existingFileSystem,
  existingNetwork,
  RuntimeImage,
  type ServicePlacement,
  SharedFileSystem,
} from '../../constructs/aws';
import {
  allFit,
  existingImage,
  type Foundation,
  lookUpField,
  type Provided,
  withPlaceholders,
} from '../../constructs/cloud';
import type { Backing, CacheConnection, SharedStorage } from '../../constructs/contracts';
import type { StorageClassDefinition } from '../../constructs/contracts/shared-storage';
import { layCluster } from './cluster';
import { type AwsFoundationArgs, foundationProblems } from './foundation-arguments';

/** How many zones a network takes when it is not told which. */
const ZONES = 3;

type Options = Pick<ComponentResourceOptions, 'parent' | 'provider'>;

/**
 * Lays what a topology stands on in AWS: cluster, shared file system, cache, database and image, each created or
 * found. The region is the provider's.
 *
 * @throws InvalidInputError with everything that is wrong with the arguments and with what exists, before anything
 *   is registered
 */
export async function awsFoundation(args: AwsFoundationArgs, options: Options = {}): Promise<Foundation> {
  const { name, removal, tags } = args;
  const region = (await getRegion({}, options)).region;
  const found = await lookUpAll(args, region, options);

  const common = { region, removal, tags, kmsKeyArn: keyArn(args, options) };
  const cluster = layCluster(
    args,
    { ...common, found: found.cluster, foundNetwork: found.network, zones: found.zones },
    options,
  );
  const shared = { ...common, placement: cluster.placement };

  const storage = found.storage ?? createStorage(args, shared, options);
  const cache = found.cache ?? createCache(args, shared, options);
  const database = found.database ?? createDatabase(args, shared, options);
  const image =
    'existing' in args.image
      ? existingImage(args.image.existing)
      : new RuntimeImage(`${name}-image`, { ...args.image, ...common }, options);

  const provided = [storage, database, image, ...(cache ? [cache] : [])];
  return {
    backing: withPlaceholders<Backing>({
      image: image.contract,
      storage: storage.contract,
      cache: cache?.contract,
      disk: diskOf(args),
      database: database.contract,
    }),
    provider: cluster.provider,
    kubeconfig: cluster.kubeconfig,
    objects: provided.flatMap(({ objects }) => objects),
    ready: [...cluster.ready, ...provided.flatMap(({ ready }) => ready)],
    dnsAddress: cluster.dnsAddress,
    outputs: {
      region,
      cluster: cluster.clusterName,
      kubeconfig: cluster.kubeconfig,
      image: image.contract,
      storage: storage.contract.storageClass,
      cache: cache?.contract.host,
      database: database.contract.host,
      databaseAdministratorSecret: database instanceof Database ? database.administratorSecretArn : undefined,
    },
  };
}

/** Auto Mode brings a driver for disks, but no class of them; what other clusters have, they have. */
function diskOf({ name, cluster }: AwsFoundationArgs): StorageClassDefinition | undefined {
  if ('existing' in cluster || (cluster.compute ?? { mode: 'auto' }).mode !== 'auto') return undefined;
  return {
    name: `${name}-disk`,
    provisioner: 'ebs.csi.eks.amazonaws.com',
    parameters: { type: 'gp3', encrypted: 'true' },
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}

function lookUpAll(args: AwsFoundationArgs, region: string, invoke: InvokeOptions) {
  const { name, cluster, storage = {}, cache = {}, database = {}, sizing } = args;
  return allFit(`AWS foundation "${name}"`, foundationProblems(args), {
    zones: wantsZones(cluster) ? firstZones(invoke) : undefined,
    network:
      !('existing' in cluster) && cluster.network !== undefined && 'existing' in cluster.network
        ? lookUpField('cluster.network.existing', existingNetwork(cluster.network.existing, invoke))
        : undefined,
    cluster:
      'existing' in cluster
        ? lookUpField('cluster.existing', existingCluster({ ...cluster.existing, region }, invoke))
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
                region,
                requiredConnections: sizing.database.maxConnections,
              },
              invoke,
            ),
          )
        : undefined,
  });
}

function wantsZones(cluster: AwsFoundationArgs['cluster']): boolean {
  if ('existing' in cluster) return false;
  const { network = {} } = cluster;
  return !('existing' in network) && network.zones === undefined;
}

/** The region's zones that every account has; not only those in good health, or a sick one would move the subnets. */
async function firstZones(invoke: InvokeOptions): Promise<string[]> {
  const filters = [{ name: 'opt-in-status', values: ['opt-in-not-required'] }];
  const { names } = await getAvailabilityZones({ filters }, invoke);
  return [...names].sort().slice(0, ZONES);
}

function keyArn(args: AwsFoundationArgs, options: Options): Input<string> | undefined {
  const { name, encryptionKey = 'aws', removal, tags } = args;
  if (encryptionKey === 'aws') return undefined;
  if (encryptionKey === 'create') return new EncryptionKey(`${name}-key`, { removal, tags }, options).arn;
  return encryptionKey.arn;
}

/** What every component that holds data is given. */
interface Shared {
  readonly region: string;
  readonly kmsKeyArn: Input<string> | undefined;
  readonly removal: AwsFoundationArgs['removal'];
  readonly tags: AwsFoundationArgs['tags'];
  readonly placement: ServicePlacement;
}

function createStorage(args: AwsFoundationArgs, shared: Shared, options: Options): Provided<SharedStorage> {
  const { name, storage = {}, backup } = args;
  const files = new SharedFileSystem(
    `${name}-files`,
    { automaticBackups: backup === undefined, ...('existing' in storage ? {} : storage), ...shared },
    options,
  );
  if (backup !== undefined) {
    new BackupPlan(`${name}-backup`, { ...backup, ...shared, resourceArns: [files.fileSystemArn] }, options);
  }
  return files;
}

function createCache(
  args: AwsFoundationArgs,
  shared: Shared,
  options: Options,
): Provided<CacheConnection> | undefined {
  const { name, cache = {}, sizing } = args;
  if (cache === 'none' || 'existing' in cache) return undefined;
  const { mode, maxConnections } = sizing.cache;
  return new Cache(
    `${name}-cache`,
    { ...cache, ...shared, mode, size: sizing.cache, requiredConnections: maxConnections },
    options,
  );
}

function createDatabase(args: AwsFoundationArgs, shared: Shared, options: Options): Database {
  const { name, database = {}, sizing } = args;
  return new Database(
    `${name}-database`,
    {
      engine: sizing.database.engine,
      extensions: sizing.database.extensions,
      ...('existing' in database ? {} : database),
      ...shared,
      size: sizing.database,
      requiredConnections: sizing.database.maxConnections,
    },
    options,
  );
}
