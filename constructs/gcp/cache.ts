import { Instance, type InstanceArgs } from '@pulumi/gcp/redis/instance';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import { unsecret } from '@pulumi/pulumi';
import {
  type CacheSize,
  CERTIFICATE_KEY,
  CloudComponent,
  certificateConfigMap,
  credentialsSecret,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  removalOptions,
  type Transforms,
} from '../cloud';
import type { CacheConnection, Problem } from '../contracts';
import { kmsKeyProblems } from './argument-forms';
import { CACHE_CONNECTIONS, cacheGib, DATA_SHARE, LARGEST_GIB } from './cache-sizes';
import { componentLabels, type Labels, labelProblems } from './labels';
import { placementProblems, type ServicePlacement, serviceEgress } from './service-access';

/** With TLS. */
const CACHE_PORT = 6378;

const SNAPSHOTS = { 1: 'ONE_HOUR', 6: 'SIX_HOURS', 12: 'TWELVE_HOURS', 24: 'TWENTY_FOUR_HOURS' } as const;

/** Size and protection of the cache. */
export interface CacheArgs {
  readonly placement: ServicePlacement;
  /** Data to hold; a quarter is added for what Redis needs besides. Paid for by the GiB, twice for two zones. */
  readonly size: CacheSize;
  /** Hours between snapshots, from which data comes back when both nodes are lost. @default 1 */
  readonly snapshotHours?: keyof typeof SNAPSHOTS;
  /** Connections that the topology will open at most; refused where there are fewer. @default not checked */
  readonly requiredConnections?: number;
  /** Key of Cloud KMS for encryption at rest. Changing it replaces the instance. @default Google's own */
  readonly kmsKeyName?: Input<string>;
  /** @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
  readonly transform?: Transforms<CacheChildren>;
}

export interface CacheChildren {
  instance: InstanceArgs;
}

/** What is wrong with the arguments of a {@link Cache}, wherever it is placed. */
export function cacheProblems(args: Omit<CacheArgs, 'placement'>): Problem[] {
  const { size, requiredConnections } = args;
  const problems: Problem[] = [];
  if (!(size.memory > 0)) {
    const reason = 'is not a number of bytes above 0';
    problems.push({ path: 'size.memory', value: size.memory, reason, mend: 'write one such as 1073741824' });
  } else if (cacheGib(size) > LARGEST_GIB) {
    const reason = `is more than Memorystore holds (${LARGEST_GIB * DATA_SHARE} GiB of data)`;
    problems.push({
      path: 'size.memory',
      value: size.memory,
      reason,
      mend: 'keep streams for a shorter time',
    });
  }
  if (requiredConnections !== undefined && requiredConnections > CACHE_CONNECTIONS) {
    const reason = `is more than Memorystore grants (${CACHE_CONNECTIONS})`;
    const mend = 'ask for fewer pods, or for a smaller pool in each';
    problems.push({ path: 'requiredConnections', value: requiredConnections, reason, mend });
  }
  return [
    ...problems,
    ...oneOf('snapshotHours', args.snapshotHours, Object.keys(SNAPSHOTS).map(Number)),
    ...kmsKeyProblems('kmsKeyName', args.kmsKeyName),
    ...oneOf('removal', args.removal, REMOVALS),
    ...labelProblems(args.labels),
  ];
}

/**
 * Redis on Memorystore in two zones with automatic failover: TLS only, a password, reachable inside the VPC alone.
 * Full memory is an error and never an eviction: an evicted key would be a piece of somebody's stream.
 *
 * Redis and not Valkey, because pods sign in with a password that lasts: Memorystore for Valkey takes IAM tokens,
 * which end after an hour, or nothing. For the same reason it has no shards: one instance holds 240 GiB, and a sizing
 * for shards gets one instance that holds it all.
 *
 * The password is made by Google, and belongs to the user `default`, who may do all that Memorystore lets anybody do.
 * The server's certificate is made out to its address, by an authority of its own.
 *
 * The primary's writes of the last moment can be lost in a failover: replication is asynchronous.
 */
export class Cache extends CloudComponent<CacheChildren> implements Provided<CacheConnection> {
  readonly contract: Provided<CacheConnection>['contract'];
  readonly objects: Provided<CacheConnection>['objects'];
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: CacheArgs, options?: ComponentResourceOptions) {
    const problems = [...placementProblems(args.placement), ...cacheProblems(args)];
    super('polypod:gcp:Cache', name, problems, args.transform, options);
    const { placement, removal, snapshotHours = 1 } = args;

    const instance = new Instance(
      ...this.child(
        'instance',
        {
          region: placement.region,
          tier: 'STANDARD_HA',
          memorySizeGb: cacheGib(args.size),
          redisVersion: 'REDIS_7_2',
          redisConfigs: { 'maxmemory-policy': 'noeviction' },
          authEnabled: true,
          transitEncryptionMode: 'SERVER_AUTHENTICATION',
          authorizedNetwork: placement.networkId,
          connectMode: 'PRIVATE_SERVICE_ACCESS',
          reservedIpRange: placement.peeringRangeName,
          customerManagedKey: args.kmsKeyName,
          persistenceConfig: { persistenceMode: 'RDB', rdbSnapshotPeriod: SNAPSHOTS[snapshotHours] },
          maintenancePolicy: {
            weeklyMaintenanceWindows: [
              { day: 'SUNDAY', startTime: { hours: 4, minutes: 0, seconds: 0, nanos: 0 } },
            ],
          },
          deletionProtection: (removal ?? 'retain') === 'retain',
          labels: componentLabels(name, args.labels),
        },
        { ...removalOptions(removal), customTimeouts: { create: '60m', update: '120m', delete: '60m' } },
      ),
    );

    this.contract = {
      host: instance.host,
      port: CACHE_PORT,
      mode: 'single',
      tls: { ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: { secretName: name },
      maxConnections: CACHE_CONNECTIONS,
      egress: serviceEgress(placement, CACHE_PORT),
    };
    this.objects = [
      credentialsSecret(name, { username: 'default', password: instance.authString }),
      certificateConfigMap(
        `${name}-ca`,
        // Public; a second one comes five years before the first ends.
        unsecret(instance.serverCaCerts).apply((authorities) => pemBundle(authorities)),
      ),
    ];
    this.ready = [instance];
    this.registerOutputs({ host: this.contract.host, port: CACHE_PORT });
  }
}

/** Authorities as one PEM text. */
export function pemBundle(authorities: readonly { readonly cert: string }[]): string {
  return authorities.map(({ cert }) => `${cert.trim()}\n`).join('');
}
