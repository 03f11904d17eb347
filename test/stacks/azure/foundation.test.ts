import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@pulumi/pulumi';
import { InvalidInputError, isPlaceholder } from '../../../constructs/contracts';
import { type AzureFoundationArgs, azureFoundation } from '../../../stacks/azure';
import {
  AZURE,
  AZURE_PREVIEW,
  ENDPOINT_SUBNET,
  NETWORK,
  NODE_SUBNET,
} from '../../constructs/azure/azure-mocks';
import { existing } from '../../constructs/azure/existing-mocks';
import { type MockedCloud, opened, runProgram } from '../../support/pulumi-mocks';
import { providerFaults } from './provider-rules';

const GIB = 1024 ** 3;
const IMAGE = { repository: 'ghcr.io/acme/chat', digest: `sha256:${'ab'.repeat(32)}` };
const SMALL: AzureFoundationArgs['sizing'] = {
  database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
  cache: { memory: GIB, mode: 'single', maxConnections: 30 },
};
const CREATE: AzureFoundationArgs = {
  name: 'chat',
  location: 'westeurope',
  sizing: SMALL,
  cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
  image: { existing: IMAGE },
};
const CREDENTIALS = { username: 'chat', password: secret('password-of-the-user') };
const EXISTING_CLUSTER = {
  existing: { resourceGroupName: 'platform', clusterName: 'platform', endpointSubnetId: ENDPOINT_SUBNET },
};
const USE_EXISTING: AzureFoundationArgs = {
  ...CREATE,
  resourceGroup: { existing: { resourceGroupName: 'data' } },
  cluster: EXISTING_CLUSTER,
  storage: { existing: { resourceGroupName: 'data', accountName: 'models' } },
  cache: { existing: { resourceGroupName: 'data', clusterName: 'sessions', credentials: CREDENTIALS } },
  database: {
    existing: {
      resourceGroupName: 'data',
      serverName: 'chat',
      databaseName: 'chat',
      credentials: CREDENTIALS,
    },
  },
};
const EXISTING: MockedCloud = { ...AZURE, answers: { ...AZURE.answers, ...existing() } };

const lay = (args: Partial<AzureFoundationArgs> = {}) => azureFoundation({ ...CREATE, ...args });

const layDefaults = (cloud: MockedCloud) => runProgram(() => lay(), cloud);
const runs = new Map<MockedCloud, ReturnType<typeof layDefaults>>();

/** The foundation with its defaults, laid once for all who only look at it. */
function laid(cloud: MockedCloud): ReturnType<typeof layDefaults> {
  const known = runs.get(cloud) ?? layDefaults(cloud);
  runs.set(cloud, known);
  return known;
}

