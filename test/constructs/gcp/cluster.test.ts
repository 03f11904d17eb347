import { Cluster, type ClusterArgs } from '../../../constructs/gcp/cluster';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { GCP, GCP_PREVIEW, KEY, MODES, NETWORK_ID } from './gcp-mocks';

const CLUSTER = 'gcp:container/cluster:Cluster';
const POOL = 'gcp:container/nodePool:NodePool';
const ACCOUNT = 'chat-cluster-sa@acme-chat.iam.gserviceaccount.com';

const build = (args: Partial<ClusterArgs> = {}) =>
  new Cluster('chat-cluster', {
    project: 'acme-chat',
    region: 'europe-west3',
    place: {
      networkId: NETWORK_ID,
      subnetworkId: 'projects/acme-chat/regions/europe-west3/subnetworks/nodes',
      podsRangeName: 'pods',
      servicesRangeName: 'services',
    },
    publicAccessCidrs: ['203.0.113.0/24'],
    ...args,
  });

const STANDARD: Partial<ClusterArgs> = {
  compute: {
    mode: 'standard',
    cpu: { machineType: 'e2-standard-4', minNodes: 3, maxNodes: 9 },
    gpu: {
      machineType: 'g2-standard-8',
      minNodes: 0,
      maxNodes: 4,
      zones: ['europe-west3-b'],
      accelerator: { type: 'nvidia-l4', count: 1 },
    },
  },
};

describe('Cluster of Autopilot', () => {
  it.each(MODES)('makes the cluster and an account for its nodes, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'gcp:container/cluster:Cluster': 1,
      'gcp:projects/iAMMember:IAMMember': 2,
      'gcp:serviceaccount/account:Account': 1,
    });
    expect(run.get(CLUSTER)).toMatchObject({ protect: true, retainOnDelete: true });
    expect(run.get(CLUSTER).inputs).toMatchObject({
      name: 'chat-cluster',
      location: 'europe-west3',
      enableAutopilot: true,
      network: NETWORK_ID,
      ipAllocationPolicy: { clusterSecondaryRangeName: 'pods', servicesSecondaryRangeName: 'services' },
      privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: false },
      masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: '203.0.113.0/24' }] },
      releaseChannel: { channel: 'REGULAR' },
      gatewayApiConfig: { channel: 'CHANNEL_STANDARD' },
      deletionProtection: true,
    });
    // Autopilot refuses to be told what it does by itself.
    for (const field of [
      'datapathProvider',
      'workloadIdentityConfig',
      'addonsConfig',
      'removeDefaultNodePool',
      'initialNodeCount',
      'enableShieldedNodes',
      'nodeConfig',
      'databaseEncryption',
    ]) {
      expect(run.get(CLUSTER).inputs).not.toHaveProperty(field);
    }
  });

  it('gives nodes an account with two roles, instead of an editor of the project', async () => {
    const run = await runProgram(() => build(), GCP);
    expect(run.get(CLUSTER).inputs.clusterAutoscaling).toMatchObject({
      autoProvisioningDefaults: { serviceAccount: ACCOUNT },
    });
    const roles = run.ofType('gcp:projects/iAMMember:IAMMember').map(({ inputs }) => inputs);
    expect(roles).toEqual([
      { project: 'acme-chat', role: 'roles/artifactregistry.reader', member: `serviceAccount:${ACCOUNT}` },
      {
        project: 'acme-chat',
        role: 'roles/container.defaultNodeServiceAccount',
        member: `serviceAccount:${ACCOUNT}`,
      },
    ]);
  });

  it('keeps the kubeconfig secret, and without a token in it', async () => {
    const run = await runProgram(() => build(), GCP);
    const { value, secret } = await opened(run.result.kubeconfig);
    expect(secret).toBe(true);
    const config = JSON.parse(String(value));
    expect(config.users[0].user).toEqual({
      exec: expect.objectContaining({
        // The plugin prints no other version, and clients refuse another than they asked for.
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: 'gke-gcloud-auth-plugin',
        provideClusterInfo: true,
      }),
    });
    expect(config.clusters[0].cluster).toEqual({
      server: 'https://203.0.113.10',
      'certificate-authority-data': 'Y2VydGlmaWNhdGU=',
    });
    expect(run.get('pulumi:providers:kubernetes').secrets).toContain('kubeconfig');
    expect(run.result.dnsAddress).toBe('169.254.20.10');
  });

  it('can be closed to the internet, and encrypt Secrets and disks with a key of your own', async () => {
    const run = await runProgram(() => build({ publicAccessCidrs: [], kmsKeyName: KEY }), GCP);
    expect(run.get(CLUSTER).inputs).toMatchObject({
      privateClusterConfig: { enablePrivateEndpoint: true },
      masterAuthorizedNetworksConfig: { cidrBlocks: [] },
      databaseEncryption: { state: 'ENCRYPTED', keyName: KEY },
      clusterAutoscaling: { autoProvisioningDefaults: { bootDiskKmsKey: KEY } },
    });
  });

  it('does not know its kubeconfig in a preview', async () => {
    const run = await runProgram(() => build(), GCP_PREVIEW);
    expect(await opened(run.result.kubeconfig)).toEqual({ value: UNKNOWN, secret: true });
  });
});

