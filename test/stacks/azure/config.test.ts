import { config } from '../../../stacks/azure/config';
import { standInSettings } from '../../../stacks/deployment/stand-in';
import type { InferenceSettings } from '../../../stacks/topology';
import { AZURE, ENDPOINT_SUBNET, NODE_SUBNET } from '../../constructs/azure/azure-mocks';
import { existing } from '../../constructs/azure/existing-mocks';
import { type MockedCloud, runProgram } from '../../support/pulumi-mocks';

const GIB = 1024 ** 3;
const SIZING = {
  database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
  cache: { memory: GIB, mode: 'single' as const, maxConnections: 30 },
};
const CLUSTER = { publicAccessCidrs: ['203.0.113.0/24'] };
const CREDENTIALS = { username: 'chat', password: 'password-of-the-user' };
const EXISTING: MockedCloud = { ...AZURE, answers: { ...AZURE.answers, ...existing() } };

function settingsOf(gib: number): InferenceSettings {
  const settings = standInSettings();
  const size = { text: `${gib}Gi`, bytes: gib * GIB };
  return { ...settings, sharedFiles: { ...settings.sharedFiles, size } };
}

const plan = (section: Record<string, unknown>, gib = 100) =>
  config.plan(
    config.schema.parse({
      location: 'westeurope',
      cluster: CLUSTER,
      image: { existing: 'ghcr.io/acme/chat:1.4.2' },
      ...section,
    }),
    { name: 'chat', settings: settingsOf(gib), usesCache: true, sizing: SIZING, fromRoot: (path) => path },
  );

