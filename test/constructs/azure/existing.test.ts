import { secret } from '@pulumi/pulumi';
import { existingCache } from '../../../constructs/azure/existing-cache';
import { existingCluster } from '../../../constructs/azure/existing-cluster';
import { existingDatabase } from '../../../constructs/azure/existing-database';
import { existingFileSystem } from '../../../constructs/azure/existing-file-system';
import { existingNetwork } from '../../../constructs/azure/existing-network';
import { InvalidInputError } from '../../../constructs/contracts';
import { opened, runProgram } from '../../support/pulumi-mocks';
import { ENDPOINT_SUBNET, NETWORK, NODE_SUBNET } from './azure-mocks';
import { existing } from './existing-mocks';

const CREDENTIALS = { username: 'chat', password: secret('password-of-the-user') };

/** Runs a look-up and gives its message; nothing may be registered either way. */
async function refusal(
  lookUp: () => Promise<unknown>,
  answers: ReturnType<typeof existing>,
): Promise<string> {
  let message = '';
  const run = await runProgram(
    async () => {
      try {
        await lookUp();
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        message = error.message;
      }
    },
    { answers },
  );
  expect(run.resources).toEqual([]);
  return message;
}

describe('existingFileSystem', () => {
  const lookUp = () =>
    existingFileSystem({ name: 'chat', resourceGroupName: 'data', accountName: 'models', gibibytes: 1000 });

  it('gives the storage of an account that fits', async () => {
    const run = await runProgram(lookUp, { answers: existing() });
    expect(run.result.contract).toMatchObject({
      kind: 'azure-files',
      storageClass: {
        name: 'chat-azure-files',
        parameters: { resourceGroup: 'data', storageAccount: 'models', skuName: 'PremiumV2_ZRS' },
      },
      throughput: { perClient: 200 * 1024 ** 2 },
    });
    expect(run.resources).toEqual([]);
  });

  it('refuses disks in one zone, open doors and plain mounts, for all their reasons', async () => {
    const message = await refusal(
      lookUp,
      existing({
        account: {
          sku: { name: 'Premium_LRS' },
          enableHttpsTrafficOnly: false,
          publicNetworkAccess: 'Enabled',
          privateEndpointConnections: [],
        },
      }),
    );
    expect(message).toMatch(/4 problems/);
    for (const reason of [
      /Premium_LRS: slow, or in one zone/,
      /without TLS/,
      /in the open/,
      /no private endpoint/,
    ]) {
      expect(message).toMatch(reason);
    }
    expect(await refusal(lookUp, existing({ account: { kind: 'StorageV2' } }))).toMatch(/kind StorageV2/);
  });

  it('says that an account is not there', async () => {
    expect(await refusal(lookUp, {})).toMatch(/accountName = "models"\n.*can't be looked up/);
  });
});

describe('existingCache', () => {
  const lookUp = (requiredConnections?: number) =>
    existingCache({
      name: 'chat-cache',
      resourceGroupName: 'data',
      clusterName: 'sessions',
      credentials: CREDENTIALS,
      requiredConnections,
    });

  it('gives the connection, its addresses and the Secret', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect((await opened(run.result.contract)).value).toEqual({
      host: 'sessions.westeurope.redis.azure.net',
      port: 10_000,
      mode: 'single',
      tls: true,
      credentials: { secretName: 'chat-cache' },
      maxConnections: 15_000,
      egress: { cidrs: ['10.9.16.0/24'], ports: [10_000] },
    });
    expect(await opened(run.result.objects[0])).toMatchObject({ secret: true, value: { kind: 'Secret' } });
  });

  it('follows shards, but not behind a proxy', async () => {
    const mode = async (clusteringPolicy: string) =>
      (await runProgram(() => lookUp(), { answers: existing({ redisDatabase: { clusteringPolicy } }) }))
        .result.contract.mode;
    expect(await mode('OSSCluster')).toBe('cluster');
    expect(await mode('EnterpriseCluster')).toBe('single');
  });

  it('refuses one copy, eviction, no TLS, open doors and too few connections, for all their reasons', async () => {
    const message = await refusal(
      () => lookUp(30_000),
      existing({
        redis: {
          highAvailability: 'Disabled',
          publicNetworkAccess: 'Enabled',
          privateEndpointConnections: [],
        },
        redisDatabase: { clientProtocol: 'Plaintext', evictionPolicy: 'VolatileLRU' },
      }),
    );
    expect(message).toMatch(/6 problems/);
    for (const reason of [
      /no copy/,
      /no TLS/,
      /evicts keys \(VolatileLRU\)/,
      /in the open/,
      /grants 15000/,
    ]) {
      expect(message).toMatch(reason);
    }
    expect(await refusal(() => lookUp(), existing({ redis: { redundancyMode: 'LR' } }))).toMatch(/one zone/);
  });
});

