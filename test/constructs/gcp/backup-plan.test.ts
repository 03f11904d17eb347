import { BackupPlan, type BackupPlanArgs } from '../../../constructs/gcp/backup-plan';
import { runProgram } from '../../support/pulumi-mocks';
import { GCP, MODES } from './gcp-mocks';

const FILES = 'projects/acme-chat/locations/europe-west3/instances/chat-files';
const build = (args: Partial<BackupPlanArgs> = {}) =>
  new BackupPlan('chat-backup', {
    project: 'acme-chat',
    region: 'europe-west3',
    instanceId: FILES,
    shareName: 'models',
    ...args,
  });

/** The steps of the workflow, by their names. */
async function steps(args: Partial<BackupPlanArgs> = {}): Promise<Record<string, unknown>> {
  const run = await runProgram(() => build(args), GCP);
  const { main } = JSON.parse(String(run.get('gcp:workflows/workflow:Workflow').inputs.sourceContents));
  return Object.assign({}, ...main.steps);
}

describe('BackupPlan', () => {
  it.each(MODES)('makes a workflow and what starts it each day, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'gcp:cloudscheduler/job:Job': 1,
      'gcp:projects/iAMMember:IAMMember': 2,
      'gcp:serviceaccount/account:Account': 1,
      'gcp:workflows/workflow:Workflow': 1,
    });
    expect(run.get('gcp:cloudscheduler/job:Job').inputs).toMatchObject({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      httpTarget: { httpMethod: 'POST', body: 'e30=' },
    });
  });

  it('starts the workflow with an account that can make backups and nothing else', async () => {
    const run = await runProgram(() => build(), GCP);
    const account = 'chat-backup-sa@acme-chat.iam.gserviceaccount.com';
    expect(run.get('gcp:cloudscheduler/job:Job').inputs.httpTarget).toMatchObject({
      uri: expect.stringMatching(
        /^https:\/\/workflowexecutions\.googleapis\.com\/v1\/.*chat-backup-workflow.*\/executions$/,
      ),
      oauthToken: { serviceAccountEmail: account },
    });
    expect(run.ofType('gcp:projects/iAMMember:IAMMember').map(({ inputs }) => inputs.role)).toEqual([
      'roles/file.editor',
      'roles/workflows.invoker',
    ]);
  });

  it('makes one backup of the share, and then deletes only old ones of its own', async () => {
    const { create, list, expire } = await steps({ retentionDays: 7 });
    expect(create).toMatchObject({
      call: 'http.post',
      args: {
        url: 'https://file.googleapis.com/v1/projects/acme-chat/locations/europe-west3/backups',
        auth: { type: 'OAuth2' },
        body: {
          sourceInstance: FILES,
          sourceFileShare: 'models',
          labels: { 'polypod-component': 'chat-backup' },
        },
      },
    });
    expect(list).toMatchObject({
      args: { query: { filter: 'labels.polypod-component="chat-backup"' } },
    });
    expect(JSON.stringify(expire)).toContain('604800');
    expect(Object.keys(await steps())).toEqual(['now', 'create', 'list', 'expire', 'done']);
  });

  it('refuses what no scheduler takes', async () => {
    const run = await runProgram(() => {
      expect(() => build({ schedule: 'daily', retentionDays: 0, region: 'Frankfurt', project: 'X' })).toThrow(
        /4 problems[\s\S]*project[\s\S]*region[\s\S]*schedule = "daily"[\s\S]*retentionDays = 0/,
      );
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});
