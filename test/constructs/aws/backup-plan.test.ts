import { BackupPlan, type BackupPlanArgs } from '../../../constructs/aws/backup-plan';
import { EncryptionKey } from '../../../constructs/aws/encryption-key';
import { runProgram } from '../../support/pulumi-mocks';
import { AWS, AWS_PREVIEW } from './aws-mocks';

const FILES = 'arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0123456789abcdef0';
const build = (args: Partial<BackupPlanArgs> = {}) =>
  new BackupPlan('chat-backup', { region: 'eu-central-1', resourceArns: [FILES], ...args });

describe('BackupPlan', () => {
  it.each([
    ['up', AWS],
    ['preview', AWS_PREVIEW],
  ])('backs up each day into a vault that is kept, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'aws:backup/plan:Plan': 1,
      'aws:backup/selection:Selection': 1,
      'aws:backup/vault:Vault': 1,
      'aws:iam/role:Role': 1,
      'aws:iam/rolePolicyAttachment:RolePolicyAttachment': 2,
    });
    expect(run.get('aws:backup/plan:Plan').inputs.rules).toEqual([
      expect.objectContaining({ schedule: 'cron(0 3 * * ? *)', lifecycle: { deleteAfter: 35 } }),
    ]);
    expect(run.get('aws:backup/vault:Vault')).toMatchObject({ protect: true, retainOnDelete: true });
    expect(run.get('aws:backup/selection:Selection').inputs.resources).toEqual([FILES]);
  });

  it('selects only once its role may back up and restore', async () => {
    const run = await runProgram(() => build(), AWS);
    const rights = run.ofType('aws:iam/rolePolicyAttachment:RolePolicyAttachment').map(({ urn }) => urn);
    expect(run.get('aws:backup/selection:Selection').dependencies).toEqual(expect.arrayContaining(rights));
  });

  it('locks the vault in governance mode, which a privileged hand can still open', async () => {
    const run = await runProgram(() => build({ locked: true }), AWS);
    expect(run.get('aws:backup/vaultLockConfiguration:VaultLockConfiguration').inputs).not.toHaveProperty(
      'changeableForDays',
    );
  });

  it('refuses cold storage that backups would leave too early, and crontab syntax', async () => {
    const run = await runProgram(() => {
      const program = () =>
        build({ coldStorageAfterDays: 30, retentionDays: 60, schedule: '0 3 * * *', resourceArns: [] });
      expect(program).toThrow(/retentionDays = 60\n.*\n.*write 120 or more/);
      expect(program).toThrow(/schedule = "0 3 \* \* \*"/);
      expect(program).toThrow(/resourceArns/);
    }, AWS);
    expect(run.resources).toEqual([]);
  });
});

describe('EncryptionKey', () => {
  it('rotates, and is kept: without it, backups are noise', async () => {
    const run = await runProgram(() => new EncryptionKey('chat-key'), AWS);
    expect(run.counts()).toEqual({ 'aws:kms/alias:Alias': 1, 'aws:kms/key:Key': 1 });
    expect(run.get('aws:kms/key:Key')).toMatchObject({
      protect: true,
      retainOnDelete: true,
      inputs: { enableKeyRotation: true, deletionWindowInDays: 30 },
    });
    expect(run.get('aws:kms/alias:Alias').inputs.name).toBe('alias/chat-key');
  });
});
