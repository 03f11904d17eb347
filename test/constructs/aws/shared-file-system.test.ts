import { SharedFileSystem, type SharedFileSystemArgs } from '../../../constructs/aws/shared-file-system';
import { InvalidInputError } from '../../../constructs/contracts';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { awsOutputs, PLACEMENT } from './aws-mocks';

const build = (args: Partial<SharedFileSystemArgs> = {}) =>
  new SharedFileSystem('chat', { placement: PLACEMENT, ...args });

describe('SharedFileSystem', () => {
  it('makes one encrypted elastic file system with a mount target in each zone', async () => {
    const run = await runProgram(() => build(), { outputs: awsOutputs });
    expect(run.counts()).toEqual({
      'aws:ec2/securityGroup:SecurityGroup': 1,
      'aws:efs/backupPolicy:BackupPolicy': 1,
      'aws:efs/fileSystem:FileSystem': 1,
      'aws:efs/fileSystemPolicy:FileSystemPolicy': 1,
      'aws:efs/mountTarget:MountTarget': 3,
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': 1,
    });
    const fileSystem = run.get('aws:efs/fileSystem:FileSystem');
    expect(fileSystem.inputs).toMatchObject({
      encrypted: true,
      performanceMode: 'generalPurpose',
      throughputMode: 'elastic',
    });
    expect(fileSystem.inputs).not.toHaveProperty('provisionedThroughputInMibps');
    expect(fileSystem).toMatchObject({ protect: true, retainOnDelete: true });
    expect(run.ofType('aws:efs/mountTarget:MountTarget').map(({ inputs }) => inputs.subnetId)).toEqual(
      PLACEMENT.subnetIds,
    );
    expect(run.get('aws:efs/backupPolicy:BackupPolicy').inputs.backupPolicy).toEqual({ status: 'ENABLED' });
  });

  it('lets nothing but the nodes in, and only by NFS', async () => {
    const run = await runProgram(() => build(), { outputs: awsOutputs });
    const group = run.get('aws:ec2/securityGroup:SecurityGroup');
    expect(group.inputs).not.toHaveProperty('ingress');
    expect(run.get('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').inputs).toMatchObject({
      securityGroupId: 'chat-security-group-id',
      referencedSecurityGroupId: PLACEMENT.clientSecurityGroupId,
      ipProtocol: 'tcp',
      fromPort: 2049,
      toPort: 2049,
    });
  });

  it('refuses clients without TLS', async () => {
    const run = await runProgram(() => build(), { outputs: awsOutputs });
    const policy = JSON.parse(String(run.get('aws:efs/fileSystemPolicy:FileSystemPolicy').inputs.policy));
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  it('gives a storage class on that file system, owned by the runtime, and waits for the mount targets', async () => {
    const run = await runProgram(() => build(), { outputs: awsOutputs });
    const { contract, ready } = run.result;
    expect(contract).toMatchObject({
      kind: 'efs',
      storageClass: {
        name: 'chat-efs',
        provisioner: 'efs.csi.aws.com',
        parameters: { fileSystemId: expect.any(String), uid: '10001', gid: '10001' },
      },
    });
    const urns = await Promise.all(ready.map(async (resource) => (await opened(resource.urn)).value));
    for (const target of run.ofType('aws:efs/mountTarget:MountTarget')) expect(urns).toContain(target.urn);
  });

  it('plans with the provisioned throughput where that is the limit', async () => {
    const run = await runProgram(() => build({ throughput: { provisioned: 200 } }), { outputs: awsOutputs });
    expect(run.get('aws:efs/fileSystem:FileSystem').inputs).toMatchObject({
      throughputMode: 'provisioned',
      provisionedThroughputInMibps: 200,
    });
    expect(run.result.contract.throughput).toEqual({ perClient: 209_715_200, aggregate: 209_715_200 });
  });

  it('leaves what AWS makes up unknown in a preview', async () => {
    const run = await runProgram(() => build(), { mode: 'preview' });
    for (const target of run.ofType('aws:efs/mountTarget:MountTarget')) {
      expect(target.inputs.fileSystemId).toBe(UNKNOWN);
    }
    expect(run.ofType('aws:efs/mountTarget:MountTarget')).toHaveLength(3);
  });

  it('can be torn down on purpose, and changed where nothing else helps', async () => {
    const run = await runProgram(
      () =>
        build({
          removal: 'destroy',
          transform: {
            fileSystem: { protection: { replicationOverwrite: 'DISABLED' } },
            mountTarget: (args, options) => {
              args.ipAddressType = 'DUAL_STACK';
              options.ignoreChanges = ['ipAddress'];
            },
          },
        }),
      { outputs: awsOutputs },
    );
    expect(run.get('aws:efs/fileSystem:FileSystem')).toMatchObject({
      protect: false,
      retainOnDelete: false,
      inputs: { encrypted: true, protection: { replicationOverwrite: 'DISABLED' } },
    });
    const target = run.get('aws:efs/mountTarget:MountTarget', 'chat-mount-target-2');
    expect(target).toMatchObject({ inputs: { ipAddressType: 'DUAL_STACK' }, ignoreChanges: ['ipAddress'] });
  });

  it('says everything that is wrong before anything is registered', async () => {
    const program = () =>
      new SharedFileSystem('Chat_Prod', {
        placement: { ...PLACEMENT, vpcId: 'my-vpc', subnetIds: [] },
        throughput: JSON.parse('"bursting"'),
        tags: { 'aws:owner': 'me' },
      });
    const run = await runProgram(() => {
      expect(program).toThrow(InvalidInputError);
      expect(program).toThrow(
        /5 problems[\s\S]*name = "Chat_Prod"[\s\S]*placement\.subnetIds[\s\S]*placement\.vpcId = "my-vpc"[\s\S]*throughput = "bursting"[\s\S]*aws:owner/,
      );
    });
    expect(run.resources).toEqual([]);
  });
});
