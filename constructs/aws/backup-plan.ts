import { Plan, type PlanArgs } from '@pulumi/aws/backup/plan';
import { Selection, type SelectionArgs } from '@pulumi/aws/backup/selection';
import { Vault, type VaultArgs } from '@pulumi/aws/backup/vault';
import {
  VaultLockConfiguration,
  type VaultLockConfigurationArgs,
} from '@pulumi/aws/backup/vaultLockConfiguration';
import { Role, type RoleArgs } from '@pulumi/aws/iam/role';
import { RolePolicyAttachment, type RolePolicyAttachmentArgs } from '@pulumi/aws/iam/rolePolicyAttachment';
import type { ComponentResourceOptions, Input, Output } from '@pulumi/pulumi';
import {
  CloudComponent,
  matches,
  oneOf,
  REMOVALS,
  type Removal,
  removalOptions,
  required,
  type Transforms,
  within,
} from '../cloud';
import type { Problem } from '../contracts';
import { managedPolicy, serviceRole } from './iam';
import { componentTags, type Tags, tagProblems } from './tags';

export interface BackupPlanArgs {
  /** Region, for the ARNs of AWS's own policies. */
  readonly region: string;
  /** What is backed up, such as the ARN of a file system. */
  readonly resourceArns: readonly Input<string>[];
  /** When, as an AWS cron expression in UTC. @default daily at 03:00, `cron(0 3 * * ? *)` */
  readonly schedule?: string;
  /** Days that a backup is kept. Each costs by the gigabyte and month. @default 35 */
  readonly retentionDays?: number;
  /**
   * Days after which a backup moves to cold storage, at a fifth of the price; it must stay there 90 days at least.
   * @default backups stay warm
   */
  readonly coldStorageAfterDays?: number;
  /**
   * Governance lock: nobody without a special right can delete a backup before its time.
   * @default false
   */
  readonly locked?: boolean;
  /** KMS key of the vault. Changing it replaces the vault. @default AWS's own key `aws/backup` */
  readonly kmsKeyArn?: Input<string>;
  /** @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<BackupPlanChildren>;
}

export interface BackupPlanChildren {
  vault: VaultArgs;
  lock: VaultLockConfigurationArgs;
  plan: PlanArgs;
  role: RoleArgs;
  rolePolicy: RolePolicyAttachmentArgs;
  selection: SelectionArgs;
}

/** What is wrong with the arguments of a {@link BackupPlan}. */
export function backupPlanProblems(args: Omit<BackupPlanArgs, 'resourceArns'>): Problem[] {
  const { retentionDays = 35, coldStorageAfterDays } = args;
  const problems: Problem[] = [];
  if (coldStorageAfterDays !== undefined && retentionDays < coldStorageAfterDays + 90) {
    const reason = `is less than 90 days after coldStorageAfterDays (${coldStorageAfterDays})`;
    const mend = `write ${coldStorageAfterDays + 90} or more, or leave coldStorageAfterDays out`;
    problems.push({ path: 'retentionDays', value: retentionDays, reason, mend });
  }
  return [
    ...matches('schedule', args.schedule, /^cron\((\S+ ){5}\S+\)$/, {
      reason: "is not one of AWS's cron expressions, which have six fields",
      mend: 'write one such as cron(0 3 * * ? *)',
    }),
    ...within('retentionDays', args.retentionDays, [1, 36_500], 'days'),
    ...within('coldStorageAfterDays', coldStorageAfterDays, [1, 36_500], 'days'),
    ...problems,
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * Backups of file systems by AWS Backup, in a vault of their own. What can be lost is what was written since the
 * last backup, a day by default; restoring a terabyte of EFS takes hours and gives a new directory.
 */
export class BackupPlan extends CloudComponent<BackupPlanChildren> {
  readonly vaultName: Output<string>;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: BackupPlanArgs, options?: ComponentResourceOptions) {
    const missing = required('resourceArns', args.resourceArns, 'name what is to be backed up');
    super('polypod:aws:BackupPlan', name, [...backupPlanProblems(args), ...missing], args.transform, options);
    const { region, retentionDays = 35, removal } = args;
    const tags = componentTags(name, args.tags);

    const vault = new Vault(
      ...this.child(
        'vault',
        { kmsKeyArn: args.kmsKeyArn, forceDestroy: removal === 'destroy', tags },
        removalOptions(removal),
      ),
    );
    if (args.locked) {
      new VaultLockConfiguration(
        ...this.child('lock', { backupVaultName: vault.name, minRetentionDays: Math.min(retentionDays, 7) }),
      );
    }
    const plan = new Plan(
      ...this.child('plan', {
        rules: [
          {
            ruleName: 'scheduled',
            targetVaultName: vault.name,
            schedule: args.schedule ?? 'cron(0 3 * * ? *)',
            startWindow: 60,
            completionWindow: 720,
            lifecycle: { deleteAfter: retentionDays, coldStorageAfter: args.coldStorageAfterDays },
          },
        ],
        tags,
      }),
    );
    const role = new Role(...this.child('role', serviceRole('backup.amazonaws.com', tags)));
    const rights = ['ForBackup', 'ForRestores'].map(
      (right) =>
        new RolePolicyAttachment(
          ...this.child(
            'rolePolicy',
            {
              role: role.name,
              policyArn: managedPolicy(region, `service-role/AWSBackupServiceRolePolicy${right}`),
            },
            {},
            right,
          ),
        ),
    );
    new Selection(
      ...this.child(
        'selection',
        { planId: plan.id, iamRoleArn: role.arn, resources: [...args.resourceArns] },
        { dependsOn: rights },
      ),
    );

    this.vaultName = vault.name;
    this.registerOutputs({ vaultName: this.vaultName });
  }
}
