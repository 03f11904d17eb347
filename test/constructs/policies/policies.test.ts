import { crossGuardPolicies } from '../../../constructs/policies/pack';
import { POLICIES, violations } from '../../../constructs/policies/policies';
import { awsFoundation } from '../../../stacks/aws';
import { AWS } from '../../constructs/aws/aws-mocks';
import { runProgram } from '../../support/pulumi-mocks';

type Inputs = Record<string, unknown>;

const GOOD_CACHE = {
  atRestEncryptionEnabled: true,
  transitEncryptionEnabled: true,
  transitEncryptionMode: 'required',
};
const GOOD_ACCOUNT = {
  kind: 'FileStorage',
  sku: { name: 'Premium_ZRS' },
  minimumTlsVersion: 'TLS1_2',
  publicNetworkAccess: 'Disabled',
};
const GOOD_SQL = { settings: { ipConfiguration: { sslMode: 'ENCRYPTED_ONLY', ipv4Enabled: false } } };
const sql = (change: Inputs) => ({
  settings: { ipConfiguration: { ...GOOD_SQL.settings.ipConfiguration, ...change } },
});

/** Type, what is fine, and for each change what is said. */
const CASES: [type: string, good: Inputs, bad: [change: Inputs, policy: string, said: RegExp][]][] = [
  [
    'aws:efs/fileSystem:FileSystem',
    { encrypted: true, throughputMode: 'elastic' },
    [
      [{ throughputMode: 'bursting' }, 'storage-serves-many-pods', /^throughputMode: bursting credits/],
      [
        { throughputMode: undefined },
        'storage-serves-many-pods',
        /^throughputMode: without a mode it is bursting/,
      ],
      [
        { availabilityZoneName: 'eu-central-1a' },
        'storage-serves-many-pods',
        /^availabilityZoneName: .*one zone/,
      ],
      [{ encrypted: undefined }, 'data-encrypted-at-rest', /^encrypted: .*set encrypted to true/],
    ],
  ],
  [
    'aws:rds/instance:Instance',
    { storageEncrypted: true, publiclyAccessible: false },
    [
      [{ storageEncrypted: false }, 'data-encrypted-at-rest', /^storageEncrypted/],
      [{ publiclyAccessible: true }, 'data-not-public', /^publiclyAccessible: .*public address/],
    ],
  ],
  [
    'aws:rds/cluster:Cluster',
    { storageEncrypted: true },
    [[{ storageEncrypted: undefined }, 'data-encrypted-at-rest', /^storageEncrypted/]],
  ],
  [
    'aws:ebs/volume:Volume',
    { encrypted: true },
    [[{ encrypted: false }, 'data-encrypted-at-rest', /^encrypted/]],
  ],
  [
    'aws:elasticache/replicationGroup:ReplicationGroup',
    GOOD_CACHE,
    [
      [{ atRestEncryptionEnabled: false }, 'data-encrypted-at-rest', /^atRestEncryptionEnabled/],
      [{ transitEncryptionEnabled: undefined }, 'connections-encrypted', /^transitEncryptionEnabled/],
      [
        { transitEncryptionMode: 'preferred' },
        'connections-encrypted',
        /^transitEncryptionMode: clients without TLS/,
      ],
    ],
  ],
  [
    'aws:rds/parameterGroup:ParameterGroup',
    { family: 'postgres17', parameters: [{ name: 'rds.force_ssl', value: '1' }] },
    [
      [
        { parameters: [{ name: 'rds.force_ssl', value: '0' }] },
        'connections-encrypted',
        /rds\.force_ssl to 1/,
      ],
      [{ family: 'mysql8.4', parameters: [] }, 'connections-encrypted', /require_secure_transport to 1/],
    ],
  ],
  [
    'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
    { cidrIpv4: '10.0.0.0/16', fromPort: 5432, toPort: 5432, ipProtocol: 'tcp' },
    [
      [{ cidrIpv4: '0.0.0.0/0' }, 'data-not-public', /open to the internet/],
      [{ cidrIpv6: '::/0', fromPort: 1, toPort: 65_535 }, 'data-not-public', /open to the internet/],
    ],
  ],
  [
    'aws:ec2/securityGroup:SecurityGroup',
    { ingress: [{ cidrBlocks: ['0.0.0.0/0'], fromPort: 443, toPort: 443, protocol: 'tcp' }] },
    [
      [
        { ingress: [{ cidrBlocks: ['0.0.0.0/0'], fromPort: 0, toPort: 0, protocol: '-1' }] },
        'data-not-public',
        /open to/,
      ],
    ],
  ],
  [
    'aws:ec2/securityGroupRule:SecurityGroupRule',
    { type: 'egress', cidrBlocks: ['0.0.0.0/0'], fromPort: 0, toPort: 65_535 },
    [[{ type: 'ingress' }, 'data-not-public', /open to the internet/]],
  ],
  [
    'aws:eks/cluster:Cluster',
    { vpcConfig: { publicAccessCidrs: ['203.0.113.0/24'] } },
    [
      [{ vpcConfig: {} }, 'data-not-public', /API server answers everybody/],
      [
        { vpcConfig: { publicAccessCidrs: ['0.0.0.0/0'] } },
        'data-not-public',
        /API server answers everybody/,
      ],
    ],
  ],
  [
    'gcp:filestore/instance:Instance',
    { tier: 'REGIONAL' },
    [[{ tier: 'STANDARD' }, 'storage-serves-many-pods', /^tier/]],
  ],
  [
    'gcp:sql/databaseInstance:DatabaseInstance',
    GOOD_SQL,
    [
      [
        sql({ sslMode: 'ALLOW_UNENCRYPTED_AND_ENCRYPTED' }),
        'connections-encrypted',
        /sslMode: clients without TLS/,
      ],
      [sql({ ipv4Enabled: true }), 'data-not-public', /ipv4Enabled: the database has a public address/],
      [sql({ authorizedNetworks: [{ value: '0.0.0.0/0' }] }), 'data-not-public', /lets everybody in/],
    ],
  ],
  [
    'gcp:redis/instance:Instance',
    { transitEncryptionMode: 'SERVER_AUTHENTICATION' },
    [[{ transitEncryptionMode: undefined }, 'connections-encrypted', /clear text/]],
  ],
  [
    'gcp:memorystore/instance:Instance',
    { transitEncryptionMode: 'SERVER_AUTHENTICATION' },
    [[{ transitEncryptionMode: 'TRANSIT_ENCRYPTION_DISABLED' }, 'connections-encrypted', /clear text/]],
  ],
  [
    'gcp:container/cluster:Cluster',
    { masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: '203.0.113.0/24' }] } },
    [
      [
        { masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: '0.0.0.0/0' }] } },
        'data-not-public',
        /API server answers everybody/,
      ],
    ],
  ],
  [
    'azure-native:storage:StorageAccount',
    GOOD_ACCOUNT,
    [
      [{ sku: { name: 'Premium_LRS' } }, 'storage-serves-many-pods', /^sku\.name/],
      [{ minimumTlsVersion: 'TLS1_0' }, 'connections-encrypted', /^minimumTlsVersion/],
      [{ publicNetworkAccess: undefined }, 'data-not-public', /^publicNetworkAccess/],
      [{ allowBlobPublicAccess: true }, 'data-not-public', /^allowBlobPublicAccess/],
    ],
  ],
  [
    'azure-native:dbforpostgresql:Server',
    { network: { publicNetworkAccess: 'Disabled' } },
    [[{ network: { publicNetworkAccess: 'Enabled' } }, 'data-not-public', /public address/]],
  ],
  [
    'azure-native:dbformysql:Server',
    { network: {} },
    [[{ network: { publicNetworkAccess: 'Enabled' } }, 'data-not-public', /public address/]],
  ],
  [
    'azure-native:dbforpostgresql:Configuration',
    { configurationName: 'require_secure_transport', value: 'on' },
    [[{ value: 'off' }, 'connections-encrypted', /require_secure_transport to on/]],
  ],
  [
    'azure-native:dbformysql:Configuration',
    { configurationName: 'max_connections', value: '500' },
    [[{ configurationName: 'require_secure_transport', value: 'OFF' }, 'connections-encrypted', /to on/]],
  ],
  [
    'azure-native:redisenterprise:RedisEnterprise',
    { sku: { name: 'Balanced_B5' }, publicNetworkAccess: 'Disabled' },
    [
      [{ sku: { name: 'Enterprise_E10' } }, 'service-not-retired', /31 March 2027/],
      [{ publicNetworkAccess: 'Enabled' }, 'data-not-public', /public address/],
    ],
  ],
  [
    'azure-native:redisenterprise:Database',
    { clientProtocol: 'Encrypted' },
    [[{ clientProtocol: 'Plaintext' }, 'connections-encrypted', /clear text/]],
  ],
  [
    'kubernetes:helm.sh/v3:Release',
    { chart: 'gateway-helm' },
    [[{ chart: 'ingress-nginx' }, 'service-not-retired', /March 2026/]],
  ],
  [
    'kubernetes:networking.k8s.io/v1:IngressClass',
    { spec: { controller: 'eks.amazonaws.com/alb' } },
    [[{ spec: { controller: 'k8s.io/ingress-nginx' } }, 'service-not-retired', /March 2026/]],
  ],
];
/** Types of which nothing is fine. */
const RETIRED = [
  'azure-native:dbforpostgresql:SingleServer',
  'azure-native:dbformysql:SingleServer',
  'azure-native:redis:Redis',
  'azure-native:cache/v20230801:Redis',
];

