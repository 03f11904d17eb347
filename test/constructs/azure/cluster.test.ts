import { Cluster, type ClusterArgs } from '../../../constructs/azure/cluster';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AZURE, AZURE_PREVIEW, NODE_SUBNET } from './azure-mocks';

const build = (args: Partial<ClusterArgs> = {}) =>
  new Cluster('chat-cluster', {
    resourceGroupName: 'chat',
    location: 'westeurope',
    subnetId: NODE_SUBNET,
    publicAccessCidrs: ['203.0.113.0/24'],
    ...args,
  });
const GPU = { vmSize: 'Standard_NC24ads_A100_v4', minNodes: 0, maxNodes: 4 };
const AKS = 'azure-native:containerservice:ManagedCluster';
const POOL = 'azure-native:containerservice:AgentPool';

describe('Cluster', () => {
  it('makes AKS over three zones with enforced policies, Entra sign-in and the file driver', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.counts()).toEqual({
      'azure-native:authorization:RoleAssignment': 2,
      [POOL]: 1,
      [AKS]: 1,
      'azure-native:managedidentity:UserAssignedIdentity': 1,
    });
    const cluster = run.get(AKS);
    expect(cluster).toMatchObject({ protect: true, retainOnDelete: true });
    expect(cluster.inputs).toMatchObject({
      sku: { name: 'Base', tier: 'Standard' },
      kubernetesVersion: '1.35',
      identity: { type: 'UserAssigned', userAssignedIdentities: ['chat-cluster-identity-id'] },
      disableLocalAccounts: true,
      aadProfile: { managed: true, enableAzureRBAC: true },
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataplane: 'cilium',
        networkPolicy: 'cilium',
        serviceCidr: '172.20.0.0/16',
        dnsServiceIP: '172.20.0.10',
        outboundType: 'loadBalancer',
      },
      apiServerAccessProfile: { authorizedIPRanges: ['203.0.113.0/24'] },
      oidcIssuerProfile: { enabled: true },
      securityProfile: { workloadIdentity: { enabled: true } },
      storageProfile: { fileCSIDriver: { enabled: true } },
    });
    expect(cluster.inputs.agentPoolProfiles).toMatchObject([
      {
        name: 'system',
        mode: 'System',
        count: 3,
        availabilityZones: ['1', '2', '3'],
        vnetSubnetID: NODE_SUBNET,
      },
    ]);
  });

  it('may use its subnet before it is there, and lets its creator in', async () => {
    const run = await runProgram(() => build(), AZURE);
    const [creator, network] = run.ofType('azure-native:authorization:RoleAssignment');
    expect(network?.inputs).toMatchObject({
      scope: NODE_SUBNET,
      principalId: 'principal-of-chat-cluster-identity',
      roleDefinitionId:
        '/subscriptions/00000000-1111-2222-3333-444444444444/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7',
    });
    expect(run.get(AKS).dependencies).toContain(network?.urn);
    expect(creator).toMatchObject({
      inputs: { principalId: 'principal-of-the-creator', scope: 'chat-cluster-cluster-id' },
      ignoreChanges: ['principalId'],
    });
    expect(run.get('pulumi:providers:kubernetes').dependencies).toContain(creator?.urn);
  });

  it('scales nodes in every zone, GPU nodes from none, for whoever asks for GPUs', async () => {
    const run = await runProgram(() => build({ gpu: GPU }), AZURE);
    const [cpu, gpu] = run.ofType(POOL);
    expect(cpu).toMatchObject({
      name: 'chat-cluster-node-pool-cpu',
      inputs: { mode: 'User', enableAutoScaling: true, minCount: 3, maxCount: 9, vmSize: 'Standard_D4ds_v5' },
      ignoreChanges: ['count'],
    });
    expect(gpu?.inputs).toMatchObject({
      minCount: 0,
      maxCount: 4,
      availabilityZones: ['1', '2', '3'],
      nodeLabels: { 'polypod.dev/pool': 'gpu' },
      nodeTaints: ['nvidia.com/gpu=present:NoSchedule'],
      gpuProfile: { driver: 'Install' },
    });
    const plugin = run.get('kubernetes:apps/v1:DaemonSet');
    expect(plugin.inputs).toMatchObject({ metadata: { namespace: 'kube-system' } });
    expect(JSON.stringify(plugin.inputs)).toContain('"nodeSelector":{"polypod.dev/pool":"gpu"}');
  });

  it('names a pool after what can not change in it, so that the new one stands first', async () => {
    const poolName = async (args: Partial<ClusterArgs>) => {
      const run = await runProgram(() => build(args), AZURE);
      const { name, inputs } = run.get(POOL);
      return [name, String(inputs.agentPoolName)];
    };
    const cpu = { vmSize: 'Standard_D8ds_v5', minNodes: 3, maxNodes: 9 };
    const [first, more, other] = [
      await poolName({ cpu }),
      await poolName({ cpu: { ...cpu, maxNodes: 20 } }),
      await poolName({ cpu: { ...cpu, vmSize: 'Standard_D16ds_v5' } }),
    ];
    expect(first[1]).toMatch(/^[a-z][a-z0-9]{0,11}$/);
    expect(more).toEqual(first);
    expect(other[0]).toBe(first[0]);
    expect(other[1]).not.toBe(first[1]);
  });

  it('gives a kubeconfig without tokens, as a secret', async () => {
    const run = await runProgram(() => build({ login: 'workloadidentity' }), AZURE);
    const { value, secret } = await opened(run.result.kubeconfig);
    expect(secret).toBe(true);
    const kubeconfig = JSON.parse(String(value));
    expect(kubeconfig.clusters[0].cluster).toEqual({
      server: 'https://chat.hcp.westeurope.azmk8s.io:443',
      'certificate-authority-data': 'Y2VydA==',
    });
    expect(kubeconfig.users[0].user.exec).toMatchObject({
      command: 'kubelogin',
      args: ['get-token', '--server-id', expect.any(String), '--login', 'workloadidentity'],
    });
  });

  it('is private where nobody is let in, and goes out as its network does', async () => {
    const run = await runProgram(() => build({ publicAccessCidrs: [], outbound: 'nat-gateway' }), AZURE);
    const { apiServerAccessProfile, networkProfile } = run.get(AKS).inputs;
    expect(apiServerAccessProfile).toMatchObject({ enablePrivateCluster: true, privateDNSZone: 'system' });
    expect(apiServerAccessProfile).not.toHaveProperty('authorizedIPRanges');
    expect(networkProfile).toMatchObject({ outboundType: 'userAssignedNATGateway' });
  });

  it('encrypts Secrets with a key that it may use', async () => {
    const encryptionKey = {
      vaultUri: 'https://v.vault.azure.net/',
      vaultId: '/subscriptions/s/resourceGroups/chat/providers/Microsoft.KeyVault/vaults/v',
      keyName: 'data',
      keyUri: 'https://v.vault.azure.net/keys/data/1',
      identityId: 'identity',
      identityClientId: 'client',
    };
    const run = await runProgram(() => build({ encryptionKey }), AZURE);
    expect(run.get(AKS).inputs.securityProfile).toMatchObject({
      azureKeyVaultKms: { enabled: true, keyId: encryptionKey.keyUri },
    });
    const role = run.get('azure-native:authorization:RoleAssignment', 'chat-cluster-key-role');
    expect(role.inputs.scope).toBe(encryptionKey.vaultId);
    expect(run.get(AKS).dependencies).toContain(role.urn);
  });

  it('leaves what Azure makes up unknown in a preview', async () => {
    const run = await runProgram(() => build({ gpu: GPU }), AZURE_PREVIEW);
    expect(await opened(run.result.kubeconfig)).toEqual({ value: UNKNOWN, secret: true });
    expect(run.ofType(POOL).map(({ inputs }) => inputs.resourceName)).toEqual([UNKNOWN, UNKNOWN]);
  });

  it('can be torn down on purpose', async () => {
    const run = await runProgram(() => build({ removal: 'destroy' }), AZURE);
    expect(run.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
  });

  it('refuses what AKS would refuse, all together', async () => {
    const program = () =>
      build({
        subnetId: 'nodes',
        version: '1.20',
        zones: ['1'],
        cpu: { vmSize: 'Standard_D4pds_v5', minNodes: 5, maxNodes: 3 },
        gpu: { ...GPU, diskGib: 10 },
        publicAccessCidrs: ['anywhere'],
        administratorGroupIds: ['platform'],
      });
    const run = await runProgram(() => {
      for (const field of [
        'subnetId',
        'version',
        'zones',
        'cpu.vmSize',
        'cpu.minNodes',
        'gpu.diskGib',
        'publicAccessCidrs\\[0\\]',
        'administratorGroupIds\\[0\\]',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
      expect(program).toThrow(/is an Arm machine/);
    }, AZURE);
    expect(run.resources).toEqual([]);
  });
});