describe('existingDatabase', () => {
  const lookUp = (more: Partial<Parameters<typeof existingDatabase>[0]> = {}) =>
    existingDatabase({
      name: 'chat-database',
      resourceGroupName: 'data',
      serverName: 'chat',
      databaseName: 'chat',
      credentials: CREDENTIALS,
      ...more,
    });

  it('gives the connection, its authorities and the Secret', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect((await opened(run.result.contract)).value).toMatchObject({
      engine: 'postgresql',
      host: 'chat.postgres.database.azure.com',
      database: 'chat',
      tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
      maxConnections: 1702,
      egress: { cidrs: ['10.9.16.0/24'], ports: [5432] },
    });
    expect(run.result.objects.map(({ kind }) => kind)).toEqual(['Secret', 'ConfigMap']);
  });

  it('takes a server in a delegated subnet, and MySQL', async () => {
    const network = {
      delegatedSubnetResourceId: `${NETWORK}/subnets/databases`,
      publicNetworkAccess: 'Disabled',
    };
    const run = await runProgram(() => lookUp({ engine: 'mysql', maxConnections: 99 }), {
      answers: existing({ server: { network, privateEndpointConnections: [] } }),
    });
    expect(run.result.contract).toMatchObject({
      engine: 'mysql',
      port: 3306,
      maxConnections: 99,
      egress: { cidrs: ['10.9.16.0/24'], ports: [3306] },
    });
  });

  it('refuses what can not be relied on, for all reasons', async () => {
    const message = await refusal(
      () => lookUp({ requiredConnections: 5000 }),
      existing({
        server: {
          highAvailability: { mode: 'SameZone' },
          network: { publicNetworkAccess: 'Enabled' },
          privateEndpointConnections: [],
          backup: { backupRetentionDays: 1 },
        },
      }),
    );
    expect(message).toMatch(/5 problems/);
    for (const reason of [
      /one zone/,
      /public address/,
      /no private endpoint/,
      /backups for 1 days/,
      /grants 1702/,
    ]) {
      expect(message).toMatch(reason);
    }
    expect(await refusal(() => lookUp(), existing({ server: { sku: { name: 'Standard_B2s' } } }))).toMatch(
      /Standard_B2s, whose connections are not known/,
    );
  });
});

describe('existingNetwork', () => {
  const lookUp = (endpointSubnetId = ENDPOINT_SUBNET) =>
    existingNetwork({ nodeSubnetId: NODE_SUBNET, endpointSubnetId });

  it('gives the subnets, and the way out that they have', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect(run.result).toEqual({
      virtualNetworkId: NETWORK,
      nodeSubnetId: NODE_SUBNET,
      endpointSubnetId: ENDPOINT_SUBNET,
      endpointSubnetCidr: '10.9.16.0/24',
      outbound: 'load-balancer',
      outboundCidrs: [],
    });
    const nat = await runProgram(() => lookUp(), {
      answers: existing({ subnet: { natGateway: { id: 'nat' } } }),
    });
    expect(nat.result).toMatchObject({ outbound: 'nat-gateway', outboundCidrs: ['198.51.100.9/32'] });
  });

  it('refuses subnets of two networks, and ones that are given up to a service', async () => {
    const delegated = existing({ subnet: { delegations: [{ serviceName: 'Microsoft.Web/serverFarms' }] } });
    const message = await refusal(() => lookUp(ENDPOINT_SUBNET.replace('/hub/', '/spoke/')), delegated);
    expect(message).toMatch(/3 problems/);
    expect(message).toMatch(/given up to Microsoft\.Web/);
    expect(message).toMatch(/is not in the nodes' network/);
    expect(await refusal(() => lookUp('endpoints'), existing())).toMatch(/is not the id of a subnet/);
  });
});

describe('existingCluster', () => {
  const lookUp = () =>
    existingCluster({
      resourceGroupName: 'platform',
      clusterName: 'platform',
      endpointSubnetId: ENDPOINT_SUBNET,
    });

  it('gives identities, network and a way in', async () => {
    const run = await runProgram(lookUp, { answers: existing() });
    expect(run.result).toMatchObject({
      clusterName: 'platform',
      principalId: 'principal-of-the-cluster',
      nodePrincipalId: 'principal-of-the-nodes',
      virtualNetworkId: NETWORK,
      endpointSubnetCidr: '10.9.16.0/24',
    });
    const { value, secret: isSecret } = await opened(run.result.kubeconfig);
    expect(isSecret).toBe(true);
    expect(String(value)).toContain('https://platform:443');
    expect(run.resources).toEqual([]);
  });

  it('knows an identity that somebody assigned', async () => {
    const identity = {
      type: 'UserAssigned',
      userAssignedIdentities: { '/identities/a': { principalId: 'assigned' } },
    };
    const run = await runProgram(lookUp, { answers: existing({ cluster: { identity } }) });
    expect(run.result.principalId).toBe('assigned');
  });

  it('refuses a cluster that can not take a topology, for all reasons', async () => {
    const message = await refusal(
      lookUp,
      existing({
        cluster: {
          powerState: { code: 'Stopped' },
          networkProfile: {},
          storageProfile: { fileCSIDriver: { enabled: false } },
          aadProfile: undefined,
          agentPoolProfiles: [{ name: 'system' }],
          identity: undefined,
        },
      }),
    );
    expect(message).toMatch(/7 problems/);
    for (const reason of [
      /is Stopped/,
      /no network policies/,
      /no CSI driver/,
      /no Entra sign-in/,
      /fewer than two zones/,
      /network of its own making/,
      /no identity/,
    ]) {
      expect(message).toMatch(reason);
    }
  });
});
