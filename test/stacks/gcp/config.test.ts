import { standInSettings } from '../../../stacks/deployment/stand-in';
import { config } from '../../../stacks/gcp/config';
import type { InferenceSettings } from '../../../stacks/topology';
import { existing } from '../../constructs/gcp/existing-mocks';
import { GCP } from '../../constructs/gcp/gcp-mocks';
import { type MockedCloud, runProgram } from '../../support/pulumi-mocks';

const GIB = 1024 ** 3;
const SIZING = {
  database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
  cache: { memory: GIB, mode: 'cluster' as const, maxConnections: 30 },
};
const CLUSTER = { publicAccessCidrs: ['203.0.113.0/24'] };

function settingsOf(gib: number): InferenceSettings {
  const settings = standInSettings();
  const size = { text: `${gib}Gi`, bytes: gib * GIB };
  return { ...settings, sharedFiles: { ...settings.sharedFiles, size } };
}

const plan = (section: Record<string, unknown>, gib = 100) =>
  config.plan(
    config.schema.parse({ cluster: CLUSTER, image: { existing: 'ghcr.io/acme/chat:1.4.2' }, ...section }),
    {
      name: 'chat',
      settings: settingsOf(gib),
      usesCache: true,
      sizing: SIZING,
      fromRoot: (path) => path,
    },
  );

const capacity = async (section: Record<string, unknown>, gib: number) => {
  const run = await runProgram(() => plan(section, gib).lay({}), GCP);
  return (run.get('gcp:filestore/instance:Instance').inputs.fileShares as { capacityGb: number }).capacityGb;
};

describe('the section polypod:gcp', () => {
  it('lays a foundation of what it says', async () => {
    const planned = plan({
      cluster: {
        ...CLUSTER,
        releaseChannel: 'STABLE',
        compute: {
          mode: 'standard',
          cpu: { machineType: 'e2-standard-4', minNodes: 3, maxNodes: 9 },
          gpu: {
            machineType: 'g2-standard-8',
            minNodes: 0,
            maxNodes: 2,
            accelerator: { type: 'nvidia-l4', count: 1 },
          },
        },
      },
      cache: { snapshotHours: 6 },
      database: { highAvailability: false },
      backup: 'none',
      encryptionKey: 'create',
      labels: { team: 'chat' },
    });
    expect(planned.problems).toEqual([]);
    expect(planned.brings).toEqual({ image: true, storage: true, cache: true, database: true });
    const run = await runProgram(() => planned.lay({}), GCP);
    expect(run.counts()).toMatchObject({
      'gcp:container/nodePool:NodePool': 2,
      'gcp:kms/cryptoKey:CryptoKey': 1,
    });
    expect(run.counts()).not.toHaveProperty('gcp:workflows/workflow:Workflow');
    expect(run.get('gcp:redis/instance:Instance').inputs.persistenceConfig).toMatchObject({
      rdbSnapshotPeriod: 'SIX_HOURS',
    });
  });

  it('finds what exists', async () => {
    const cloud: MockedCloud = { ...GCP, answers: { ...GCP.answers, ...existing() } };
    const planned = plan({
      cluster: { existing: { clusterName: 'platform', peeringRange: 'managed' } },
      storage: { existing: { instanceName: 'models', location: 'europe-west3' } },
      cache: { existing: { instanceName: 'sessions' } },
      database: {
        existing: {
          instanceName: 'chat',
          databaseName: 'chat',
          credentials: { username: 'chat', password: 'password-of-the-user' },
        },
      },
    });
    const run = await runProgram(() => planned.lay({}), cloud);
    expect(run.names()).toEqual(['pulumi:providers:kubernetes chat-kubernetes']);
  });

  it('makes the file system as large as the topology’s storage, and refuses one that is too small', async () => {
    expect(await capacity({}, 200)).toBe(1024);
    expect(await capacity({}, 2000)).toBe(2560);
    expect(await capacity({ storage: { capacityGib: 3072 } }, 2000)).toBe(3072);
    expect(plan({ storage: { capacityGib: 500 } }, 600).problems).toMatchObject([
      { path: 'storage.capacityGib', value: 500, reason: expect.stringContaining('600 GiB') },
    ]);
  });

  it('passes on what the foundation finds wrong, and refuses words that it does not know', () => {
    expect(plan({ storage: { tier: { zonal: 'here' } } }).problems).toMatchObject([
      { path: 'storage.tier.zonal' },
    ]);
    expect(() => plan({ nodes: 3 })).toThrow();
    expect(() =>
      plan({ cluster: { ...CLUSTER, existing: { clusterName: 'a', peeringRange: 'b' } } }),
    ).toThrow();
  });

  it('wants a project and a region', () => {
    const environment = process.env;
    process.env = {};
    expect(config.providerProblems(() => undefined).map(({ path }) => path)).toEqual([
      'gcp:project',
      'gcp:region',
    ]);
    expect(config.providerProblems((key) => key)).toEqual([]);
    process.env = { GOOGLE_CLOUD_PROJECT: 'acme-chat', GOOGLE_REGION: 'europe-west3' };
    expect(config.providerProblems(() => undefined)).toEqual([]);
    process.env = environment;
  });
});
