import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@pulumi/pulumi';
import { InvalidInputError, isPlaceholder } from '../../../constructs/contracts';
import { type GcpFoundationArgs, gcpFoundation } from '../../../stacks/gcp';
import { existing } from '../../constructs/gcp/existing-mocks';
import { GCP, GCP_PREVIEW, MODES } from '../../constructs/gcp/gcp-mocks';
import { type MockedCloud, opened, runProgram } from '../../support/pulumi-mocks';
import { providerFaults } from './provider-rules';

const GIB = 1024 ** 3;
const IMAGE = { repository: 'ghcr.io/acme/chat', digest: `sha256:${'ab'.repeat(32)}` };
const SMALL: GcpFoundationArgs['sizing'] = {
  database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
  cache: { memory: GIB, mode: 'single', maxConnections: 30 },
};
const CREATE: GcpFoundationArgs = {
  name: 'chat',
  sizing: SMALL,
  cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
  image: { existing: IMAGE },
};
const CREDENTIALS = { username: 'chat', password: secret('password-of-the-user') };
const CLUSTER = { existing: { clusterName: 'platform', peeringRange: 'managed' } };
const USE_EXISTING: GcpFoundationArgs = {
  ...CREATE,
  cluster: CLUSTER,
  storage: { existing: { instanceName: 'models', location: 'europe-west3' } },
  cache: { existing: { instanceName: 'sessions' } },
  database: { existing: { instanceName: 'chat', databaseName: 'chat', credentials: CREDENTIALS } },
};
const EXISTING: MockedCloud = { ...GCP, answers: { ...GCP.answers, ...existing() } };
const STANDARD: GcpFoundationArgs['cluster'] = {
  publicAccessCidrs: [],
  releaseChannel: 'STABLE',
  compute: {
    mode: 'standard',
    cpu: { machineType: 'e2-standard-4', minNodes: 3, maxNodes: 9 },
    gpu: {
      machineType: 'g2-standard-8',
      minNodes: 0,
      maxNodes: 2,
      zones: ['europe-west3-b'],
      accelerator: { type: 'nvidia-l4', count: 1 },
    },
  },
  network: { cidr: '172.16.0.0/14', natLog: 'all' },
};

const lay = (args: Partial<GcpFoundationArgs> = {}) => gcpFoundation({ ...CREATE, ...args });

