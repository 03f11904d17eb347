import type { SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup';
import { ParameterGroup, type ParameterGroupArgs } from '@pulumi/aws/elasticache/parameterGroup';
import { ReplicationGroup, type ReplicationGroupArgs } from '@pulumi/aws/elasticache/replicationGroup';
import { SubnetGroup, type SubnetGroupArgs } from '@pulumi/aws/elasticache/subnetGroup';
import { User, type UserArgs } from '@pulumi/aws/elasticache/user';
import { UserGroup, type UserGroupArgs } from '@pulumi/aws/elasticache/userGroup';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule';
import type { ComponentResourceOptions, Input, Resource } from '@pulumi/pulumi';
import { interpolate, output } from '@pulumi/pulumi';
import { RandomId, type RandomIdArgs } from '@pulumi/random/randomId';
import { RandomPassword, type RandomPasswordArgs } from '@pulumi/random/randomPassword';
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
  within,
} from '../cloud';
import type { CacheConnection, Problem } from '../contracts';
import { cacheNode, DEFAULT_SHARDS } from './cache-nodes';
import { fromNodes, placementProblems, type ServicePlacement, serviceSecurityGroup } from './service-access';
import { componentTags, type Tags, tagProblems } from './tags';

const PORT = 6379;

/** Size and protection of the cache. */
export interface CacheArgs {
  readonly placement: ServicePlacement;
  /** Data to hold, over all shards; the cheapest nodes that hold it are taken, at least `cache.t4g.small`. */
  readonly size: CacheSize;
  /**
   * `single` is one primary with replicas; `cluster` spreads keys over shards, each with replicas. ElastiCache refuses
   * to change it on a running cache.
   * @default `single`
   */
  readonly mode?: 'single' | 'cluster';
  /** Shards in cluster mode, 2 to 90, each with nodes of its own. @default 2 */
  readonly shards?: number;
  /** Replicas of each primary, 1 to 5, in zones of their own. Each costs as much as the primary. @default 1 */
  readonly replicas?: number;
  /** Days that daily snapshots are kept, 1 to 35. One day's are free. @default 7 */
  readonly snapshotDays?: number;
  /** Connections that the topology will open at most; refused where the nodes grant fewer. @default not checked */
  readonly requiredConnections?: number;
  /** KMS key for encryption at rest. Can't be changed later. @default ElastiCache's own key */
  readonly kmsKeyArn?: Input<string>;
  /** @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<CacheChildren>;
}

export interface CacheChildren {
  suffix: RandomIdArgs;
  password: RandomPasswordArgs;
  defaultPassword: RandomPasswordArgs;
  user: UserArgs;
  defaultUser: UserArgs;
  userGroup: UserGroupArgs;
  parameterGroup: ParameterGroupArgs;
  subnetGroup: SubnetGroupArgs;
  securityGroup: SecurityGroupArgs;
  fromNodes: SecurityGroupIngressRuleArgs;
  replicationGroup: ReplicationGroupArgs;
}

/** What is wrong with the arguments of a {@link Cache}, wherever it is placed. */
export function cacheProblems(args: Omit<CacheArgs, 'placement'>): Problem[] {
  const { requiredConnections } = args;
  const node = cacheNode(args);
  const problems: Problem[] = [];
  if (!(args.size.memory > 0)) {
    const reason = 'is not a number of bytes above 0';
    problems.push({
      path: 'size.memory',
      value: args.size.memory,
      reason,
      mend: 'write one such as 1073741824',
    });
  } else if (node === undefined) {
    const reason = 'is more than a node of ElastiCache holds (314 GiB of data)';
    problems.push({
      path: 'size.memory',
      value: args.size.memory,
      reason,
      mend: "spread it over shards, or over more: mode 'cluster'",
    });
  } else if (requiredConnections !== undefined && requiredConnections > node.maxConnections) {
    const reason = `is more than ${node.name} grants (${node.maxConnections})`;
    const mend = 'ask for a larger cache, for fewer pods, or for a smaller pool in each';
    problems.push({ path: 'requiredConnections', value: requiredConnections, reason, mend });
  }
  if (args.shards !== undefined && args.mode !== 'cluster') {
    const reason = "is only for mode 'cluster'";
    problems.push({
      path: 'shards',
      value: args.shards,
      reason,
      mend: "leave it out, or set mode to 'cluster'",
    });
  }
  return [
    ...problems,
    ...oneOf('mode', args.mode, ['single', 'cluster']),
    ...within('shards', args.shards, [2, 90], 'shards'),
    ...within('replicas', args.replicas, [1, 5], 'replicas'),
    ...within('snapshotDays', args.snapshotDays, [1, 35], 'days'),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * Valkey on ElastiCache, over several zones with automatic failover: TLS only, encrypted at rest, one user with a
 * password and no `default` user, reachable from the nodes alone. Full memory is an error and never an eviction:
 * an evicted key would be a piece of somebody's stream.
 *
 * The primary's writes of the last moment can be lost in a failover: replication is asynchronous.
 */
export class Cache extends CloudComponent<CacheChildren> implements Provided<CacheConnection> {
  readonly contract: Provided<CacheConnection>['contract'];
  readonly objects: Provided<CacheConnection>['objects'];
  readonly ready: readonly Resource[];
  /** Type of the nodes. */
  readonly nodeType: string;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: CacheArgs, options?: ComponentResourceOptions) {
    const misplaced = placementProblems(args.placement, { minimum: 2, why: 'a replica must survive a zone' });
    super('polypod:aws:Cache', name, [...misplaced, ...cacheProblems(args)], args.transform, options);
    const { placement, mode = 'single', replicas = 1, removal } = args;
    const tags = componentTags(name, args.tags);
    // The checks have refused a size that no node holds.
    const { name: nodeType = '', maxConnections } = cacheNode(args) ?? {};

    // ElastiCache's ids are its names, and a deleted one is not free at once.
    const suffix = new RandomId(...this.child('suffix', { byteLength: 4 }));
    const id = interpolate`${name}-${suffix.hex}`;
    const random = { length: 32, special: false };
    const password = new RandomPassword(...this.child('password', random));
    const defaultPassword = new RandomPassword(...this.child('defaultPassword', random));
    const user = new User(
      ...this.child('user', {
        userId: id,
        userName: 'polypod',
        engine: 'valkey',
        // All but what is dangerous (FLUSHALL, KEYS, SHUTDOWN …); clients ask INFO whether a server is ready.
        accessString: 'on ~* &* +@all -@dangerous +info',
        authenticationMode: { type: 'password', passwords: [password.result] },
        tags,
      }),
    );
    const defaultUser = new User(
      ...this.child('defaultUser', {
        userId: interpolate`${id}-default`,
        userName: 'default',
        engine: 'valkey',
        accessString: 'off ~* -@all',
        authenticationMode: { type: 'password', passwords: [defaultPassword.result] },
        tags,
      }),
    );
    const userGroup = new UserGroup(
      ...this.child('userGroup', {
        userGroupId: id,
        engine: 'valkey',
        userIds: [user.userId, defaultUser.userId],
        tags,
      }),
    );
    const parameterGroup = new ParameterGroup(
      ...this.child('parameterGroup', {
        family: 'valkey8',
        description: `Parameters of ${name}`,
        parameters: [
          { name: 'maxmemory-policy', value: 'noeviction' },
          ...(mode === 'cluster' ? [{ name: 'cluster-enabled', value: 'yes' }] : []),
        ],
        tags,
      }),
    );
    const subnetGroup = new SubnetGroup(
      ...this.child('subnetGroup', {
        subnetIds: [...placement.subnetIds],
        description: `Subnets of ${name}`,
        tags,
      }),
    );
    const group = new SecurityGroup(
      ...this.child('securityGroup', serviceSecurityGroup(placement, `Valkey of ${name}`, tags)),
    );
    const rule = new SecurityGroupIngressRule(
      ...this.child('fromNodes', fromNodes(placement, group.id, PORT, tags)),
    );
    const cache = new ReplicationGroup(
      ...this.child(
        'replicationGroup',
        {
          replicationGroupId: id,
          description: `Streams, sessions and cache of ${name}`,
          engine: 'valkey',
          engineVersion: '8.1',
          nodeType,
          port: PORT,
          ...(mode === 'cluster'
            ? { numNodeGroups: args.shards ?? DEFAULT_SHARDS, replicasPerNodeGroup: replicas }
            : { numCacheClusters: 1 + replicas }),
          multiAzEnabled: true,
          automaticFailoverEnabled: true,
          transitEncryptionEnabled: true,
          transitEncryptionMode: 'required',
          atRestEncryptionEnabled: true,
          kmsKeyId: args.kmsKeyArn,
          userGroupIds: [userGroup.userGroupId],
          parameterGroupName: parameterGroup.name,
          subnetGroupName: subnetGroup.name,
          securityGroupIds: [group.id],
          snapshotRetentionLimit: args.snapshotDays ?? 7,
          snapshotWindow: '02:00-03:00',
          maintenanceWindow: 'sun:04:00-sun:05:00',
          finalSnapshotIdentifier: interpolate`${id}-final`,
          autoMinorVersionUpgrade: true,
          tags,
        },
        // Nodes are made one after another, and resharding moves keys.
        { ...removalOptions(removal), customTimeouts: { create: '60m', update: '120m', delete: '60m' } },
      ),
    );

    this.nodeType = nodeType;
    this.contract = {
      host: mode === 'cluster' ? cache.configurationEndpointAddress : cache.primaryEndpointAddress,
      port: PORT,
      mode,
      // Signed by Amazon's public authority, which every trust store has.
      tls: true,
      credentials: { secretName: name },
      maxConnections,
      egress: { cidrs: placement.subnetCidrs.map((cidr) => output(cidr)), ports: [PORT] },
    };
    this.objects = [credentialsSecret(name, { username: user.userName, password: password.result })];
    this.ready = [cache, rule];
    this.registerOutputs({ host: this.contract.host, port: PORT });
  }
}
