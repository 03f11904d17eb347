import { Cluster, type ClusterArgs } from '../../../constructs/aws/cluster';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AWS, AWS_PREVIEW, PLACEMENT } from './aws-mocks';

const build = (args: Partial<ClusterArgs> = {}) =>
  new Cluster('chat-cluster', {
    region: 'eu-central-1',
    subnetIds: PLACEMENT.subnetIds,
    publicAccessCidrs: ['203.0.113.0/24'],
    ...args,
  });

const MANAGED: Partial<ClusterArgs> = {
  compute: { mode: 'managed', cpu: { instanceTypes: ['m7i.xlarge'], minNodes: 3, maxNodes: 9 } },
  gpu: { instanceTypes: ['g6.xlarge'], minNodes: 1, maxNodes: 4 },
};

const EKS = 'aws:eks/cluster:Cluster';

describe('Cluster in Auto Mode', () => {
  it.each([
    ['up', AWS],
    ['preview', AWS_PREVIEW],
  ])('makes the cluster, its roles and add-ons, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'aws:cloudwatch/logGroup:LogGroup': 1,
      'aws:eks/addon:Addon': 2,
      'aws:eks/cluster:Cluster': 1,
      'aws:iam/role:Role': 3,
      'aws:iam/rolePolicyAttachment:RolePolicyAttachment': 8,
      'kubernetes:core/v1:ConfigMap': 1,
    });
  });

  it('turns on all three capabilities together, as EKS demands, and API access entries', async () => {
    const run = await runProgram(() => build(), AWS);
    expect(run.get(EKS)).toMatchObject({ protect: true, retainOnDelete: true });
    expect(run.get(EKS).inputs).toMatchObject({
      name: 'chat-cluster',
      version: '1.35',
      computeConfig: { enabled: true, nodePools: ['general-purpose', 'system'] },
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
      storageConfig: { blockStorage: { enabled: true } },
      bootstrapSelfManagedAddons: false,
      accessConfig: { authenticationMode: 'API' },
      vpcConfig: {
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
        publicAccessCidrs: ['203.0.113.0/24'],
      },
      upgradePolicy: { supportType: 'STANDARD' },
      deletionProtection: true,
    });
    expect(run.get('aws:cloudwatch/logGroup:LogGroup').inputs).toMatchObject({
      name: '/aws/eks/chat-cluster/cluster',
      retentionInDays: 90,
    });
  });

  it('waits for the rights that EKS needs to take itself down again', async () => {
    const run = await runProgram(() => build(), AWS);
    const attachments = run
      .ofType('aws:iam/rolePolicyAttachment:RolePolicyAttachment')
      .filter(({ name }) => !name.includes('file-system'));
    expect(run.get(EKS).dependencies).toEqual(expect.arrayContaining(attachments.map(({ urn }) => urn)));
  });

  it('makes NetworkPolicies count, and says where DNS answers', async () => {
    const run = await runProgram(() => build(), AWS);
    expect(run.get('kubernetes:core/v1:ConfigMap').inputs).toMatchObject({
      metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
      data: { 'enable-network-policy-controller': 'true' },
    });
    expect(run.result.dnsAddress).toBe('172.20.0.10');
  });

  it('gives the EFS driver a role that only its pods may take', async () => {
    const run = await runProgram(() => build(), AWS);
    const addon = run.get('aws:eks/addon:Addon', 'chat-cluster-addon-aws-efs-csi-driver');
    expect(addon.inputs.podIdentityAssociations).toEqual([
      {
        serviceAccount: 'efs-csi-controller-sa',
        roleArn: expect.stringContaining('chat-cluster-file-system-role'),
      },
    ]);
    const trust = JSON.parse(
      String(run.get('aws:iam/role:Role', 'chat-cluster-file-system-role').inputs.assumeRolePolicy),
    );
    expect(trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
      },
    ]);
  });

  it('bounds GPU nodes by the GPUs that they may have together', async () => {
    const run = await runProgram(
      () => build({ gpu: { instanceTypes: ['g6.12xlarge'], minNodes: 0, maxNodes: 3, gpusPerNode: 4 } }),
      AWS,
    );
    expect(run.get('kubernetes:karpenter.sh/v1:NodePool').inputs).toMatchObject({
      spec: {
        limits: { 'nvidia.com/gpu': 12 },
        template: {
          metadata: { labels: { 'polypod.dev/pool': 'gpu' } },
          spec: { taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }] },
        },
      },
    });
  });

  it('keeps the kubeconfig secret, and without a token in it', async () => {
    const run = await runProgram(() => build(), AWS);
    const { value, secret } = await opened(run.result.kubeconfig);
    expect(secret).toBe(true);
    const config = JSON.parse(String(value));
    expect(config.users[0].user).toEqual({
      exec: expect.objectContaining({
        command: 'aws',
        args: [
          '--region',
          'eu-central-1',
          'eks',
          'get-token',
          '--cluster-name',
          'chat-cluster',
          '--output',
          'json',
        ],
      }),
    });
    expect(config.clusters[0].cluster).toEqual({
      server: 'https://0123456789.gr7.eu-central-1.eks.amazonaws.com',
      'certificate-authority-data': 'Y2VydGlmaWNhdGU=',
    });
    expect(run.get('pulumi:providers:kubernetes').secrets).toContain('kubeconfig');
  });
});

