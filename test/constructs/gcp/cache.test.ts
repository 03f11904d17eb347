import { Cache, type CacheArgs } from '../../../constructs/gcp/cache';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { GCP, GCP_PREVIEW, KEY, MODES, NETWORK_ID, PLACEMENT } from './gcp-mocks';

const GIB = 1024 ** 3;
const INSTANCE = 'gcp:redis/instance:Instance';
const build = (args: Partial<CacheArgs> = {}) =>
  new Cache('chat-cache', { placement: PLACEMENT, size: { memory: 4 * GIB }, ...args });

describe('Cache', () => {
  it.each(MODES)('makes one Redis over two zones with TLS and a password, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({ [INSTANCE]: 1 });
    expect(run.get(INSTANCE)).toMatchObject({ protect: true, retainOnDelete: true });
    expect(run.get(INSTANCE).inputs).toMatchObject({
      tier: 'STANDARD_HA',
      region: 'europe-west3',
      memorySizeGb: 5,
      redisVersion: 'REDIS_7_2',
      redisConfigs: { 'maxmemory-policy': 'noeviction' },
      authEnabled: true,
      transitEncryptionMode: 'SERVER_AUTHENTICATION',
      authorizedNetwork: NETWORK_ID,
      connectMode: 'PRIVATE_SERVICE_ACCESS',
      reservedIpRange: 'managed-services',
      persistenceConfig: { persistenceMode: 'RDB', rdbSnapshotPeriod: 'ONE_HOUR' },
      deletionProtection: true,
    });
  });

  it('gives the connection, its authorities in the open and the password as a secret', async () => {
    const run = await runProgram(() => build(), GCP);
    expect((await opened(run.result.contract)).value).toEqual({
      host: '10.0.144.10',
      port: 6378,
      mode: 'single',
      tls: { ca: { configMapName: 'chat-cache-ca', key: 'ca.pem' } },
      credentials: { secretName: 'chat-cache' },
      maxConnections: 65_000,
      egress: { cidrs: ['10.0.144.0/20'], ports: [6378] },
    });
    const [credentials, authorities] = await Promise.all(run.result.objects.map(opened));
    expect(credentials).toMatchObject({
      secret: true,
      value: {
        kind: 'Secret',
        metadata: { name: 'chat-cache' },
        stringData: { username: 'default', password: 'auth-string-of-redis' },
      },
    });
    expect(authorities).toMatchObject({ secret: false, value: { kind: 'ConfigMap' } });
    expect(JSON.stringify(authorities).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  it.each([
    [0.5, 1],
    [4, 5],
    [12, 15],
    [240, 300],
  ])('holds %d GiB of data in an instance of %d GiB', async (gib, memorySizeGb) => {
    const run = await runProgram(() => build({ size: { memory: gib * GIB } }), GCP);
    expect(run.get(INSTANCE).inputs.memorySizeGb).toBe(memorySizeGb);
  });

  it('does not know its host in a preview', async () => {
    const run = await runProgram(() => build(), GCP_PREVIEW);
    expect(await opened(run.result.contract.host)).toMatchObject({ value: UNKNOWN });
  });

  it('can be torn down on purpose', async () => {
    const run = await runProgram(
      () => build({ removal: 'destroy', kmsKeyName: KEY, snapshotHours: 24 }),
      GCP,
    );
    expect(run.get(INSTANCE)).toMatchObject({
      protect: false,
      inputs: {
        deletionProtection: false,
        customerManagedKey: KEY,
        persistenceConfig: { rdbSnapshotPeriod: 'TWENTY_FOUR_HOURS' },
      },
    });
  });

  it('refuses what is too large, all together', async () => {
    const run = await runProgram(() => {
      expect(() =>
        build({
          size: { memory: 241 * GIB },
          requiredConnections: 70_000,
          snapshotHours: JSON.parse('2'),
        }),
      ).toThrow(/3 problems[\s\S]*size\.memory[\s\S]*requiredConnections[\s\S]*snapshotHours/);
      expect(() => build({ size: { memory: 0 } })).toThrow(/size\.memory = 0/);
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});
