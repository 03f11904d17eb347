import { SecurityGroup, type SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup';
import { BackupPolicy, type BackupPolicyArgs } from '@pulumi/aws/efs/backupPolicy';
import { FileSystem, type FileSystemArgs } from '@pulumi/aws/efs/fileSystem';
import { FileSystemPolicy, type FileSystemPolicyArgs } from '@pulumi/aws/efs/fileSystemPolicy';
import { MountTarget, type MountTargetArgs } from '@pulumi/aws/efs/mountTarget';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule';
import type { ComponentResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import { jsonStringify } from '@pulumi/pulumi';
import {
  CloudComponent,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  removalOptions,
  type Transforms,
  within,
} from '../cloud';
import type { Problem, SharedStorage } from '../contracts';
import { fileSystemStorage } from './file-system-storage';
import { fromNodes, placementProblems, type ServicePlacement, serviceSecurityGroup } from './service-access';
import { componentTags, type Tags, tagProblems } from './tags';

const NFS_PORT = 2049;

/** When files that nobody reads move to cheaper storage. Reading them there costs for each byte. */
const TRANSITIONS = [1, 7, 14, 30, 60, 90, 180, 270, 365] as const;

/** Size, speed and protection of the Amazon EFS file system. */
export interface SharedFileSystemArgs {
  readonly placement: ServicePlacement;
  /**
   * `elastic` is paid by bytes read and written and needs no planning; `{ provisioned }`, in MiB/s, is paid by the
   * hour and is cheaper where models are read all day. Bursting is not offered: its credits run out in the middle
   * of a load.
   * @default `elastic`
   */
  readonly throughput?: 'elastic' | { readonly provisioned: number };
  /** KMS key for encryption at rest. It can't be changed later. @default AWS's own key `aws/elasticfilesystem` */
  readonly kmsKeyArn?: Input<string>;
  /**
   * Days without access after which files move to Infrequent Access, which stores for a tenth of the price and
   * charges for reading; they come back at the first access.
   * @default files stay: models are read whole at each start
   */
  readonly infrequentAccessAfterDays?: (typeof TRANSITIONS)[number];
  /** Daily backups by AWS Backup's default plan for EFS, kept 35 days. @default true */
  readonly automaticBackups?: boolean;
  /** @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<SharedFileSystemChildren>;
}

export interface SharedFileSystemChildren {
  fileSystem: FileSystemArgs;
  policy: FileSystemPolicyArgs;
  backupPolicy: BackupPolicyArgs;
  securityGroup: SecurityGroupArgs;
  fromNodes: SecurityGroupIngressRuleArgs;
  mountTarget: MountTargetArgs;
}

/** What is wrong with the arguments of a {@link SharedFileSystem}, wherever it is placed. */
export function sharedFileSystemProblems(args: Omit<SharedFileSystemArgs, 'placement'>): Problem[] {
  const { throughput = 'elastic' } = args;
  return [
    ...(typeof throughput === 'string'
      ? oneOf('throughput', throughput, ['elastic'])
      : within('throughput.provisioned', throughput.provisioned, [1, 3414], 'MiB/s')),
    ...oneOf('infrequentAccessAfterDays', args.infrequentAccessAfterDays, TRANSITIONS),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * An EFS file system that every pod mounts: encrypted, TLS only, reachable from the nodes alone, with a mount
 * target in each zone so that no read crosses zones.
 *
 * Replacing it destroys its files. It is replaced when its encryption or KMS key changes; `removal: 'retain'`
 * refuses that.
 */
export class SharedFileSystem
  extends CloudComponent<SharedFileSystemChildren>
  implements Provided<SharedStorage>
{
  readonly fileSystemId: Output<string>;
  readonly fileSystemArn: Output<string>;
  readonly contract: Provided<SharedStorage>['contract'];
  readonly objects: Provided<SharedStorage>['objects'] = [];
  /** The mount targets: before them, a mount hangs. */
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: SharedFileSystemArgs, options?: ComponentResourceOptions) {
    const misplaced = placementProblems(args.placement, {
      minimum: 1,
      why: 'pods mount it from their own zone',
    });
    const problems = [...misplaced, ...sharedFileSystemProblems(args)];
    super('polypod:aws:SharedFileSystem', name, problems, args.transform, options);
    const { placement, throughput = 'elastic', removal } = args;
    const tags = componentTags(name, args.tags);

    const fileSystem = new FileSystem(
      ...this.child(
        'fileSystem',
        {
          encrypted: true,
          kmsKeyId: args.kmsKeyArn,
          performanceMode: 'generalPurpose',
          throughputMode: typeof throughput === 'string' ? throughput : 'provisioned',
          provisionedThroughputInMibps: typeof throughput === 'string' ? undefined : throughput.provisioned,
          lifecyclePolicies: lifecyclePolicies(args.infrequentAccessAfterDays),
          tags,
        },
        removalOptions(removal),
      ),
    );
    const policy = new FileSystemPolicy(
      ...this.child('policy', { fileSystemId: fileSystem.id, policy: tlsOnly(fileSystem.arn) }),
    );
    new BackupPolicy(
      ...this.child('backupPolicy', {
        fileSystemId: fileSystem.id,
        backupPolicy: { status: (args.automaticBackups ?? true) ? 'ENABLED' : 'DISABLED' },
      }),
    );
    const group = new SecurityGroup(
      ...this.child('securityGroup', serviceSecurityGroup(placement, `NFS of ${name}`, tags)),
    );
    const rule = new SecurityGroupIngressRule(
      ...this.child('fromNodes', fromNodes(placement, group.id, NFS_PORT, tags)),
    );
    const mountTargets = placement.subnetIds.map(
      (subnetId, zone) =>
        new MountTarget(
          ...this.child(
            'mountTarget',
            { fileSystemId: fileSystem.id, subnetId, securityGroups: [group.id] },
            {},
            zone + 1,
          ),
        ),
    );

    this.fileSystemId = fileSystem.id;
    this.fileSystemArn = fileSystem.arn;
    this.contract = fileSystemStorage(name, fileSystem.id, throughput);
    this.ready = [...mountTargets, rule, policy];
    this.registerOutputs({ fileSystemId: this.fileSystemId, fileSystemArn: this.fileSystemArn });
  }
}

function lifecyclePolicies(
  days: SharedFileSystemArgs['infrequentAccessAfterDays'],
): FileSystemArgs['lifecyclePolicies'] {
  if (days === undefined) return undefined;
  const transitionToIa = `AFTER_${days}_DAY${days === 1 ? '' : 'S'}`;
  return [{ transitionToIa }, { transitionToPrimaryStorageClass: 'AFTER_1_ACCESS' }];
}

/**
 * A policy replaces EFS's default of admitting whoever reaches a mount target: they are still admitted, but only
 * with TLS. The CSI driver always mounts with TLS.
 */
function tlsOnly(fileSystemArn: Output<string>): Output<string> {
  return jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ThroughMountTargets',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'elasticfilesystem:ClientMount',
          'elasticfilesystem:ClientWrite',
          'elasticfilesystem:ClientRootAccess',
        ],
        Resource: fileSystemArn,
        Condition: { Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } },
      },
      {
        Sid: 'OnlyWithTls',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: '*',
        Resource: fileSystemArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
