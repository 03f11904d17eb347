import { Cache, type CacheArgs } from '../../../constructs/aws/cache';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AWS, AWS_PREVIEW, PLACEMENT } from './aws-mocks';

const GIB = 1024 ** 3;
const GROUP = 'aws:elasticache/replicationGroup:ReplicationGroup';
const build = (args: Partial<CacheArgs> = {}) =>
  new Cache('chat-cache', { placement: PLACEMENT, size: { memory: GIB }, ...args });

describe('Cache', () => {
  it.each([
    ['up', AWS],
    ['preview', AWS_PREVIEW],
  ])('makes one Valkey over two zones, with one user, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual({
      'aws:ec2/securityGroup:SecurityGroup': 1,
      'aws:elasticache/parameterGroup:ParameterGroup': 1,
      'aws:elasticache/replicationGroup:ReplicationGroup': 1,
      'aws:elasticache/subnetGroup:SubnetGroup': 1,
      'aws:elasticache/user:User': 2,
      'aws:elasticache/userGroup:UserGroup': 1,
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': 1,
      'random:index/randomId:RandomId': 1,
      'random:index/randomPassword:RandomPassword': 2,
    });
    expect(run.get(GROUP).inputs).toMatchObject({
      engine: 'valkey',
      nodeType: 'cache.t4g.small',
      numCacheClusters: 2,
      multiAzEnabled: true,
      automaticFailoverEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      snapshotRetentionLimit: 7,
    });
    expect(run.get(GROUP)).toMatchObject({ protect: true, retainOnDelete: true });
    // Exclusive with numCacheClusters, and with users.
    for (const field of ['numNodeGroups', 'replicasPerNodeGroup', 'authToken']) {
      expect(run.get(GROUP).inputs).not.toHaveProperty(field);
    }
    expect(run.get('aws:elasticache/parameterGroup:ParameterGroup').inputs.parameters).toEqual([
      { name: 'maxmemory-policy', value: 'noeviction' },
    ]);
  });

  it('lets in one user by password, and `default` not at all', async () => {
    const run = await runProgram(() => build(), AWS);
    const user = run.get('aws:elasticache/user:User', 'chat-cache-user');
    expect(user.inputs).toMatchObject({
      userId: 'chat-cache-0a1b2c3d',
      engine: 'valkey',
      accessString: 'on ~* &* +@all -@dangerous +info',
    });
    expect(user.secrets.some((path) => path.startsWith('authenticationMode'))).toBe(true);
    expect(run.get('aws:elasticache/user:User', 'chat-cache-default-user').inputs).toMatchObject({
      userName: 'default',
      accessString: 'off ~* -@all',
    });
    expect(run.get('aws:elasticache/userGroup:UserGroup').inputs.userIds).toEqual([
      'chat-cache-0a1b2c3d',
      'chat-cache-0a1b2c3d-default',
    ]);
  });

  it('gives a connection, and the credentials in a Secret', async () => {
    const run = await runProgram(() => build(), AWS);
    expect((await opened(run.result.contract)).value).toEqual({
      host: 'master.chat-cache-0a1b2c3d.abc123.euc1.cache.amazonaws.com',
      port: 6379,
      mode: 'single',
      tls: true,
      credentials: { secretName: 'chat-cache' },
      maxConnections: 20_000,
      egress: { cidrs: PLACEMENT.subnetCidrs, ports: [6379] },
    });
    expect(await opened(run.result.objects[0])).toEqual({
      secret: true,
      value: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'chat-cache' },
        type: 'Opaque',
        stringData: { username: 'polypod', password: 'password-of-chat-cache-password' },
      },
    });
  });

  it('spreads keys over shards', async () => {
    const run = await runProgram(() => build({ mode: 'cluster', shards: 3, replicas: 2 }), AWS);
    expect(run.get(GROUP).inputs).toMatchObject({
      numNodeGroups: 3,
      replicasPerNodeGroup: 2,
      multiAzEnabled: true,
    });
    expect(run.get(GROUP).inputs).not.toHaveProperty('numCacheClusters');
    expect(run.get('aws:elasticache/parameterGroup:ParameterGroup').inputs.parameters).toContainEqual({
      name: 'cluster-enabled',
      value: 'yes',
    });
    expect((await opened(run.result.contract.host)).value).toMatch(/^clustercfg\./);
  });

  it.each([
    [1, 'cache.t4g.small'],
    [2, 'cache.t4g.medium'],
    [4, 'cache.m7g.large'],
    [8, 'cache.r7g.large'],
    [16, 'cache.r7g.xlarge'],
  ])('holds %d GiB of data on %s, with room for snapshots', async (gib, nodeType) => {
    const run = await runProgram(() => build({ size: { memory: gib * GIB } }), AWS);
    expect(run.get(GROUP).inputs.nodeType).toBe(nodeType);
  });

  it('lets shards share the data', async () => {
    const run = await runProgram(() => build({ size: { memory: 8 * GIB }, mode: 'cluster', shards: 4 }), AWS);
    expect(run.get(GROUP).inputs.nodeType).toBe('cache.t4g.medium');
  });

  it('does not know its host in a preview', async () => {
    const run = await runProgram(() => build(), AWS_PREVIEW);
    expect(await opened(run.result.contract.host)).toMatchObject({ value: UNKNOWN });
  });

  it('refuses what ElastiCache would refuse, all together', async () => {
    const program = () =>
      build({
        placement: { ...PLACEMENT, subnetIds: PLACEMENT.subnetIds.slice(0, 1) },
        shards: 100,
        replicas: 0,
        snapshotDays: 90,
        requiredConnections: 30_000,
      });
    const run = await runProgram(() => {
      for (const field of [
        'placement.subnetIds',
        'shards',
        'replicas',
        'snapshotDays',
        'requiredConnections',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
      expect(() => build({ size: { memory: 1000 * GIB } })).toThrow(/spread it over shards/);
      expect(() => build({ size: { memory: 1000 * GIB }, mode: 'cluster' })).toThrow(/or over more/);
      expect(() => build({ size: { memory: Number.NaN } })).toThrow(/size\.memory/);
    }, AWS);
    expect(run.resources).toEqual([]);
  });
});
