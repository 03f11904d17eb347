import { Job, type JobArgs } from '@pulumi/gcp/cloudscheduler/job';
import { IAMMember, type IAMMemberArgs } from '@pulumi/gcp/projects/iammember';
import { Account, type AccountArgs } from '@pulumi/gcp/serviceaccount/account';
import { Workflow, type WorkflowArgs } from '@pulumi/gcp/workflows/workflow';
import type { ComponentResourceOptions, Input, Output } from '@pulumi/pulumi';
import { interpolate, output } from '@pulumi/pulumi';
import { CloudComponent, matches, type Transforms, within } from '../cloud';
import type { Problem } from '../contracts';
import { accountId, projectProblems, regionProblems } from './argument-forms';
import { backupWorkflow } from './backup-workflow';
import { componentLabels, type Labels, labelProblems } from './labels';

export interface BackupPlanArgs {
  readonly project: string;
  /** Region of the backups; another than the instance's also survives the loss of that. */
  readonly region: string;
  /** The Filestore instance, `projects/PROJECT/locations/LOCATION/instances/NAME`. */
  readonly instanceId: Input<string>;
  readonly shareName: string;
  /** When, as a cron expression of five fields in UTC. @default daily at 03:00, `0 3 * * *` */
  readonly schedule?: string;
  /** Days that a backup is kept. Each costs by what differs from the one before. @default 35 */
  readonly retentionDays?: number;
  readonly labels?: Labels;
  readonly transform?: Transforms<BackupPlanChildren>;
}

export interface BackupPlanChildren {
  account: AccountArgs;
  role: IAMMemberArgs;
  workflow: WorkflowArgs;
  job: JobArgs;
}

/** What is wrong with the arguments of a {@link BackupPlan}. */
export function backupPlanProblems(args: Omit<BackupPlanArgs, 'instanceId' | 'shareName'>): Problem[] {
  return [
    ...projectProblems('project', args.project),
    ...regionProblems('region', args.region),
    ...matches('schedule', args.schedule, /^(\S+ ){4}\S+$/, {
      reason: 'is not a cron expression of five fields',
      mend: 'write one such as 0 3 * * *',
    }),
    ...within('retentionDays', args.retentionDays, [1, 3650], 'days'),
    ...labelProblems(args.labels),
  ];
}

/** To make, list and delete backups; and to start the workflow. */
const ROLES = ['roles/file.editor', 'roles/workflows.invoker'];

/**
 * Backups of a Filestore share on a schedule, which Filestore itself does not know: Cloud Scheduler starts a workflow
 * that makes a backup and deletes the old ones. What can be lost is what was written since the last one, a day by
 * default; a restore makes a new instance.
 *
 * Backups are no resources of Pulumi's: they outlive plan and instance, and must be deleted by hand.
 */
export class BackupPlan extends CloudComponent<BackupPlanChildren> {
  readonly workflowId: Output<string>;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: BackupPlanArgs, options?: ComponentResourceOptions) {
    super('polypod:gcp:BackupPlan', name, backupPlanProblems(args), args.transform, options);
    const { project, region, shareName, retentionDays = 35 } = args;

    const account = new Account(
      ...this.child('account', { accountId: accountId(name), displayName: `Backups of ${name}` }),
    );
    const member = interpolate`serviceAccount:${account.email}`;
    const roles = ROLES.map(
      (role) =>
        new IAMMember(
          ...this.child(
            'role',
            { project, role, member },
            {},
            role.replace(/^roles\//, '').replace('.', '-'),
          ),
        ),
    );
    const workflow = new Workflow(
      ...this.child(
        'workflow',
        {
          region,
          description: `Backs up Filestore for ${name}`,
          serviceAccount: account.id,
          sourceContents: output(args.instanceId).apply((instanceId) =>
            backupWorkflow({ project, region, name, instanceId, shareName, retentionDays }),
          ),
          callLogLevel: 'LOG_ERRORS_ONLY',
          // There is nothing in it that could be lost.
          deletionProtection: false,
          labels: componentLabels(name, args.labels),
        },
        { dependsOn: roles },
      ),
    );
    new Job(
      ...this.child('job', {
        region,
        description: `Starts the backup of ${name}`,
        schedule: args.schedule ?? '0 3 * * *',
        timeZone: 'Etc/UTC',
        retryConfig: { retryCount: 3 },
        httpTarget: {
          httpMethod: 'POST',
          uri: interpolate`https://workflowexecutions.googleapis.com/v1/${workflow.id}/executions`,
          body: Buffer.from('{}').toString('base64'),
          headers: { 'Content-Type': 'application/json' },
          oauthToken: { serviceAccountEmail: account.email },
        },
      }),
    );

    this.workflowId = workflow.id;
    this.registerOutputs({ workflowId: this.workflowId });
  }
}
