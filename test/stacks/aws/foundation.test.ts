import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@pulumi/pulumi';
import { InvalidInputError, isPlaceholder } from '../../../constructs/contracts';
import { type AwsFoundationArgs, awsFoundation } from '../../../stacks/aws';
import { AWS, AWS_PREVIEW } from '../../constructs/aws/aws-mocks';
import { existing, PRIVATE_A, PRIVATE_B } from '../../constructs/aws/existing-mocks';
import { type MockedCloud, opened, runProgram } from '../../support/pulumi-mocks';
import { providerFaults } from './provider-rules';

const GIB = 1024 ** 3;
const IMAGE = { repository: 'ghcr.io/acme/chat', digest: `sha256:${'ab'.repeat(32)}` };
const SMALL: AwsFoundationArgs['sizing'] = {
  database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
  cache: { memory: GIB, mode: 'single', maxConnections: 30 },
};
const CREATE: AwsFoundationArgs = {
  name: 'chat',
  sizing: SMALL,
  cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
  image: { existing: IMAGE },
};
const CREDENTIALS = { username: 'chat', password: secret('password-of-the-user') };
const USE_EXISTING: AwsFoundationArgs = {
  ...CREATE,
  cluster: { existing: { clusterName: 'platform' } },
  storage: { existing: { fileSystemId: 'fs-0123456789abcdef0' } },
  cache: { existing: { replicationGroupId: 'sessions', credentials: CREDENTIALS } },
  database: { existing: { instanceIdentifier: 'chat', credentials: CREDENTIALS } },
};
const EXISTING: MockedCloud = { ...AWS, answers: { ...AWS.answers, ...existing() } };

const lay = (args: Partial<AwsFoundationArgs> = {}) => awsFoundation({ ...CREATE, ...args });

