import { SharedFileSystem, type SharedFileSystemArgs } from '../../../constructs/azure/shared-file-system';
import { InvalidInputError, isPlaceholder, type SharedStorage } from '../../../constructs/contracts';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AZURE, AZURE_PREVIEW, PLACEMENT } from './azure-mocks';

const build = (args: Partial<SharedFileSystemArgs> = {}) =>
  new SharedFileSystem('chat-files', {
    placement: PLACEMENT,
    clusterPrincipalId: 'cluster-principal',
    ...args,
  });

describe('SharedFileSystem', () => {
  it('makes one account of SSDs over three zones that is reached by a private endpoint alone', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.counts()).toEqual({
      'azure-native:authorization:ManagementLockByScope': 1,
      'azure-native:authorization:RoleAssignment': 1,
      'azure-native:network:PrivateDnsZoneGroup': 1,
      'azure-native:network:PrivateEndpoint': 1,
      'azure-native:privatedns:PrivateZone': 1,
      'azure-native:privatedns:VirtualNetworkLink': 1,
      'azure-native:storage:FileServiceProperties': 1,
      'azure-native:storage:StorageAccount': 1,
      'random:index/randomId:RandomId': 1,
    });
    const account = run.get('azure-native:storage:StorageAccount');
    expect(account).toMatchObject({ protect: true, retainOnDelete: true });
    expect(account.inputs).toMatchObject({
      accountName: 'chatfiles0a1b2c3d',
      kind: 'FileStorage',
      sku: { name: 'Premium_ZRS' },
      enableHttpsTrafficOnly: true,
      publicNetworkAccess: 'Disabled',
      allowSharedKeyAccess: false,
    });
    expect(account.inputs).not.toHaveProperty('encryption');
    expect(run.get('azure-native:storage:FileServiceProperties').inputs.shareDeleteRetentionPolicy).toEqual({
      enabled: true,
      days: 14,
    });
    expect(run.get('azure-native:authorization:ManagementLockByScope').inputs.level).toBe('CanNotDelete');
  });

  it("answers the account's name in the nodes' network, by Azure's zone for files", async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.get('azure-native:privatedns:PrivateZone').inputs).toMatchObject({
      privateZoneName: 'privatelink.file.core.windows.net',
      location: 'global',
    });
    expect(run.get('azure-native:privatedns:VirtualNetworkLink').inputs).toMatchObject({
      privateZoneName: 'privatelink.file.core.windows.net',
      virtualNetwork: { id: PLACEMENT.virtualNetworkId },
    });
    expect(run.get('azure-native:network:PrivateEndpoint').inputs).toMatchObject({
      subnet: { id: PLACEMENT.endpointSubnetId },
      privateLinkServiceConnections: [{ groupIds: ['file'], privateLinkServiceId: 'chat-files-account-id' }],
    });
  });

  it('takes a zone that the network has already', async () => {
    const run = await runProgram(() => build({ privateDnsZoneId: '/zones/files' }), AZURE);
    expect(run.counts()).not.toHaveProperty('azure-native:privatedns:PrivateZone');
    expect(run.get('azure-native:network:PrivateDnsZoneGroup').inputs.privateDnsZoneConfigs).toMatchObject([
      { privateDnsZoneId: '/zones/files' },
    ]);
  });

  it("lets the cluster's driver make shares, and gives a class for it", async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.get('azure-native:authorization:RoleAssignment').inputs).toMatchObject({
      principalId: 'cluster-principal',
      principalType: 'ServicePrincipal',
      scope: 'chat-files-account-id',
      roleDefinitionId: expect.stringContaining('17d1049b-9a84-46fb-8f53-869881c3d3ab'),
    });
    const { contract, ready } = run.result;
    expect(contract).toMatchObject({
      kind: 'azure-files',
      minimumSize: '100Gi',
      storageClass: {
        name: 'chat-files-azure-files',
        provisioner: 'file.csi.azure.com',
        parameters: {
          protocol: 'nfs',
          encryptInTransit: 'true',
          skuName: 'Premium_ZRS',
          resourceGroup: 'chat',
          storageAccount: expect.any(String),
        },
      },
    });
    const urns = await Promise.all(ready.map(async ({ urn }) => String((await opened(urn)).value)));
    for (const type of ['RoleAssignment', 'PrivateDnsZoneGroup', 'VirtualNetworkLink']) {
      expect(urns.some((urn) => urn.includes(`:${type}::`))).toBe(true);
    }
  });

  it('leaves what Azure makes up unknown in a preview', async () => {
    const run = await runProgram(() => build(), AZURE_PREVIEW);
    expect(run.get('azure-native:storage:StorageAccount').inputs.accountName).toBe(UNKNOWN);
    expect(run.get('azure-native:authorization:RoleAssignment').unknowns).toEqual(
      expect.arrayContaining(['scope', 'roleDefinitionId']),
    );
    const { storageClass } = run.result.contract as SharedStorage;
    expect(typeof storageClass === 'object' && isPlaceholder(storageClass.parameters.storageAccount)).toBe(
      true,
    );
  });

  it('encrypts with a key of ours, whatever its version', async () => {
    const encryptionKey = {
      vaultUri: 'https://v.vault.azure.net/',
      vaultId: 'vault',
      keyName: 'data',
      keyUri: 'https://v.vault.azure.net/keys/data/1',
      identityId: 'identity',
      identityClientId: 'client',
    };
    const run = await runProgram(() => build({ encryptionKey }), AZURE);
    expect(run.get('azure-native:storage:StorageAccount').inputs).toMatchObject({
      identity: { type: 'UserAssigned', userAssignedIdentities: ['identity'] },
      encryption: {
        keySource: 'Microsoft.Keyvault',
        keyVaultProperties: { keyName: 'data', keyVaultUri: 'https://v.vault.azure.net/' },
      },
    });
  });

  it('can be torn down on purpose, and changed where nothing else helps', async () => {
    const run = await runProgram(
      () =>
        build({
          removal: 'destroy',
          transform: {
            account: { allowSharedKeyAccess: true },
            privateEndpoint: (args, options) => {
              args.customNetworkInterfaceName = 'files';
              options.ignoreChanges = ['tags'];
            },
          },
        }),
      AZURE,
    );
    expect(run.get('azure-native:storage:StorageAccount')).toMatchObject({
      protect: false,
      retainOnDelete: false,
      inputs: { kind: 'FileStorage', allowSharedKeyAccess: true },
    });
    expect(run.counts()).not.toHaveProperty('azure-native:authorization:ManagementLockByScope');
    expect(run.get('azure-native:network:PrivateEndpoint', 'chat-files-private-endpoint')).toMatchObject({
      inputs: { customNetworkInterfaceName: 'files' },
      ignoreChanges: ['tags'],
    });
  });

  it('says everything that is wrong before anything is registered', async () => {
    const program = () =>
      new SharedFileSystem('Chat_Prod', {
        placement: { ...PLACEMENT, endpointSubnetId: 'endpoints' },
        clusterPrincipalId: 'cluster-principal',
        sku: JSON.parse('"Standard_LRS"'),
        gibibytes: 50,
        tags: { 'azure owner': 'me' },
      });
    const run = await runProgram(() => {
      expect(program).toThrow(InvalidInputError);
      expect(program).toThrow(
        /6 problems[\s\S]*name = "Chat_Prod"[\s\S]*placement\.endpointSubnetId = "endpoints"[\s\S]*sku = "Standard_LRS"[\s\S]*gibibytes = 50[\s\S]*azure owner/,
      );
    });
    expect(run.resources).toEqual([]);
  });
});