describe('Cluster of node pools', () => {
  it.each(MODES)('makes pools for CPU and GPU, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(STANDARD), cloud);
    expect(run.counts()).toMatchObject({ [CLUSTER]: 1, [POOL]: 2 });
    expect(run.get(CLUSTER).inputs).toMatchObject({
      datapathProvider: 'ADVANCED_DATAPATH',
      workloadIdentityConfig: { workloadPool: 'acme-chat.svc.id.goog' },
      addonsConfig: { gcpFilestoreCsiDriverConfig: { enabled: true }, dnsCacheConfig: { enabled: true } },
      removeDefaultNodePool: true,
      initialNodeCount: 1,
    });
    // Exclusive with Dataplane V2 and with Autopilot.
    for (const field of ['networkPolicy', 'enableAutopilot', 'clusterAutoscaling']) {
      expect(run.get(CLUSTER).inputs).not.toHaveProperty(field);
    }
  });

  it('bounds nodes over all zones, and leaves their number to the autoscaler', async () => {
    const run = await runProgram(() => build(STANDARD), GCP);
    const pool = run.get(POOL, 'chat-cluster-node-pool-cpu');
    expect(pool.inputs).toMatchObject({
      autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 9 },
      management: { autoRepair: true, autoUpgrade: true },
    });
    // Exclusive with totals.
    for (const field of ['autoscaling.minNodeCount', 'autoscaling.maxNodeCount', 'nodeCount']) {
      expect(pool.inputs).not.toHaveProperty(field);
    }
    expect(pool.ignoreChanges).toEqual(['initialNodeCount']);
  });

  it('keeps pods away from the account of their node', async () => {
    const run = await runProgram(() => build({ ...STANDARD, kmsKeyName: KEY }), GCP);
    for (const { inputs } of run.ofType(POOL)) {
      expect(inputs.nodeConfig).toMatchObject({
        workloadMetadataConfig: { mode: 'GKE_METADATA' },
        serviceAccount: ACCOUNT,
        bootDiskKmsKey: KEY,
      });
    }
  });

  it('labels GPU nodes, installs their drivers, and makes them after the others, so that GKE taints them', async () => {
    const run = await runProgram(() => build(STANDARD), GCP);
    const gpu = run.get(POOL, 'chat-cluster-node-pool-gpu');
    expect(gpu.inputs).toMatchObject({
      nodeLocations: ['europe-west3-b'],
      initialNodeCount: 0,
      nodeConfig: {
        labels: { 'polypod.dev/pool': 'gpu' },
        guestAccelerators: [
          { type: 'nvidia-l4', count: 1, gpuDriverInstallationConfig: { gpuDriverVersion: 'DEFAULT' } },
        ],
        shieldedInstanceConfig: { enableSecureBoot: false },
      },
    });
    expect(gpu.dependencies).toContain(run.get(POOL, 'chat-cluster-node-pool-cpu').urn);
  });
});

describe('Cluster', () => {
  it('says everything that is wrong before anything is registered', async () => {
    const run = await runProgram(() => {
      const program = () =>
        build({
          project: '123456789012',
          region: 'Frankfurt',
          compute: {
            mode: 'standard',
            cpu: { machineType: 'large', minNodes: 5, maxNodes: 3, diskGib: 1 },
            gpu: {
              machineType: 'g2-standard-8',
              minNodes: 0,
              maxNodes: 0,
              zones: ['b'],
              accelerator: { type: 'l4', count: 3 },
            },
          },
          releaseChannel: JSON.parse('"WEEKLY"'),
          publicAccessCidrs: ['everyone'],
          kmsKeyName: 'key',
        });
      for (const field of [
        'project',
        'region',
        'compute.cpu.machineType',
        'compute.cpu.minNodes',
        'compute.cpu.diskGib',
        'compute.gpu.maxNodes',
        'compute.gpu.zones\\[0\\]',
        'compute.gpu.accelerator.type',
        'compute.gpu.accelerator.count',
        'releaseChannel',
        'publicAccessCidrs\\[0\\]',
        'kmsKeyName',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});