describe('awsFoundation', () => {
  it.each([
    ['up', AWS],
    ['preview', AWS_PREVIEW],
  ])('creates everything, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => lay(), cloud);
    expect(run.counts()).toEqual({
      'aws:cloudwatch/logGroup:LogGroup': 1,
      'aws:ec2/eip:Eip': 3,
      'aws:ec2/internetGateway:InternetGateway': 1,
      'aws:ec2/natGateway:NatGateway': 3,
      'aws:ec2/route:Route': 4,
      'aws:ec2/routeTable:RouteTable': 5,
      'aws:ec2/routeTableAssociation:RouteTableAssociation': 9,
      'aws:ec2/securityGroup:SecurityGroup': 3,
      'aws:ec2/subnet:Subnet': 9,
      'aws:ec2/vpc:Vpc': 1,
      'aws:ec2/vpcEndpoint:VpcEndpoint': 1,
      'aws:efs/backupPolicy:BackupPolicy': 1,
      'aws:efs/fileSystem:FileSystem': 1,
      'aws:efs/fileSystemPolicy:FileSystemPolicy': 1,
      'aws:efs/mountTarget:MountTarget': 3,
      'aws:eks/addon:Addon': 2,
      'aws:eks/cluster:Cluster': 1,
      'aws:elasticache/parameterGroup:ParameterGroup': 1,
      'aws:elasticache/replicationGroup:ReplicationGroup': 1,
      'aws:elasticache/subnetGroup:SubnetGroup': 1,
      'aws:elasticache/user:User': 2,
      'aws:elasticache/userGroup:UserGroup': 1,
      'aws:iam/role:Role': 3,
      'aws:iam/rolePolicyAttachment:RolePolicyAttachment': 8,
      'aws:rds/instance:Instance': 1,
      'aws:rds/parameterGroup:ParameterGroup': 1,
      'aws:rds/subnetGroup:SubnetGroup': 1,
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': 3,
      'kubernetes:core/v1:ConfigMap': 1,
      'random:index/randomId:RandomId': 2,
      'random:index/randomPassword:RandomPassword': 3,
    });
    expect(run.ofType('aws:ec2/subnet:Subnet').map(({ inputs }) => inputs.availabilityZone)).toEqual(
      Array(3).fill(['eu-central-1a', 'eu-central-1b', 'eu-central-1c']).flat(),
    );
  });

  it.each([
    ['up', EXISTING],
    ['preview', { ...EXISTING, mode: 'preview' } as const],
  ])('registers nothing but a way into the cluster where all is there, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => awsFoundation(USE_EXISTING), cloud);
    expect(run.names()).toEqual(['pulumi:providers:kubernetes chat-kubernetes']);
    expect(run.result.backing).toMatchObject({
      image: IMAGE,
      cache: { host: 'master.sessions.abc123.euc1.cache.amazonaws.com', tls: true, maxConnections: 65_000 },
      database: { host: 'chat.abc123.eu-central-1.rds.amazonaws.com', database: 'chat', maxConnections: 796 },
    });
  });

  it('puts data services beside the nodes of an existing cluster', async () => {
    const run = await runProgram(() => lay({ cluster: { existing: { clusterName: 'platform' } } }), EXISTING);
    expect(run.counts()).not.toHaveProperty('aws:ec2/vpc:Vpc');
    expect(run.get('aws:rds/subnetGroup:SubnetGroup').inputs.subnetIds).toEqual([PRIVATE_A, PRIVATE_B]);
    for (const rule of run.ofType('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')) {
      expect(rule.inputs.referencedSecurityGroupId).toBe('sg-0eeeeeeeeeeeeeee0');
    }
  });

  it('starts no node before its way out is there', async () => {
    const run = await runProgram(() => lay(), AWS);
    const routes = run.ofType('aws:ec2/route:Route').map(({ urn }) => urn);
    expect(run.get('polypod:aws:Cluster').dependencies).toEqual(expect.arrayContaining(routes));
  });

  it('makes a cluster in subnets that exist', async () => {
    const network = { existing: { privateSubnetIds: [PRIVATE_A, PRIVATE_B] } };
    const run = await runProgram(() => lay({ cluster: { publicAccessCidrs: [], network } }), EXISTING);
    expect(run.counts()).not.toHaveProperty('aws:ec2/subnet:Subnet');
    expect(run.get('aws:eks/cluster:Cluster').inputs.vpcConfig).toMatchObject({
      subnetIds: [PRIVATE_A, PRIVATE_B],
    });
    expect(run.ofType('aws:efs/mountTarget:MountTarget').map(({ inputs }) => inputs.subnetId)).toEqual([
      PRIVATE_A,
      PRIVATE_B,
    ]);
  });

  it('lets only the nodes of its cluster reach the data', async () => {
    const run = await runProgram(() => lay(), AWS);
    const rules = run
      .ofType('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')
      .map(({ inputs }) => [inputs.securityGroupId, inputs.referencedSecurityGroupId, inputs.fromPort]);
    expect(rules).toEqual([
      ['chat-cache-security-group-id', 'sg-0c0c0c0c0c0c0c0c0', 6379],
      ['chat-database-security-group-id', 'sg-0c0c0c0c0c0c0c0c0', 5432],
      ['chat-files-security-group-id', 'sg-0c0c0c0c0c0c0c0c0', 2049],
    ]);
  });

  it('yields a backing whose unknown texts are placeholders and whose figures are plain', async () => {
    const run = await runProgram(() => lay(), AWS_PREVIEW);
    const { backing, dnsAddress } = run.result;
    expect(isPlaceholder(backing.database.host)).toBe(true);
    expect(isPlaceholder(backing.cache?.host)).toBe(true);
    expect(backing.database).toMatchObject({
      port: 5432,
      maxConnections: 390,
      credentials: { secretName: 'chat-database' },
    });
    expect(backing.database.egress).toEqual({
      cidrs: expect.arrayContaining([expect.any(String)]),
      ports: [5432],
    });
    expect(backing.storage).toMatchObject({ kind: 'efs', storageClass: { name: 'chat-files-efs' } });
    expect(dnsAddress).toBe('172.20.0.10');
  });

  it('brings what the namespace must hold, and what must be ready before pods', async () => {
    const run = await runProgram(() => lay(), AWS);
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
      'efs/mountTarget:MountTarget',
      'rds/instance:Instance',
      'eks/addon:Addon',
      'elasticache/replicationGroup',
    ]) {
      expect(ready.some((urn) => urn.includes(type))).toBe(true);
    }
  });

  it('keeps kubeconfig and passwords out of plain outputs', async () => {
    const run = await runProgram(() => lay(), AWS);
    expect((await opened(run.result.outputs.kubeconfig)).secret).toBe(true);
    expect((await opened(run.result.kubeconfig)).secret).toBe(true);
    const { kubeconfig: _secret, ...plain } = run.result.outputs;
    expect(JSON.stringify((await opened(plain)).value)).not.toContain('password-of');
  });

  it('encrypts all that holds data with one key', async () => {
    const run = await runProgram(
      () =>
        lay({
          encryptionKey: 'create',
          backup: { retentionDays: 90 },
          image: { context: 'test/stacks/aws/image' },
        }),
      AWS,
    );
    const arn = 'arn:aws:mock:eu-central-1:123456789012:chat-key-key';
    expect(run.get('aws:efs/fileSystem:FileSystem').inputs.kmsKeyId).toBe(arn);
    expect(run.get('aws:elasticache/replicationGroup:ReplicationGroup').inputs.kmsKeyId).toBe(arn);
    expect(run.get('aws:rds/instance:Instance').inputs).toMatchObject({
      kmsKeyId: arn,
      masterUserSecretKmsKeyId: arn,
    });
    expect(run.get('aws:backup/vault:Vault').inputs.kmsKeyArn).toBe(arn);
    expect(run.get('aws:eks/cluster:Cluster').inputs.encryptionConfig).toMatchObject({
      provider: { keyArn: arn },
    });
    expect(run.get('aws:ecr/repository:Repository').inputs.encryptionConfigurations).toEqual([
      { encryptionType: 'KMS', kmsKey: arn },
    ]);
    // One backup, not two.
    expect(run.get('aws:efs/backupPolicy:BackupPolicy').inputs.backupPolicy).toEqual({ status: 'DISABLED' });
  });

  it('protects nothing that is to be torn down, and by default all that holds data', async () => {
    const kept = await runProgram(() => lay(), AWS);
    expect(
      kept.resources
        .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
        .map(({ type }) => type),
    ).toEqual([
      'aws:elasticache/replicationGroup:ReplicationGroup',
      'aws:eks/cluster:Cluster',
      'aws:rds/instance:Instance',
      'aws:efs/fileSystem:FileSystem',
    ]);
    const gone = await runProgram(() => lay({ removal: 'destroy' }), AWS);
    expect(gone.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
    expect(gone.names()).toEqual(kept.names());
  });

  it('keeps every name when sizes, compute or the image change', async () => {
    const before = await runProgram(() => lay(), AWS);
    const after = await runProgram(
      () =>
        lay({
          sizing: { ...SMALL, database: { ...SMALL.database, cpu: 8, memory: 32 * GIB } },
          image: { existing: { ...IMAGE, digest: `sha256:${'cd'.repeat(32)}` } },
          tags: { team: 'chat' },
        }),
      AWS,
    );
    expect(after.names()).toEqual(before.names());
  });

  it('goes without a cache where that is said', async () => {
    const run = await runProgram(() => lay({ cache: 'none' }), AWS);
    expect(run.result.backing.cache).toBeUndefined();
    expect(run.counts()).not.toHaveProperty('aws:elasticache/replicationGroup:ReplicationGroup');
  });

  it('refuses wrong arguments and unfit resources together, before anything is registered', async () => {
    const answers = existing({
      fileSystem: { throughputMode: 'bursting' },
      replicationGroup: { multiAzEnabled: false },
      instance: { storageEncrypted: false },
    });
    let message = '';
    const run = await runProgram(
      async () => {
        try {
          await awsFoundation({
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
      { ...AWS, answers: { ...AWS.answers, ...answers } },
    );
    for (const field of [
      'name = ',
      'image.existing',
      'backup.schedule',
      'storage.existing.fileSystemId',
      'cache.existing.replicationGroupId',
      'database.existing.instanceIdentifier',
    ]) {
      expect(message).toMatch(new RegExp(`^  ${field}`, 'm'));
    }
    expect(run.resources).toEqual([]);
  });

  it('checks the connection budget before anything is created', async () => {
    const sizing = { ...SMALL, database: { ...SMALL.database, maxConnections: 1000 } };
    await runProgram(async () => {
      await expect(lay({ sizing })).rejects.toThrow(
        /database\.requiredConnections = 1000\n.*db\.t4g\.medium grants \(390\)/,
      );
    }, AWS);
  });

  describe.each<[string, Partial<AwsFoundationArgs>]>([
    ['the default', {}],
    [
      'managed nodes with GPUs, administrators and private endpoints',
      {
        cluster: {
          publicAccessCidrs: [],
          administratorArns: ['arn:aws:iam::123456789012:role/platform'],
          compute: {
            mode: 'managed',
            architecture: 'arm64',
            cpu: { instanceTypes: ['m7g.xlarge'], minNodes: 3, maxNodes: 9 },
          },
          gpu: { instanceTypes: ['g6.12xlarge'], minNodes: 0, maxNodes: 2, gpusPerNode: 4 },
          network: { nat: 'single', registryEndpoints: true, cidr: '192.168.0.0/18' },
        },
      },
    ],
    [
      'everything that is optional',
      {
        sizing: { ...SMALL, cache: { ...SMALL.cache, mode: 'cluster' } },
        storage: { throughput: { provisioned: 300 }, infrequentAccessAfterDays: 1 },
        cache: { shards: 3, replicas: 2 },
        database: { engine: 'mysql', maxStorageGib: 110, backupDays: 35 },
        backup: { coldStorageAfterDays: 30, retentionDays: 365 },
        encryptionKey: 'create',
        image: { context: 'test/stacks/aws/image' },
        removal: 'destroy',
      },
    ],
  ])("AWS's own rules for values, with %s", (_what, args) => {
    it.each([
      ['up', AWS],
      ['preview', AWS_PREVIEW],
    ])('hold in %s', async (_mode, cloud) => {
      const run = await runProgram(() => lay(args), cloud);
      expect(providerFaults(run.resources)).toEqual([]);
    });
  });

  it('imports of AWS only the classes that it uses, and no other cloud', () => {
    const folders = ['constructs/aws', 'constructs/cloud', 'stacks/aws'];
    const imports = folders.flatMap((folder) =>
      readdirSync(folder).flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(/from '(@pulumi\/[^']+)'/g)].map(
          ([, path = '']) => path,
        ),
      ),
    );
    expect(imports.length).toBeGreaterThan(50);
    for (const path of imports) {
      expect(path).toMatch(/^@pulumi\/(pulumi|(aws|random|kubernetes|docker-build)\/.+)$/);
      // A module's index loads a file for each of its classes as soon as one is used.
      expect(path).not.toMatch(/^@pulumi\/aws\/[a-z0-9]+$/);
    }
  });
});