describe('the section polypod:azure', () => {
  it('lays a foundation of what it says', async () => {
    const pool = { vmSize: 'Standard_D8ds_v5', minNodes: 2, maxNodes: 6 };
    const planned = plan({
      cluster: {
        ...CLUSTER,
        version: '1.36',
        zones: ['1', '3'],
        systemVmSize: 'Standard_D4ds_v5',
        cpu: pool,
        gpu: { ...pool, vmSize: 'Standard_NC4as_T4_v3', minNodes: 0 },
        network: { cidr: '10.8.0.0/16', outbound: 'nat-gateway' },
      },
      storage: { sku: 'PremiumV2_ZRS', deletedShareDays: 30 },
      cache: { persistence: 'aof' },
      database: { zoneRedundant: false, backupDays: 21 },
      encryptionKey: 'create',
      removal: 'destroy',
      tags: { team: 'chat' },
    });
    expect(planned.problems).toEqual([]);
    expect(planned.brings).toEqual({ image: true, storage: true, cache: true, database: true });
    const run = await runProgram(() => planned.lay({}), AZURE);
    expect(run.counts()).toMatchObject({
      'azure-native:containerservice:AgentPool': 2,
      'azure-native:keyvault:Key': 1,
      'azure-native:network:NatGateway': 1,
    });
    // Which only `retain` has.
    expect(run.counts()).not.toHaveProperty('azure-native:authorization:ManagementLockByScope');
    expect(run.get('azure-native:containerservice:ManagedCluster').inputs).toMatchObject({
      kubernetesVersion: '1.36',
      tags: { team: 'chat' },
    });
    expect(run.get('azure-native:storage:StorageAccount').inputs.sku).toEqual({ name: 'PremiumV2_ZRS' });
    expect(run.get('azure-native:redisenterprise:Database').inputs.persistence).toMatchObject({
      aofEnabled: true,
    });
    expect(run.get('azure-native:dbforpostgresql:Server').inputs).toMatchObject({
      highAvailability: { mode: 'Disabled' },
      backup: { backupRetentionDays: 21 },
    });
  });

  it('finds what exists, and lays nothing but a way into the cluster', async () => {
    const resourceGroupName = 'platform';
    const planned = plan({
      resourceGroup: { existing: { resourceGroupName } },
      cluster: {
        existing: { resourceGroupName, clusterName: 'platform', endpointSubnetId: ENDPOINT_SUBNET },
      },
      storage: { existing: { resourceGroupName, accountName: 'models' } },
      cache: { existing: { resourceGroupName, clusterName: 'sessions', credentials: CREDENTIALS } },
      database: {
        existing: {
          resourceGroupName,
          serverName: 'chat',
          databaseName: 'chat',
          credentials: CREDENTIALS,
          maxConnections: 400,
        },
      },
    });
    expect(planned.problems).toEqual([]);
    const run = await runProgram(() => planned.lay({}), EXISTING);
    expect(run.names()).toEqual(['pulumi:providers:kubernetes chat-kubernetes']);
    expect(run.result.backing.database).toMatchObject({ maxConnections: 400 });
  });

  it('puts a cluster into a network that exists, without a cache and with a key of yours', async () => {
    const encryptionKey = {
      vaultUri: 'https://keys.vault.azure.net/',
      vaultId: 'vault',
      keyName: 'data',
      keyUri: 'https://keys.vault.azure.net/keys/data/0123',
      identityId: 'identity',
      identityClientId: 'client',
    };
    const network = { existing: { nodeSubnetId: NODE_SUBNET, endpointSubnetId: ENDPOINT_SUBNET } };
    const planned = plan({ cluster: { ...CLUSTER, network }, cache: 'none', encryptionKey });
    expect(planned.brings.cache).toBe(false);
    const run = await runProgram(() => planned.lay({}), EXISTING);
    expect(run.counts()).not.toHaveProperty('azure-native:network:VirtualNetwork');
    expect(run.counts()).not.toHaveProperty('azure-native:redisenterprise:RedisEnterprise');
    expect(run.counts()).not.toHaveProperty('azure-native:keyvault:Key');
    expect(run.get('azure-native:storage:StorageAccount').inputs.encryption).toMatchObject({
      keyVaultProperties: { keyName: 'data' },
    });
  });

  it.each([
    ['made', {}],
    ['existing', { existing: { resourceGroupName: 'data', accountName: 'models' } }],
  ])('counts on the throughput of a share as large as the topology’s storage, %s', async (_what, storage) => {
    const throughput = async (gib: number) => {
      const { result } = await runProgram(() => plan({ storage }, gib).lay({}), EXISTING);
      return result.backing.storage?.throughput?.perClient ?? 0;
    };
    expect(await throughput(2000)).toBeGreaterThan(await throughput(100));
    // Smaller shares than this are not sold.
    expect(await throughput(10)).toBe(await throughput(100));
  });

  it('refuses a topology’s storage that no share holds', () => {
    expect(plan({}, 102_400).problems).toEqual([]);
    expect(plan({}, 102_401).problems).toMatchObject([
      { path: 'storage', reason: expect.stringContaining('102401 GiB') },
    ]);
  });

  it('passes on what the foundation finds wrong', () => {
    const cpu = { vmSize: 'Standard_D8pds_v5', minNodes: 9, maxNodes: 3 };
    const problems = plan({ location: 'West Europe', cluster: { ...CLUSTER, cpu } }).problems;
    expect(problems.map(({ path }) => path)).toEqual([
      'location',
      'cluster.cpu.vmSize',
      'cluster.cpu.minNodes',
    ]);
  });

  it.each([
    ['a key that it does not know', { nodes: 3 }],
    ['no region', { location: undefined }],
    ['no word on who may reach the API server', { cluster: {} }],
    [
      'fields beside existing',
      { storage: { existing: { resourceGroupName: 'a', accountName: 'b' }, sku: 'Premium_ZRS' } },
    ],
    ['zones as numbers', { cluster: { ...CLUSTER, zones: [1, 2] } }],
    ['storage in one zone', { storage: { sku: 'Premium_LRS' } }],
    ['half a key', { encryptionKey: { keyName: 'data' } }],
    ['what another cloud has', { image: { context: '.', keep: 30 } }],
  ])('refuses %s', (_what, change) => {
    expect(() => plan(change)).toThrow();
  });

  it('wants nothing of the provider, which finds the subscription by itself', () => {
    expect(config.providerProblems(() => undefined)).toEqual([]);
  });
});