const against = (type: string, properties: Inputs) =>
  POLICIES.flatMap((policy) =>
    violations(policy, { type, properties }).map((said) => ({ policy: policy.name, said })),
  );

describe.each(CASES)('%s', (type, good, bad) => {
  it('passes as it should be', () => expect(against(type, good)).toEqual([]));

  it.each(bad)('is refused with %j by %s', (change, policy, said) => {
    expect(against(type, { ...good, ...change })).toEqual([{ policy, said: expect.stringMatching(said) }]);
  });
});

it.each(RETIRED)('%s is refused', (type) => {
  expect(against(type, {})).toEqual([{ policy: 'service-not-retired', said: expect.any(String) }]);
});

it('has a case for every rule', () => {
  const types = new Set(POLICIES.flatMap(({ rules }) => rules.map(({ type }) => type)));
  const tested = [...CASES.map(([type]) => type), ...RETIRED.map((type) => type.replace(/\/v\d+:/, ':'))];
  expect([...types].filter((type) => !tested.includes(type))).toEqual([]);
});

it('has nothing against what the foundation of AWS makes', async () => {
  const GIB = 1024 ** 3;
  const run = await runProgram(
    () =>
      awsFoundation({
        name: 'chat',
        sizing: {
          database: { cpu: 2, memory: 4 * GIB, storage: 100 * GIB, maxConnections: 60 },
          cache: { memory: GIB, mode: 'single', maxConnections: 30 },
        },
        cluster: { publicAccessCidrs: ['203.0.113.0/24'] },
        image: { existing: { repository: 'ghcr.io/acme/chat', tag: '1.4.2' } },
      }),
    AWS,
  );
  expect(run.resources.flatMap(({ type, inputs }) => against(type, { ...inputs }))).toEqual([]);
}, 60_000);

it('reports to CrossGuard, and stops what breaks a rule', async () => {
  const policies = crossGuardPolicies();
  expect(policies.map(({ enforcementLevel }) => enforcementLevel)).toEqual(POLICIES.map(() => 'mandatory'));
  const reported: string[] = [];
  for (const { validateResource } of policies) {
    if (typeof validateResource !== 'function') throw new Error('a policy validates nothing');
    const args = { type: 'aws:ebs/volume:Volume', props: {} } as unknown as Parameters<
      typeof validateResource
    >[0];
    await validateResource(args, (message) => reported.push(message));
  }
  expect(reported).toEqual(['encrypted: the disk lies unencrypted: set encrypted to true']);
});