describe('azureFoundation', () => {
  it.each([
    ['up', AZURE],
    ['preview', AZURE_PREVIEW],
  ])('creates everything, in %s', async (_mode, cloud) => {
    const run = await laid(cloud);
    expect(run.counts()).toEqual({
      'azure-native:authorization:ManagementLockByScope': 3,
      'azure-native:authorization:RoleAssignment': 3,
      'azure-native:containerservice:AgentPool': 1,
      'azure-native:containerservice:ManagedCluster': 1,
      'azure-native:dbforpostgresql:Configuration': 2,
      'azure-native:dbforpostgresql:Database': 1,
      'azure-native:dbforpostgresql:Server': 1,
      'azure-native:managedidentity:UserAssignedIdentity': 1,
      'azure-native:network:NetworkSecurityGroup': 1,
      'azure-native:network:PrivateDnsZoneGroup': 3,
      'azure-native:network:PrivateEndpoint': 3,
      'azure-native:network:Subnet': 2,
      'azure-native:network:VirtualNetwork': 1,
      'azure-native:privatedns:PrivateZone': 3,
      'azure-native:privatedns:VirtualNetworkLink': 3,
      'azure-native:redisenterprise:Database': 1,
      'azure-native:redisenterprise:RedisEnterprise': 1,
      'azure-native:resources:ResourceGroup': 1,
      'azure-native:storage:FileServiceProperties': 1,
      'azure-native:storage:StorageAccount': 1,
      'random:index/randomId:RandomId': 1,
      'random:index/randomPassword:RandomPassword': 2,
    });
  });

  it.each([
    ['up', EXISTING],
    ['preview', { ...EXISTING, mode: 'preview' } as const],
  ])('registers nothing but a way into the cluster where all is there, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => azureFoundation(USE_EXISTING), cloud);
    expect(run.names()).toEqual(['pulumi:providers:kubernetes chat-kubernetes']);
    expect(run.result.backing).toMatchObject({
      image: IMAGE,
      storage: { kind: 'azure-files', storageClass: { parameters: { storageAccount: 'models' } } },
      cache: { host: 'sessions.westeurope.redis.azure.net', tls: true, maxConnections: 15_000 },
      database: { host: 'chat.postgres.database.azure.com', database: 'chat', maxConnections: 1702 },
    });
  });

  it('puts data services into the network of an existing cluster, and lets its identity make shares', async () => {
    const run = await runProgram(() => lay({ cluster: EXISTING_CLUSTER }), EXISTING);
    expect(run.counts()).not.toHaveProperty('azure-native:network:VirtualNetwork');
    for (const { inputs } of run.ofType('azure-native:network:PrivateEndpoint')) {
      expect(inputs.subnet).toMatchObject({ id: ENDPOINT_SUBNET });
    }
    for (const { inputs } of run.ofType('azure-native:privatedns:VirtualNetworkLink')) {
      expect(inputs.virtualNetwork).toEqual({ id: NETWORK });
    }
    expect(run.get('azure-native:authorization:RoleAssignment').inputs).toMatchObject({
      principalId: 'principal-of-the-cluster',
      scope: 'chat-files-account-id',
    });
  });

  it('makes a cluster in a network that exists, which goes out as that network does', async () => {
    const answers = { ...EXISTING.answers, ...existing({ subnet: { natGateway: { id: 'nat' } } }) };
    const network = { existing: { nodeSubnetId: NODE_SUBNET, endpointSubnetId: ENDPOINT_SUBNET } };
    const run = await runProgram(() => lay({ cluster: { publicAccessCidrs: [], network } }), {
      ...AZURE,
      answers,
    });
    expect(run.counts()).not.toHaveProperty('azure-native:network:Subnet');
    expect(run.get('azure-native:containerservice:ManagedCluster').inputs).toMatchObject({
      networkProfile: { outboundType: 'userAssignedNATGateway' },
      agentPoolProfiles: [{ vnetSubnetID: NODE_SUBNET }],
    });
  });

  it('lets nodes that come by a NAT gateway reach their own API server', async () => {
    const cluster = { publicAccessCidrs: ['203.0.113.0/24'], network: { outbound: 'nat-gateway' as const } };
    const run = await runProgram(() => lay({ cluster }), AZURE);
    expect(run.get('azure-native:containerservice:ManagedCluster').inputs.apiServerAccessProfile).toEqual({
      authorizedIPRanges: ['203.0.113.0/24', '198.51.100.7/32'],
    });
  });

  it('starts no node before its network is whole', async () => {
    const run = await laid(AZURE);
    const subnets = run.ofType('azure-native:network:Subnet').map(({ urn }) => urn);
    expect(run.get('polypod:azure:Cluster').dependencies).toEqual(expect.arrayContaining(subnets));
  });

  it('yields a backing whose unknown texts are placeholders and whose figures are plain', async () => {
    const run = await laid(AZURE_PREVIEW);
    const { backing, dnsAddress } = run.result;
    expect(isPlaceholder(backing.database.host)).toBe(true);
    expect(isPlaceholder(backing.cache?.host)).toBe(true);
    expect(backing.database).toMatchObject({
      port: 5432,
      maxConnections: 843,
      credentials: { secretName: 'chat-database' },
      egress: { ports: [5432] },
    });
    expect(backing.storage).toMatchObject({
      kind: 'azure-files',
      storageClass: { name: 'chat-files-azure-files' },
    });
    // DNS is pods of kube-system.
    expect(dnsAddress).toBeUndefined();
  });

  it('brings what the namespace must hold, and what must be ready before pods', async () => {
    const run = await laid(AZURE);
    expect(run.result.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Secret chat-database',
      'ConfigMap chat-database-ca',
      'Secret chat-database-administrator',
      'NetworkPolicy chat-database-database-user',
      'Job chat-database-database-user',
      'Secret chat-cache',
    ]);
    const ready = await Promise.all(
      run.result.ready.map(async ({ urn }) => String((await opened(urn)).value)),
    );
    for (const type of [
      'network:PrivateDnsZoneGroup',
      'dbforpostgresql:Server',
      'redisenterprise:Database',
      'containerservice:AgentPool',
    ]) {
      expect(ready.some((urn) => urn.includes(type))).toBe(true);
    }
  });

  it('keeps kubeconfig and passwords out of plain outputs', async () => {
    const run = await laid(AZURE);
    expect((await opened(run.result.outputs.kubeconfig)).secret).toBe(true);
    expect((await opened(run.result.kubeconfig)).secret).toBe(true);
    const { kubeconfig: _secret, ...plain } = run.result.outputs;
    expect(JSON.stringify((await opened(plain)).value)).not.toMatch(/password-of|access-key/);
  });

  it('encrypts all that holds data with one key, once its right is given', async () => {
    const run = await runProgram(
      () => lay({ encryptionKey: 'create', image: { context: 'test/stacks/azure/image' } }),
      AZURE,
    );
    const identity = 'chat-key-identity-id';
    const keyUri = 'https://vault.azure.net/keys/data/0123';
    const inputs = (type: string) => run.get(`azure-native:${type}`).inputs;
    expect(inputs('storage:StorageAccount').encryption).toMatchObject({
      encryptionIdentity: { encryptionUserAssignedIdentity: identity },
    });
    expect(inputs('redisenterprise:RedisEnterprise').encryption).toMatchObject({
      customerManagedKeyEncryption: { keyEncryptionKeyUrl: keyUri },
    });
    expect(inputs('dbforpostgresql:Server')).toMatchObject({
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
      dataEncryption: { primaryKeyURI: keyUri, primaryUserAssignedIdentityId: identity },
    });
    expect(inputs('containerregistry:Registry')).toMatchObject({
      sku: { name: 'Premium' },
      encryption: { keyVaultProperties: { keyIdentifier: keyUri } },
    });
    expect(inputs('containerservice:ManagedCluster').securityProfile).toMatchObject({
      azureKeyVaultKms: { keyId: keyUri },
    });
    const right = run.get('azure-native:authorization:RoleAssignment', 'chat-key-key-role');
    for (const type of ['Cluster', 'SharedFileSystem', 'Cache', 'Database', 'RuntimeImage']) {
      expect(run.get(`polypod:azure:${type}`).dependencies).toContain(right.urn);
    }
  });

  it('protects nothing that is to be torn down, and by default all that holds data', async () => {
    const kept = await laid(AZURE);
    expect(
      kept.resources
        .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
        .map(({ type }) => type)
        .sort(),
    ).toEqual([
      'azure-native:containerservice:ManagedCluster',
      'azure-native:dbforpostgresql:Database',
      'azure-native:dbforpostgresql:Server',
      'azure-native:redisenterprise:Database',
      'azure-native:redisenterprise:RedisEnterprise',
      'azure-native:resources:ResourceGroup',
      'azure-native:storage:StorageAccount',
    ]);
    const gone = await runProgram(() => lay({ removal: 'destroy' }), AZURE);
    expect(gone.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
    const locks = /ManagementLockByScope/;
    expect(gone.names()).toEqual(kept.names().filter((name) => !locks.test(name)));
  });

  it('keeps every name when sizes, compute or the image change', async () => {
    const before = await laid(AZURE);
    const after = await runProgram(
      () =>
        lay({
          sizing: { ...SMALL, database: { ...SMALL.database, cpu: 8, memory: 32 * GIB } },
          cluster: {
            publicAccessCidrs: [],
            cpu: { vmSize: 'Standard_D16ds_v5', minNodes: 3, maxNodes: 30 },
          },
          image: { existing: { ...IMAGE, digest: `sha256:${'cd'.repeat(32)}` } },
          tags: { team: 'chat' },
        }),
      AZURE,
    );
    expect(after.names()).toEqual(before.names());
  });

  it('goes without a cache where that is said', async () => {
    const run = await runProgram(() => lay({ cache: 'none' }), AZURE);
    expect(run.result.backing.cache).toBeUndefined();
    expect(run.counts()).not.toHaveProperty('azure-native:redisenterprise:RedisEnterprise');
  });

  it('refuses wrong arguments and unfit resources together, before anything is registered', async () => {
    const answers = existing({
      account: { sku: { name: 'Premium_LRS' } },
      redis: { highAvailability: 'Disabled' },
      server: { highAvailability: { mode: 'Disabled' } },
      cluster: { networkProfile: {} },
    });
    let message = '';
    const run = await runProgram(
      async () => {
        try {
          await azureFoundation({
            ...USE_EXISTING,
            name: 'a-name-that-is-far-too-long',
            location: 'West Europe',
            image: { existing: { repository: 'ghcr.io/acme/chat', tag: 'latest' } },
            encryptionKey: JSON.parse('"aws"'),
          });
        } catch (error) {
          if (!(error instanceof InvalidInputError)) throw error;
          message = error.message;
        }
      },
      { ...AZURE, answers: { ...AZURE.answers, ...answers } },
    );
    for (const field of [
      'name = ',
      'location = ',
      'image.existing',
      'encryptionKey',
      'cluster.existing.clusterName',
      'storage.existing.accountName',
      'cache.existing.clusterName',
      'database.existing.serverName',
    ]) {
      expect(message).toMatch(new RegExp(`^  ${field}`, 'm'));
    }
    expect(run.resources).toEqual([]);
  });

  it('checks the connection budget before anything is created', async () => {
    const sizing = { ...SMALL, database: { ...SMALL.database, maxConnections: 1000 } };
    await runProgram(async () => {
      await expect(lay({ sizing })).rejects.toThrow(
        /database\.requiredConnections = 1000\n.*Standard_D2ads_v5 grants \(843\)/,
      );
    }, AZURE);
  });

  describe.each<[string, Partial<AzureFoundationArgs>]>([
    ['the default', {}],
    [
      'a private cluster with GPUs, administrators and a NAT gateway',
      {
        cluster: {
          publicAccessCidrs: [],
          administratorGroupIds: ['01234567-89ab-cdef-0123-456789abcdef'],
          zones: ['1', '3'],
          gpu: { vmSize: 'Standard_NC24ads_A100_v4', minNodes: 0, maxNodes: 2, diskGib: 512 },
          network: { outbound: 'nat-gateway', cidr: '192.168.0.0/16' },
        },
      },
    ],
    [
      'everything that is optional',
      {
        name: 'chat-in-productio',
        sizing: { ...SMALL, cache: { ...SMALL.cache, mode: 'cluster' } },
        storage: { sku: 'PremiumV2_ZRS', gibibytes: 2000, deletedShareDays: 30 },
        cache: { persistence: 'aof' },
        database: { engine: 'mysql', backupDays: 35, databaseName: 'memos' },
        encryptionKey: 'create',
        image: { context: 'test/stacks/azure/image' },
        removal: 'destroy',
        tags: { team: 'chat' },
      },
    ],
    ['backups in the paired region', { database: { geoRedundantBackup: true, zoneRedundant: false } }],
  ])("Azure's own rules for values, with %s", (_what, args) => {
    it.each([
      ['up', AZURE],
      ['preview', AZURE_PREVIEW],
    ])('hold in %s', async (_mode, cloud) => {
      const run = await runProgram(() => lay(args), cloud);
      expect(providerFaults(run.resources)).toEqual([]);
    });
  });

  it('imports of Azure only the classes that it uses, and no other cloud', () => {
    const folders = ['constructs/azure', 'constructs/cloud', 'stacks/azure'];
    const imports = folders.flatMap((folder) =>
      readdirSync(folder).flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(/from '(@pulumi\/[^']+)'/g)].map(
          ([, path = '']) => path,
        ),
      ),
    );
    expect(imports.length).toBeGreaterThan(50);
    for (const path of imports) {
      expect(path).toMatch(/^@pulumi\/(pulumi|(azure-native|random|kubernetes|docker-build)\/.+)$/);
      // A module's index loads a file for each of its classes as soon as one is used.
      expect(path).not.toMatch(/^@pulumi\/azure-native\/[a-z0-9]+$/);
    }
  });
});