describe('Cluster with managed node groups', () => {
  it('makes node groups for CPU and GPU, and the add-ons that Auto Mode brings by itself', async () => {
    const run = await runProgram(() => build(MANAGED), AWS);
    expect(run.counts()).toEqual({
      'aws:cloudwatch/logGroup:LogGroup': 1,
      'aws:ec2/launchTemplate:LaunchTemplate': 2,
      'aws:eks/addon:Addon': 6,
      'aws:eks/cluster:Cluster': 1,
      'aws:eks/nodeGroup:NodeGroup': 2,
      'aws:iam/role:Role': 3,
      'aws:iam/rolePolicyAttachment:RolePolicyAttachment': 5,
    });
    expect(run.get(EKS).inputs.computeConfig).toEqual({ enabled: false });
    expect(run.result.dnsAddress).toBeUndefined();
    const cni = run.get('aws:eks/addon:Addon', 'chat-cluster-addon-vpc-cni');
    expect(JSON.parse(String(cni.inputs.configurationValues))).toEqual({ enableNetworkPolicy: 'true' });
  });

  it('keeps pods away from the credentials of their node', async () => {
    const run = await runProgram(() => build(MANAGED), AWS);
    for (const template of run.ofType('aws:ec2/launchTemplate:LaunchTemplate')) {
      expect(template.inputs.metadataOptions).toMatchObject({
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
      });
      expect(template.inputs.blockDeviceMappings).toEqual([
        { deviceName: '/dev/xvda', ebs: expect.objectContaining({ encrypted: 'true' }) },
        { deviceName: '/dev/xvdb', ebs: expect.objectContaining({ encrypted: 'true', volumeSize: 100 }) },
      ]);
    }
  });

  it('taints and labels GPU nodes, and leaves their number to an autoscaler', async () => {
    const run = await runProgram(() => build(MANAGED), AWS);
    const group = run.get('aws:eks/nodeGroup:NodeGroup', 'chat-cluster-node-group-gpu');
    expect(group.inputs).toMatchObject({
      amiType: 'BOTTLEROCKET_x86_64_NVIDIA',
      labels: { 'polypod.dev/pool': 'gpu' },
      taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NO_SCHEDULE' }],
      scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 1 },
    });
    expect(group.ignoreChanges).toEqual(['scalingConfig.desiredSize']);
    // Exclusive with a launch template.
    for (const field of ['diskSize', 'remoteAccess']) expect(group.inputs).not.toHaveProperty(field);
  });

  it('has the network plugin before nodes, and nodes before what runs on them', async () => {
    const run = await runProgram(() => build(MANAGED), AWS);
    const addon = (name: string) => run.get('aws:eks/addon:Addon', `chat-cluster-addon-${name}`);
    const nodes = run.get('aws:eks/nodeGroup:NodeGroup', 'chat-cluster-node-group-cpu');
    expect(nodes.dependencies).toContain(addon('vpc-cni').urn);
    expect(addon('coredns').dependencies).toContain(nodes.urn);
    expect(addon('aws-efs-csi-driver').dependencies).toContain(nodes.urn);
  });
});

describe('Cluster', () => {
  it('lets administrators in by access entries', async () => {
    const arn = 'arn:aws:iam::123456789012:role/platform';
    const run = await runProgram(() => build({ administratorArns: [arn] }), AWS);
    expect(run.get('aws:eks/accessEntry:AccessEntry').inputs).toMatchObject({ principalArn: arn });
    expect(run.get('aws:eks/accessPolicyAssociation:AccessPolicyAssociation').inputs).toMatchObject({
      policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      accessScope: { type: 'cluster' },
    });
  });

  it('can be closed to the internet, and encrypt Secrets with a key of your own', async () => {
    const run = await runProgram(
      () => build({ publicAccessCidrs: [], kmsKeyArn: 'arn:aws:kms:::key/1' }),
      AWS,
    );
    const { vpcConfig, encryptionConfig } = run.get(EKS).inputs;
    expect(vpcConfig).toMatchObject({ endpointPublicAccess: false, endpointPrivateAccess: true });
    expect(vpcConfig).not.toHaveProperty('publicAccessCidrs');
    expect(encryptionConfig).toEqual({ provider: { keyArn: 'arn:aws:kms:::key/1' }, resources: ['secrets'] });
  });

  it('does not know its node security group in a preview', async () => {
    const run = await runProgram(() => build(), AWS_PREVIEW);
    expect(await opened(run.result.nodeSecurityGroupId)).toMatchObject({ value: UNKNOWN });
  });

  it('says everything that is wrong before anything is registered', async () => {
    const program = () =>
      build({
        region: 'Frankfurt',
        subnetIds: [],
        version: '1.20',
        compute: { mode: 'managed', cpu: { instanceTypes: [], minNodes: 5, maxNodes: 3 } },
        publicAccessCidrs: ['everyone'],
        logRetentionDays: 100,
        administratorArns: ['root'],
      });
    const run = await runProgram(() => {
      for (const field of [
        'region',
        'subnetIds',
        'version',
        'compute.cpu.instanceTypes',
        'compute.cpu.minNodes',
        'publicAccessCidrs\\[0\\]',
        'logRetentionDays',
        'administratorArns\\[0\\]',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
      expect(() => build({ gpu: { instanceTypes: ['g6.xlarge'], minNodes: 1, maxNodes: 1 } })).toThrow(
        /gpu\.minNodes = 1/,
      );
    }, AWS);
    expect(run.resources).toEqual([]);
  });
});
