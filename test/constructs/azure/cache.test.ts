import { Cache, type CacheArgs } from '../../../constructs/azure/cache';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { ACCESS_KEY, AZURE, AZURE_PREVIEW, PLACEMENT } from './azure-mocks';

const GIB = 1024 ** 3;
const build = (args: Partial<CacheArgs> = {}) =>
  new Cache('chat-cache', { placement: PLACEMENT, size: { memory: GIB }, ...args });

describe('Cache', () => {
  it('makes one Azure Managed Redis with a copy, TLS only, that never evicts', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.counts()).toEqual({
      'azure-native:authorization:ManagementLockByScope': 1,
      'azure-native:network:PrivateDnsZoneGroup': 1,
      'azure-native:network:PrivateEndpoint': 1,
      'azure-native:privatedns:PrivateZone': 1,
      'azure-native:privatedns:VirtualNetworkLink': 1,
      'azure-native:redisenterprise:Database': 1,
      'azure-native:redisenterprise:RedisEnterprise': 1,
    });
    const cluster = run.get('azure-native:redisenterprise:RedisEnterprise');
    expect(cluster).toMatchObject({ protect: true, retainOnDelete: true });
    expect(cluster.inputs).toMatchObject({
      sku: { name: 'Balanced_B3' },
      highAvailability: 'Enabled',
      minimumTlsVersion: '1.2',
      publicNetworkAccess: 'Disabled',
    });
    // For the older tiers alone.
    expect(cluster.inputs).not.toHaveProperty('zones');
    expect(cluster.inputs.sku).not.toHaveProperty('capacity');
    expect(run.get('azure-native:redisenterprise:Database').inputs).toMatchObject({
      databaseName: 'default',
      port: 10_000,
      clientProtocol: 'Encrypted',
      clusteringPolicy: 'NoCluster',
      evictionPolicy: 'NoEviction',
      persistence: { rdbEnabled: true, rdbFrequency: '1h' },
    });
    expect(run.get('azure-native:privatedns:PrivateZone').inputs.privateZoneName).toBe(
      'privatelink.redis.azure.net',
    );
  });

  it('gives a connection, and its key as a secret', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(await opened(run.result.contract)).toEqual({
      secret: false,
      value: {
        host: 'chat-cache-cluster1a2b3c4d.westeurope.redis.azure.net',
        port: 10_000,
        mode: 'single',
        tls: true,
        credentials: { secretName: 'chat-cache' },
        maxConnections: 15_000,
        egress: { cidrs: ['10.0.16.0/24'], ports: [10_000] },
      },
    });
    const [credentials] = run.result.objects;
    expect(await opened(credentials)).toMatchObject({
      secret: true,
      value: { kind: 'Secret', stringData: { username: 'default', password: ACCESS_KEY } },
    });
  });

  it('spreads over shards, whose ports must be open as well', async () => {
    const run = await runProgram(
      () => build({ mode: 'cluster', size: { memory: 40 * GIB }, persistence: 'aof' }),
      AZURE,
    );
    expect(run.get('azure-native:redisenterprise:Database').inputs).toMatchObject({
      clusteringPolicy: 'OSSCluster',
      persistence: { aofEnabled: true, aofFrequency: '1s' },
    });
    expect(run.get('azure-native:redisenterprise:RedisEnterprise').inputs.sku).toEqual({
      name: 'MemoryOptimized_M50',
    });
    const { ports } = run.result.contract.egress;
    expect(ports).toHaveLength(101);
    expect(ports.slice(0, 2).concat(ports.slice(-1))).toEqual([10_000, 8500, 8599]);
  });

  it('leaves host and key unknown in a preview', async () => {
    const run = await runProgram(() => build(), AZURE_PREVIEW);
    expect(await opened(run.result.contract.host)).toMatchObject({ value: UNKNOWN });
    const password = (run.result.objects[0]?.stringData as { password: string } | undefined)?.password ?? '';
    expect(await opened(password)).toEqual({ value: UNKNOWN, secret: true });
  });

  it('can be torn down on purpose', async () => {
    const run = await runProgram(() => build({ removal: 'destroy' }), AZURE);
    expect(run.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
    expect(run.counts()).not.toHaveProperty('azure-native:authorization:ManagementLockByScope');
  });

  it('refuses what one server does not hold and what no size grants, all together', async () => {
    const run = await runProgram(() => {
      expect(() =>
        build({
          size: { memory: 30 * GIB },
          requiredConnections: 20_000,
          persistence: JSON.parse('"daily"'),
        }),
      ).toThrow(
        /3 problems[\s\S]*size\.memory[\s\S]*mode 'cluster'[\s\S]*requiredConnections = 20000[\s\S]*persistence/,
      );
      expect(() => build({ mode: 'cluster', size: { memory: 400 * GIB } })).toThrow(/288 GiB/);
      expect(() => build({ size: { memory: 0 } })).toThrow(/size\.memory = 0/);
    }, AZURE);
    expect(run.resources).toEqual([]);
  });
});
