import {
  ManagementLockByScope,
  type ManagementLockByScopeArgs,
} from '@pulumi/azure-native/authorization/managementLockByScope';
import {
  Database as RedisDatabase,
  type DatabaseArgs as RedisDatabaseArgs,
} from '@pulumi/azure-native/redisenterprise/database';
import { listDatabaseKeysOutput } from '@pulumi/azure-native/redisenterprise/listDatabaseKeys';
import {
  RedisEnterprise,
  type RedisEnterpriseArgs,
} from '@pulumi/azure-native/redisenterprise/redisEnterprise';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import { output, secret } from '@pulumi/pulumi';
import {
  type CacheSize,
  CloudComponent,
  credentialsSecret,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  removalOptions,
  type Transforms,
} from '../cloud';
import type { CacheConnection, Problem } from '../contracts';
import { CACHE_CONNECTIONS, cacheSku } from './cache-skus';
import type { KeyAccess } from './encryption-key';
import { PrivateAccess, type PrivateAccessChildren } from './private-access';
import { placementProblems, type ServicePlacement } from './service-placement';
import { componentTags, type Tags, tagProblems } from './tags';

/** Azure Managed Redis answers there, always. */
const CACHE_PORT = 10_000;

/** Clients of a cluster also talk to its shards, which answer on 8500 to 8599. */
export function cacheEgressPorts(mode: 'single' | 'cluster'): number[] {
  const shards = mode === 'cluster' ? Array.from({ length: 100 }, (_, index) => 8500 + index) : [];
  return [CACHE_PORT, ...shards];
}

/** What survives the loss of both copies. */
const PERSISTENCE = {
  aof: { aofEnabled: true, aofFrequency: '1s', rdbEnabled: false },
  rdb: { rdbEnabled: true, rdbFrequency: '1h', aofEnabled: false },
  none: { aofEnabled: false, rdbEnabled: false },
} as const;

