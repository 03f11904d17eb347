import { getClientConfig } from '@pulumi/gcp/organizations/getClientConfig';
import { getProjectOutput } from '@pulumi/gcp/organizations/getProject';
import type { ComponentResourceOptions, Input, InvokeOptions } from '@pulumi/pulumi';
import {
  allFit,
  existingImage,
  type Foundation,
  lookUpField,
  type Provided,
  required,
  withPlaceholders,
} from '../../constructs/cloud';
import type { Backing, CacheConnection, SharedStorage } from '../../constructs/contracts';
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
} from '../../constructs/gcp';
import { layCluster } from './cluster';
import { foundationProblems, type GcpFoundationArgs } from './foundation-arguments';

type Options = Pick<ComponentResourceOptions, 'parent' | 'provider'>;

/** Where the provider works. */
interface Place {
  readonly project: string;
  readonly region: string;
}

/**
 * Lays what a topology stands on in Google Cloud: cluster, shared file system, cache, database and image, each created
 * or found. Project and region are the provider's.
 *
 * @throws InvalidInputError with everything that is wrong with the arguments and with what exists, before anything
 *   is registered
 */
export async function gcpFoundation(args: GcpFoundationArgs, options: Options = {}): Promise<Foundation> {
  const { name, removal, labels } = args;
  const { project, region } = await getClientConfig(options);
  const place = { project, region };
  const found = await lookUpAll(args, place, options);

  const common = { ...place, removal, labels, kmsKeyName: keyName(args, place, options) };
  const cluster = layCluster(args, { ...common, found: found.cluster, foundNetwork: found.network }, options);
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
      // A class that every GKE cluster has: SSDs.
      disk: 'premium-rwo',
      database: database.contract,
    }),
    provider: cluster.provider,
    kubeconfig: cluster.kubeconfig,
    objects: provided.flatMap(({ objects }) => objects),
    ready: [...cluster.ready, ...provided.flatMap(({ ready }) => ready)],
    dnsAddress: cluster.dnsAddress,
    outputs: {
      project,
      region,
      cluster: cluster.clusterName,
      kubeconfig: cluster.kubeconfig,
      image: image.contract,
      storage: storage.contract.storageClass,
      cache: cache?.contract.host,
      database: database.contract.host,
    },
  };
}

function lookUpAll(args: GcpFoundationArgs, { project, region }: Place, invoke: InvokeOptions) {
  const { name, cluster, storage = {}, cache = {}, database = {}, sizing } = args;
  const problems = [
    ...required('gcp:project', project, 'set it: pulumi config set gcp:project PROJECT'),
    ...required('gcp:region', region, 'set it: pulumi config set gcp:region europe-west3'),
    ...foundationProblems(args),
  ];
  return allFit(`Google Cloud foundation "${name}"`, problems, {
    network:
      !('existing' in cluster) && cluster.network !== undefined && 'existing' in cluster.network
        ? lookUpField('cluster.network.existing', existingNetwork(cluster.network.existing, region, invoke))
        : undefined,
    cluster:
      'existing' in cluster
        ? lookUpField('cluster.existing', existingCluster(cluster.existing, region, invoke))
        : undefined,
    storage:
      'existing' in storage
        ? lookUpField(
            'storage.existing',
            existingFileSystem({ ...storage.existing, name: `${name}-files` }, invoke),
          )
        : undefined,
    cache:
      cache !== 'none' && 'existing' in cache
        ? lookUpField(
            'cache.existing',
            existingCache(
              { ...cache.existing, name: `${name}-cache`, requiredConnections: sizing.cache.maxConnections },
              region,
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

function keyName(
  { name, encryptionKey = 'google', removal, labels }: GcpFoundationArgs,
  place: Place,
  options: Options,
): Input<string> | undefined {
  if (encryptionKey === 'google') return undefined;
  if (encryptionKey !== 'create') return encryptionKey.name;
  const projectNumber = getProjectOutput({ projectId: place.project }, options).number;
  return new EncryptionKey(`${name}-key`, { ...place, projectNumber, removal, labels }, options).keyName;
}

/** What every component that holds data is given. */
interface Shared extends Place {
  readonly kmsKeyName: Input<string> | undefined;
  readonly removal: GcpFoundationArgs['removal'];
  readonly labels: GcpFoundationArgs['labels'];
  readonly placement: ServicePlacement;
}

function createStorage(args: GcpFoundationArgs, shared: Shared, options: Options): Provided<SharedStorage> {
  const { name, storage = {}, backup = {} } = args;
  const files = new SharedFileSystem(
    `${name}-files`,
    { ...('existing' in storage ? {} : storage), ...shared },
    options,
  );
  if (backup !== 'none') {
    const { instanceId, shareName } = files;
    const { project, region, labels } = shared;
    new BackupPlan(`${name}-backup`, { ...backup, project, region, labels, instanceId, shareName }, options);
  }
  return files;
}

function createCache(
  args: GcpFoundationArgs,
  shared: Shared,
  options: Options,
): Provided<CacheConnection> | undefined {
  const { name, cache = {}, sizing } = args;
  if (cache === 'none' || 'existing' in cache) return undefined;
  const { maxConnections } = sizing.cache;
  return new Cache(
    `${name}-cache`,
    { ...cache, ...shared, size: sizing.cache, requiredConnections: maxConnections },
    options,
  );
}

function createDatabase(args: GcpFoundationArgs, shared: Shared, options: Options): Database {
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
