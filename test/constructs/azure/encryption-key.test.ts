import { EncryptionKey } from '../../../constructs/azure/encryption-key';
import { opened, runProgram } from '../../support/pulumi-mocks';
import { AZURE, AZURE_PREVIEW } from './azure-mocks';

const build = (removal?: 'destroy') =>
  new EncryptionKey('chat-production-key', { resourceGroupName: 'chat', location: 'westeurope', removal });

describe('EncryptionKey', () => {
  it.each([
    ['up', AZURE],
    ['preview', AZURE_PREVIEW],
  ])('makes a key that nobody can purge, and an identity that may use it, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'azure-native:authorization:ManagementLockByScope': 1,
      'azure-native:authorization:RoleAssignment': 1,
      'azure-native:keyvault:Key': 1,
      'azure-native:keyvault:Vault': 1,
      'azure-native:managedidentity:UserAssignedIdentity': 1,
      'random:index/randomId:RandomId': 1,
    });
    const vault = run.get('azure-native:keyvault:Vault');
    expect(vault).toMatchObject({
      protect: true,
      inputs: { properties: { enablePurgeProtection: true, enableRbacAuthorization: true } },
    });
    expect(run.get('azure-native:keyvault:Key').inputs.properties).toMatchObject({
      rotationPolicy: {
        lifetimeActions: [{ action: { type: 'rotate' }, trigger: { timeAfterCreate: 'P1Y' } }],
      },
    });
  });

  it('names the vault within 24 characters', async () => {
    const run = await runProgram(() => build(), AZURE);
    const { vaultName } = run.get('azure-native:keyvault:Vault').inputs;
    expect(vaultName).toBe('chat-production0a1b2c3d');
    expect((await opened(run.result.access)).value).toMatchObject({
      keyName: 'data',
      identityId: expect.any(String),
    });
  });

  it('can be torn down on purpose', async () => {
    const run = await runProgram(() => build('destroy'), AZURE);
    expect(run.resources.filter(({ protect }) => protect)).toEqual([]);
    expect(run.counts()).not.toHaveProperty('azure-native:authorization:ManagementLockByScope');
  });
});