export interface CacheArgs {
  readonly placement: ServicePlacement;
  /** Data to hold; the cheapest size that holds it is taken. */
  readonly size: CacheSize;
  /**
   * `single` is one server's data, all commands, up to 19 GiB; `cluster` spreads keys over shards, whose number is
   * Azure's. From single to cluster it can be changed, and not back.
   * @default `single`
   */
  readonly mode?: 'single' | 'cluster';
  /**
   * What is on disk, should both copies be lost: `aof` all but the last second, at some cost in speed; `rdb` all but
   * the last hour; `none` nothing. Free.
   * @default `rdb`
   */
  readonly persistence?: keyof typeof PERSISTENCE;
  /** Connections that the topology will open at most; refused where the cache grants fewer. @default not checked */
  readonly requiredConnections?: number;
  /** Key for encryption of the disks. @default Azure's own */
  readonly encryptionKey?: KeyAccess;
  /** Zone `privatelink.redis.azure.net`, where the network has it already. @default made here */
  readonly privateDnsZoneId?: Input<string>;
  /** `retain` also locks it against deletion. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<CacheChildren>;
}

export interface CacheChildren extends PrivateAccessChildren {
  cluster: RedisEnterpriseArgs;
  database: RedisDatabaseArgs;
  lock: ManagementLockByScopeArgs;
}

/** What is wrong with the arguments of a {@link Cache}, wherever it is placed. */
export function cacheProblems(args: Omit<CacheArgs, 'placement'>): Problem[] {
  const { size, mode = 'single', requiredConnections } = args;
  const problems: Problem[] = [];
  if (!(size.memory > 0)) {
    const reason = 'is not a number of bytes above 0';
    problems.push({ path: 'size.memory', value: size.memory, reason, mend: 'write one such as 1073741824' });
  } else if (cacheSku(args) === undefined) {
    const [reason, mend] =
      mode === 'single'
        ? ['is more than one server holds (19 GiB of data)', "spread it over shards: mode 'cluster'"]
        : ['is more than Azure Managed Redis holds (288 GiB of data)', 'ask for less'];
    problems.push({ path: 'size.memory', value: size.memory, reason, mend });
  }
  if (requiredConnections !== undefined && requiredConnections > CACHE_CONNECTIONS) {
    const reason = `is more than every size of Azure Managed Redis grants (${CACHE_CONNECTIONS})`;
    const mend = 'ask for fewer pods, or for a smaller pool in each';
    problems.push({ path: 'requiredConnections', value: requiredConnections, reason, mend });
  }
  return [
    ...problems,
    ...oneOf('mode', args.mode, ['single', 'cluster']),
    ...oneOf('persistence', args.persistence, Object.keys(PERSISTENCE)),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * Azure Managed Redis with a copy in another zone and automatic failover: TLS only, encrypted at rest, reachable
 * through a private endpoint alone. Full memory is an error and never an eviction: an evicted key would be a piece of
 * somebody's stream.
 *
 * Writes of the last moment can be lost in a failover: replication is asynchronous.
 */
export class Cache extends CloudComponent<CacheChildren> implements Provided<CacheConnection> {
  readonly contract: Provided<CacheConnection>['contract'];
  readonly objects: Provided<CacheConnection>['objects'];
  readonly ready: readonly Resource[];
  /** Name of the size. */
  readonly sku: string;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: CacheArgs, options?: ComponentResourceOptions) {
    const problems = [...placementProblems(args.placement), ...cacheProblems(args)];
    super('polypod:azure:Cache', name, problems, args.transform, options);
    const { placement, mode = 'single', persistence = 'rdb', encryptionKey, removal } = args;
    const { resourceGroupName, location } = placement;
    const tags = componentTags(name, args.tags);
    // The checks have refused a size that does not exist.
    this.sku = cacheSku(args)?.name ?? '';

    const cluster = new RedisEnterprise(
      ...this.child(
        'cluster',
        {
          resourceGroupName,
          location,
          sku: { name: this.sku },
          // Copies lie in different zones by themselves; `zones` is for the older tiers.
          highAvailability: 'Enabled',
          minimumTlsVersion: '1.2',
          publicNetworkAccess: 'Disabled',
          ...(encryptionKey === undefined ? {} : encryptedWith(encryptionKey)),
          tags,
        },
        { ...removalOptions(removal), customTimeouts: { create: '60m', update: '120m', delete: '60m' } },
      ),
    );
    const database = new RedisDatabase(
      ...this.child(
        'database',
        {
          resourceGroupName,
          clusterName: cluster.name,
          databaseName: 'default',
          port: CACHE_PORT,
          clientProtocol: 'Encrypted',
          clusteringPolicy: mode === 'cluster' ? 'OSSCluster' : 'NoCluster',
          evictionPolicy: 'NoEviction',
          persistence: PERSISTENCE[persistence],
          // Entra's tokens end within the day, and no client of the runtime renews them.
          accessKeysAuthentication: 'Enabled',
        },
        removalOptions(removal),
      ),
    );
    const access = new PrivateAccess(
      name,
      {
        placement,
        serviceId: cluster.id,
        group: 'redisEnterprise',
        zoneName: 'privatelink.redis.azure.net',
        privateDnsZoneId: args.privateDnsZoneId,
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
    if (removal !== 'destroy') {
      new ManagementLockByScope(
        ...this.child('lock', { scope: cluster.id, level: 'CanNotDelete' }, { dependsOn: database }),
      );
    }

    const keys = listDatabaseKeysOutput(
      { resourceGroupName, clusterName: cluster.name, databaseName: database.name },
      { parent: this },
    );
    this.contract = {
      host: cluster.hostName,
      port: CACHE_PORT,
      mode,
      // Signed by a public authority, which every trust store has.
      tls: true,
      credentials: { secretName: name },
      maxConnections: CACHE_CONNECTIONS,
      egress: { cidrs: [output(placement.endpointSubnetCidr)], ports: cacheEgressPorts(mode) },
    };
    this.objects = [credentialsSecret(name, { username: 'default', password: secret(keys).primaryKey })];
    this.ready = [database, ...access.ready];
    this.registerOutputs({ host: this.contract.host, port: CACHE_PORT });
  }
}

function encryptedWith({ identityId, keyUri }: KeyAccess): Partial<RedisEnterpriseArgs> {
  return {
    identity: { type: 'UserAssigned', userAssignedIdentities: [identityId] },
    encryption: {
      customerManagedKeyEncryption: {
        keyEncryptionKeyUrl: keyUri,
        keyEncryptionKeyIdentity: {
          identityType: 'userAssignedIdentity',
          userAssignedIdentityResourceId: identityId,
        },
      },
    },
  };
}