describe('gcpFoundation', () => {
  it.each(MODES)('creates everything, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => lay(), cloud);
    expect(run.counts()).toEqual({
      'gcp:cloudscheduler/job:Job': 1,
      'gcp:compute/globalAddress:GlobalAddress': 1,
      'gcp:compute/network:Network': 1,
      'gcp:compute/router:Router': 1,
      'gcp:compute/routerNat:RouterNat': 1,
      'gcp:compute/subnetwork:Subnetwork': 1,
      'gcp:container/cluster:Cluster': 1,
      'gcp:dns/managedZone:ManagedZone': 1,
      'gcp:dns/recordSet:RecordSet': 1,
      'gcp:filestore/instance:Instance': 1,
      'gcp:projects/iAMMember:IAMMember': 4,
      'gcp:redis/instance:Instance': 1,
      'gcp:serviceaccount/account:Account': 2,
      'gcp:servicenetworking/connection:Connection': 1,
      'gcp:sql/database:Database': 1,
      'gcp:sql/databaseInstance:DatabaseInstance': 1,
      'gcp:sql/user:User': 1,
      'gcp:workflows/workflow:Workflow': 1,
      'random:index/randomPassword:RandomPassword': 2,
    });
  });

  it.each([
    ['up', EXISTING],
    ['preview', { ...EXISTING, mode: 'preview' } as const],
  ])('registers nothing but a way into the cluster where all is there, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => gcpFoundation(USE_EXISTING), cloud);
    expect(run.names()).toEqual(['pulumi:providers:kubernetes chat-kubernetes']);
    expect(run.result.backing).toMatchObject({
      image: IMAGE,
      storage: { kind: 'filestore', storageClass: 'chat-files' },
      cache: { host: '10.9.1.4', port: 6378, maxConnections: 65_000 },
      database: { host: 'ee.ff.europe-west3.sql-psa.goog', database: 'chat', maxConnections: 1009 },
    });
  });

  it('puts data services beside the nodes of an existing cluster', async () => {
    const run = await runProgram(() => lay({ cluster: CLUSTER }), EXISTING);
    expect(run.counts()).not.toHaveProperty('gcp:compute/network:Network');
    expect(run.get('gcp:filestore/instance:Instance').inputs).toMatchObject({
      fileShares: { nfsExportOptions: [{ ipRanges: ['10.9.64.0/20'] }] },
      networks: [{ reservedIpRange: 'managed' }],
    });
    expect(run.result.backing.database.egress).toEqual({ cidrs: ['10.9.0.0/20'], ports: [5432] });
  });

  it('makes a cluster in a network that exists', async () => {
    const network = { existing: { subnetwork: 'nodes', peeringRange: 'managed' } };
    const run = await runProgram(() => lay({ cluster: { publicAccessCidrs: [], network } }), EXISTING);
    expect(run.counts()).not.toHaveProperty('gcp:compute/subnetwork:Subnetwork');
    expect(run.get('gcp:container/cluster:Cluster').inputs).toMatchObject({
      subnetwork: 'projects/acme-chat/regions/europe-west3/subnetworks/nodes',
      ipAllocationPolicy: { clusterSecondaryRangeName: 'pods' },
    });
  });

  it('starts no node before its way out is there, and no service before its peering', async () => {
    const run = await runProgram(() => lay(), GCP);
    expect(run.get('polypod:gcp:Cluster').dependencies).toContain(
      run.get('gcp:compute/routerNat:RouterNat').urn,
    );
    const peering = run.get('gcp:servicenetworking/connection:Connection').urn;
    for (const type of [
      'gcp:filestore/instance:Instance',
      'gcp:redis/instance:Instance',
      'gcp:sql/databaseInstance:DatabaseInstance',
    ]) {
      expect(run.get(type).dependencies).toContain(peering);
    }
  });

  it('yields a backing whose unknown texts are placeholders and whose figures are plain', async () => {
    const run = await runProgram(() => lay(), GCP_PREVIEW);
    const { backing, dnsAddress } = run.result;
    expect(isPlaceholder(backing.database.host)).toBe(true);
    expect(isPlaceholder(backing.cache?.host)).toBe(true);
    expect(backing.database).toMatchObject({
      port: 5432,
      maxConnections: 241,
      credentials: { secretName: 'chat-database' },
    });
    expect(backing.storage).toMatchObject({ kind: 'filestore', storageClass: 'chat-files' });
    expect(dnsAddress).toBe('169.254.20.10');
  });

  it('brings what the cluster must hold, and what must be ready before pods', async () => {
    const run = await runProgram(() => lay(), GCP);
    expect(run.result.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'PersistentVolume chat-files',
      'Secret chat-database',
      'ConfigMap chat-database-ca',
      'Secret chat-database-administrator',
      'NetworkPolicy chat-database-database-user',
      'Job chat-database-database-user',
      'Secret chat-cache',
      'ConfigMap chat-cache-ca',
    ]);
    const ready = await Promise.all(
      run.result.ready.map(async ({ urn }) => String((await opened(urn)).value)),
    );
    for (const type of [
      'filestore/instance',
      'sql/databaseInstance',
      'dns/recordSet',
      'redis/instance',
      'container/cluster',
    ]) {
      expect(ready.some((urn) => urn.includes(type))).toBe(true);
    }
  });

  it('keeps kubeconfig and passwords out of plain outputs', async () => {
    const run = await runProgram(() => lay(), GCP);
    expect((await opened(run.result.outputs.kubeconfig)).secret).toBe(true);
    expect((await opened(run.result.kubeconfig)).secret).toBe(true);
    const { kubeconfig: _secret, ...plain } = run.result.outputs;
    const text = JSON.stringify((await opened(plain)).value);
    for (const part of ['password-of', 'auth-string', 'token-of']) expect(text).not.toContain(part);
  });

  it('encrypts all that holds data with one key, once the services may use it', async () => {
    const run = await runProgram(
      () => lay({ encryptionKey: 'create', image: { context: 'test/stacks/gcp/image' } }),
      GCP,
    );
    const key = 'chat-key-key-id';
    expect(run.get('gcp:filestore/instance:Instance').inputs.kmsKeyName).toBe(key);
    expect(run.get('gcp:redis/instance:Instance').inputs.customerManagedKey).toBe(key);
    expect(run.get('gcp:sql/databaseInstance:DatabaseInstance').inputs.encryptionKeyName).toBe(key);
    expect(run.get('gcp:container/cluster:Cluster').inputs.databaseEncryption).toMatchObject({
      keyName: key,
    });
    for (const { inputs } of run.ofType('gcp:artifactregistry/repository:Repository')) {
      expect(inputs.kmsKeyName).toBe(key);
    }
    const rights = run.ofType('gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember').map(({ urn }) => urn);
    expect(run.get('gcp:redis/instance:Instance').dependencies).toEqual(expect.arrayContaining(rights));
  });

  it('protects nothing that is to be torn down, and by default all that holds data', async () => {
    const kept = await runProgram(() => lay(), GCP);
    expect(
      kept.resources
        .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
        .map(({ type }) => type)
        .sort(),
    ).toEqual([
      'gcp:container/cluster:Cluster',
      'gcp:filestore/instance:Instance',
      'gcp:redis/instance:Instance',
      'gcp:sql/databaseInstance:DatabaseInstance',
    ]);
    const gone = await runProgram(() => lay({ removal: 'destroy' }), GCP);
    expect(gone.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
    expect(gone.names()).toEqual(kept.names());
  });

  it('keeps every name when sizes, compute or the image change', async () => {
    const before = await runProgram(() => lay(), GCP);
    const after = await runProgram(
      () =>
        lay({
          sizing: { ...SMALL, database: { ...SMALL.database, cpu: 8, memory: 32 * GIB } },
          storage: { capacityGib: 2048 },
          image: { existing: { ...IMAGE, digest: `sha256:${'cd'.repeat(32)}` } },
          labels: { team: 'chat' },
        }),
      GCP,
    );
    expect(after.names()).toEqual(before.names());
  });

  it('goes without a cache and without backups where that is said', async () => {
    const run = await runProgram(() => lay({ cache: 'none', backup: 'none' }), GCP);
    expect(run.result.backing.cache).toBeUndefined();
    expect(run.counts()).not.toHaveProperty('gcp:redis/instance:Instance');
    expect(run.counts()).not.toHaveProperty('gcp:workflows/workflow:Workflow');
  });

  it('refuses wrong arguments and unfit resources together, before anything is registered', async () => {
    const answers = existing({
      filestore: { tier: 'BASIC_HDD' },
      redis: { tier: 'BASIC' },
      settings: { availabilityType: 'ZONAL' },
      cluster: { datapathProvider: 'LEGACY_DATAPATH' },
    });
    const nowhere = { project: '', region: 'europe-west3' };
    let message = '';
    const run = await runProgram(
      async () => {
        try {
          await gcpFoundation({
            ...USE_EXISTING,
            name: 'a-name-that-is-far-too-long',
            image: { existing: { repository: 'ghcr.io/acme/chat', tag: 'latest' } },
            backup: { schedule: 'daily' },
          });
        } catch (error) {
          if (!(error instanceof InvalidInputError)) throw error;
          message = error.message;
        }
      },
      {
        ...GCP,
        answers: {
          ...GCP.answers,
          ...answers,
          'gcp:organizations/getClientConfig:getClientConfig': () => nowhere,
        },
      },
    );
    for (const field of [
      'gcp:project',
      'name = ',
      'image.existing',
      'backup.schedule',
      'cluster.existing.clusterName',
      'storage.existing.instanceName',
      'cache.existing.instanceName',
      'database.existing.instanceName',
    ]) {
      expect(message).toMatch(new RegExp(`^  ${field}`, 'm'));
    }
    expect(run.resources).toEqual([]);
  });

  it('checks the connection budget before anything is created', async () => {
    const sizing = { ...SMALL, database: { ...SMALL.database, maxConnections: 1000 } };
    const run = await runProgram(async () => {
      await expect(lay({ sizing })).rejects.toThrow(
        /database\.requiredConnections = 1000\n.*db-custom-2-4096 grants \(241\)/,
      );
    }, GCP);
    expect(run.resources).toEqual([]);
  });

  it('holds in one instance what is sized for shards', async () => {
    const sizing: GcpFoundationArgs['sizing'] = {
      ...SMALL,
      cache: { memory: 16 * GIB, mode: 'cluster', maxConnections: 800 },
    };
    const run = await runProgram(() => lay({ sizing }), GCP);
    expect(run.get('gcp:redis/instance:Instance').inputs.memorySizeGb).toBe(20);
    expect(run.result.backing.cache?.mode).toBe('single');
  });

  describe.each<[string, Partial<GcpFoundationArgs>]>([
    ['the default', {}],
    ['node pools with GPUs, closed to the internet', { cluster: STANDARD }],
    [
      'everything that is optional',
      {
        storage: { tier: { zonal: 'europe-west3-a' }, capacityGib: 10_240 },
        cache: { snapshotHours: 12 },
        database: { engine: 'mysql', maxStorageGib: 110, backups: 35, highAvailability: false },
        backup: { schedule: '30 1 * * 0', retentionDays: 365 },
        encryptionKey: 'create',
        image: { context: 'test/stacks/gcp/image' },
        labels: { team: 'chat' },
        removal: 'destroy',
      },
    ],
  ])("Google Cloud's own rules for values, with %s", (_what, args) => {
    it.each(MODES)('hold in %s', async (_mode, cloud) => {
      const run = await runProgram(() => lay(args), cloud);
      expect(providerFaults(run.resources)).toEqual([]);
    });
  });

  it('imports of Google Cloud only the classes that it uses, and no other cloud', () => {
    const folders = ['constructs/gcp', 'constructs/cloud', 'stacks/gcp'];
    const imports = folders.flatMap((folder) =>
      readdirSync(folder).flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(/from '(@pulumi\/[^']+)'/g)].map(
          ([, path = '']) => path,
        ),
      ),
    );
    expect(imports.length).toBeGreaterThan(50);
    for (const path of imports) {
      expect(path).toMatch(/^@pulumi\/(pulumi|(gcp|random|kubernetes|docker-build)\/.+)$/);
      // A module's index loads a file for each of its classes as soon as one is used.
      expect(path).not.toMatch(/^@pulumi\/gcp\/[a-z0-9]+$/);
    }
  });
});
