import { readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import { load } from 'js-yaml';
import deploy from '../../apps/deploy';
import { AWS, AWS_PREVIEW } from '../constructs/aws/aws-mocks';
import { existing } from '../constructs/aws/existing-mocks';
import { type MockedCloud, opened, type ProgramRun, runProgram } from '../support/pulumi-mocks';

type Config = Record<string, unknown>;
type Outputs = Awaited<ReturnType<typeof deploy>>;

/** The config of a sample stack, with changes; `undefined` takes a key out. */
function sample(stack: string, change: Config = {}): Config {
  const { config } = load(readFileSync(`Pulumi.${stack}.yaml`, 'utf8')) as { config: Config };
  return { ...config, ...change };
}

/** The program as Pulumi's language host starts it. */
function program(config: Config, secretKeys: readonly string[]): Promise<Outputs> {
  const texts = Object.entries(config).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, typeof value === 'string' ? value : JSON.stringify(value)]],
  );
  pulumi.runtime.setAllConfig(Object.fromEntries(texts), [...secretKeys]);
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(secretKeys);
  return deploy();
}

const run = (
  config: Config,
  cloud: MockedCloud,
  secretKeys: readonly string[] = [],
): Promise<ProgramRun<Outputs>> => runProgram(() => program(config, secretKeys), cloud);

// The mocked engine's is no folder.
beforeEach(() => jest.spyOn(pulumi, 'getRootDirectory').mockReturnValue(process.cwd()));

const MANAGED = {
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
  'aws:ecr/lifecyclePolicy:LifecyclePolicy': 1,
  'aws:ecr/repository:Repository': 1,
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
  'docker-build:index:Image': 1,
  'random:index/randomId:RandomId': 2,
};
const STACK = {
  'kubernetes:apps/v1:StatefulSet': 1,
  'kubernetes:autoscaling/v2:HorizontalPodAutoscaler': 1,
  'kubernetes:core/v1:Namespace': 1,
  'kubernetes:core/v1:PersistentVolumeClaim': 1,
  'kubernetes:core/v1:Service': 3,
  'kubernetes:core/v1:ServiceAccount': 1,
  'kubernetes:networking.k8s.io/v1:NetworkPolicy': 1,
  'kubernetes:policy/v1:PodDisruptionBudget': 1,
};
const CREDENTIALS = { username: 'chat', password: 'password-that-somebody-set' };
const EXISTING_SECTION = {
  cluster: { existing: { clusterName: 'platform' } },
  storage: { existing: { fileSystemId: 'fs-0123456789abcdef0' } },
  cache: { existing: { replicationGroupId: 'sessions', credentials: CREDENTIALS } },
  database: { existing: { instanceIdentifier: 'chat', credentials: CREDENTIALS } },
  image: { existing: 'ghcr.io/acme/polypod-runtime:0.1.0' },
};
const USE_EXISTING = sample('aws', { 'polypod:aws': EXISTING_SECTION });
const found = (change?: Parameters<typeof existing>[0]): MockedCloud => ({
  ...AWS,
  answers: { ...AWS.answers, ...existing(change) },
});
const preview = (cloud: MockedCloud): MockedCloud => ({ ...cloud, mode: 'preview' });
const CHAT = load(readFileSync('examples/deployments/chat.yaml', 'utf8')) as Config;

/** Runs a config that must be refused, and gives what is said. */
async function refusal(config: Config, cloud = AWS, secretKeys: string[] = []): Promise<string> {
  let message = 'nothing is refused';
  const refused = await runProgram(async () => {
    try {
      await program(config, secretKeys);
    } catch (error) {
      // Pulumi prints the message of this one alone, without a stack trace.
      if (!pulumi.RunError.isInstance(error)) throw error;
      message = error.message;
    }
  }, cloud);
  expect(refused.resources).toEqual([]);
  return message;
}

describe('the sample stack of AWS', () => {
  it.each([
    ['up', AWS],
    ['preview', AWS_PREVIEW],
  ])('goes from network to image to pods, in %s', async (_mode, cloud) => {
    const deployed = await run(sample('aws'), cloud);
    expect(deployed.counts()).toEqual({
      ...MANAGED,
      ...STACK,
      // The runtime's, the authorities of RDS, and Auto Mode's switch for network policies.
      'kubernetes:core/v1:ConfigMap': 3,
      // Cluster, cache, database and its administrator.
      'kubernetes:core/v1:Secret': 4,
      'kubernetes:batch/v1:Job': 1,
      // The pods' and the Job's.
      'kubernetes:networking.k8s.io/v1:NetworkPolicy': 2,
      'kubernetes:storage.k8s.io/v1:StorageClass': 1,
      'random:index/randomPassword:RandomPassword': 4,
    });
    const names = deployed.names();
    expect(new Set(names).size).toBe(names.length);
  });

  it('runs the image that was built, on the storage, cache and database that were made', async () => {
    const deployed = await run(sample('aws'), AWS);
    const pods = JSON.stringify(deployed.get('kubernetes:apps/v1:StatefulSet').inputs);
    expect(pods).toContain(`@sha256:${'ab'.repeat(32)}","imagePullPolicy`);
    expect(pods).toContain('"claimName":"chat-models"');
    expect(pods).toContain('chat-database-instance.abc123.eu-central-1.rds.amazonaws.com');
    expect(pods).toContain('master.chat-cache-0a1b2c3d.abc123.euc1.cache.amazonaws.com');
    expect(deployed.get('kubernetes:storage.k8s.io/v1:StorageClass').inputs).toMatchObject({
      provisioner: 'efs.csi.aws.com',
      parameters: { fileSystemId: 'chat-files-file-system-id' },
    });
  });

  it('starts pods after the file system can be mounted, their Secrets are there and the user is made', async () => {
    const deployed = await run(sample('aws'), AWS);
    const { dependencies } = deployed.get('kubernetes:apps/v1:StatefulSet');
    for (const type of ['kubernetes:core/v1:Secret', 'kubernetes:batch/v1:Job']) {
      const urns = deployed.ofType(type).map(({ urn }) => urn);
      expect(dependencies).toEqual(expect.arrayContaining(urns));
    }
    const chart = deployed.get('polypod:kubernetes:Chart');
    for (const type of [
      'aws:efs/mountTarget:MountTarget',
      'aws:eks/addon:Addon',
      'aws:rds/instance:Instance',
    ]) {
      const urns = deployed.ofType(type).map(({ urn }) => urn);
      expect(chart.dependencies).toEqual(expect.arrayContaining(urns));
    }
  });

  it('lets pods ask the DNS of Auto Mode, which is none of kube-system', async () => {
    const deployed = await run(sample('aws'), AWS);
    const policy = deployed.get(
      'kubernetes:networking.k8s.io/v1:NetworkPolicy',
      'chat/NetworkPolicy/llm/chat',
    );
    expect(JSON.stringify(policy.inputs)).toContain('172.20.0.10/32');
  });

  it('tells how to get in, and keeps what opens doors secret', async () => {
    const { result } = await run(sample('aws'), AWS);
    expect(result.endpoint).toBe('http://chat.llm.svc.cluster.local:8080/v1');
    expect(result.tryIt).toContain('kubectl -n llm port-forward service/chat');
    expect(await opened(result.kubeconfig)).toMatchObject({ secret: true });
    expect(await opened(result.connections)).toEqual({
      secret: true,
      value: {
        cache: {
          host: 'master.chat-cache-0a1b2c3d.abc123.euc1.cache.amazonaws.com',
          port: 6379,
          mode: 'single',
          tls: true,
          secret: 'llm/chat-cache',
        },
        database: {
          engine: 'postgresql',
          host: 'chat-database-instance.abc123.eu-central-1.rds.amazonaws.com',
          port: 5432,
          database: 'polypod',
          tls: 'verify-full',
          secret: 'llm/chat-database',
        },
      },
    });
    expect(JSON.stringify((await opened(result.foundation)).value)).not.toContain('certificate-authority');
  });

  it('keeps all names when the topology changes in other things', async () => {
    const before = await run(sample('aws'), AWS);
    const other = { ...CHAT, profile: 'medium', labels: { team: 'chat' }, connections: { database: 7 } };
    const after = await run(sample('aws', { 'polypod:topology': other }), AWS);
    expect(after.names().filter((name) => !before.names().includes(name))).toEqual([]);
    expect(before.names().filter((name) => !after.names().includes(name))).toEqual([]);
  });
});

describe('what exists on AWS', () => {
  it.each([
    ['up', found()],
    ['preview', preview(found())],
  ])('is used, in %s', async (_mode, cloud) => {
    const deployed = await run(USE_EXISTING, cloud, ['polypod:aws']);
    expect(deployed.counts()).toEqual({
      ...STACK,
      'kubernetes:core/v1:ConfigMap': expect.any(Number),
      'kubernetes:core/v1:Secret': 3,
      'kubernetes:storage.k8s.io/v1:StorageClass': 1,
      'random:index/randomPassword:RandomPassword': 1,
    });
    const secret = deployed.get('kubernetes:core/v1:Secret', 'chat/Secret/llm/chat-database');
    expect(secret.inputs.stringData).toEqual(CREDENTIALS);
    expect(secret.secrets.some((path) => path.startsWith('stringData'))).toBe(true);
  });

  it('is refused where it does not fit, each thing with its key, before anything is registered', async () => {
    const message = await refusal(
      USE_EXISTING,
      found({
        fileSystem: { throughputMode: 'bursting' },
        replicationGroup: { multiAzEnabled: false },
        instance: { storageEncrypted: false },
      }),
      ['polypod:aws'],
    );
    for (const key of [
      'polypod:aws.storage.existing.fileSystemId = "fs-0123456789abcdef0"',
      'polypod:aws.cache.existing.replicationGroupId = "sessions"',
      'polypod:aws.database.existing.instanceIdentifier = "chat"',
    ]) {
      expect(message).toContain(`  ${key}`);
    }
    expect(message).toMatch(/: 3 problems$/m);
  });
});

describe('the sample stack of a local cluster', () => {
  // Of whoever runs the tests; the provider would take it.
  beforeAll(() => {
    delete process.env.KUBECONFIG;
  });

  const LOCAL = {
    ...STACK,
    'kubernetes:apps/v1:StatefulSet': 3,
    'kubernetes:core/v1:ConfigMap': 1,
    'kubernetes:core/v1:Secret': 3,
    'kubernetes:core/v1:Service': 7,
    'kubernetes:networking.k8s.io/v1:NetworkPolicy': 3,
    'random:index/randomPassword:RandomPassword': 3,
  };

  it.each(['up', 'preview'] as const)('runs cache and database inside the namespace, in %s', async (mode) => {
    const deployed = await run(sample('local'), { ...AWS, mode });
    expect(deployed.counts()).toEqual(LOCAL);
    expect(deployed.get('pulumi:providers:kubernetes').inputs).toMatchObject({ context: 'kind-polypod' });
    expect(deployed.get('pulumi:providers:kubernetes').inputs).not.toHaveProperty('kubeconfig');
  });

  it('makes up passwords, which stand in Secrets alone', async () => {
    const deployed = await run(sample('local'), AWS);
    const passwords = deployed.ofType('kubernetes:core/v1:Secret').map(({ inputs }) => inputs.stringData);
    expect(passwords).toEqual([
      { username: 'polypod', password: 'password-of-polypod-cache-password' },
      { secret: 'password-of-polypod-cluster-secret' },
      { username: 'polypod', password: 'password-of-polypod-database-password' },
    ]);
    for (const { inputs, dependencies } of deployed.ofType('kubernetes:apps/v1:StatefulSet')) {
      const secrets = deployed.ofType('kubernetes:core/v1:Secret').map(({ urn }) => urn);
      expect({ inputs, dependencies }).toMatchObject({ dependencies: expect.arrayContaining(secrets) });
    }
    const { kubeconfig, ...outputs } = deployed.result;
    expect(kubeconfig).toBeUndefined();
    expect(JSON.stringify((await opened(outputs)).value)).not.toContain('password-of');
  });

  it('takes image, storage and a token from the config, where the topology names none', async () => {
    const token = { security: { huggingFaceToken: { secretName: 'hub', key: 'token' } } };
    const local = {
      image: { existing: 'localhost:5000/polypod-runtime:0.1.0' },
      storage: { className: 'nfs-client' },
    };
    const deployed = await run(
      sample('local', {
        'polypod:topology': { ...CHAT, ...token },
        'polypod:local': local,
        'polypod:huggingFaceToken': 'hf_this-is-nobodys-token',
      }),
      AWS,
      ['polypod:huggingFaceToken'],
    );
    expect(
      JSON.stringify(deployed.get('kubernetes:apps/v1:StatefulSet', 'chat/StatefulSet/llm/chat').inputs),
    ).toContain('localhost:5000/polypod-runtime:0.1.0');
    expect(deployed.get('kubernetes:core/v1:PersistentVolumeClaim').inputs.spec).toMatchObject({
      storageClassName: 'nfs-client',
    });
    expect(deployed.get('kubernetes:core/v1:Secret', 'chat/Secret/llm/hub').inputs.stringData).toEqual({
      token: 'hf_this-is-nobodys-token',
    });
  });
});

describe('config that is missing, misspelled or contradictory is refused, all of it together', () => {
  it('says each key, value, reason and mend', async () => {
    const message = await refusal(
      sample('aws', {
        'aws:region': undefined,
        'polypod:nmae': 'chat',
        'polypod:name': 'a-name-that-is-far-too-long',
        'polypod:gcp': {},
        'polypod:huggingFaceToken': 'hf_in-the-open',
        'polypod:topology': {
          ...CHAT,
          replica: 3,
          backing: { database: 'local' },
        },
        'polypod:aws': {
          cluster: {
            publicAccessCidrs: ['203.0.113.0'],
            verison: '1.35',
            logRetentionDays: 8,
            administratorArns: ['me'],
          },
          storage: { existing: { fileSystemId: 'fs-0123456789abcdef0' }, throughput: 'elastic' },
          cache: { replicas: 9 },
          database: { multiAZ: true },
          image: { existing: 'ghcr.io/acme/polypod-runtime:latest' },
          removal: 'keep',
        },
      }),
    );
    for (const said of [
      '  aws:region\n    is missing\n    → pulumi config set aws:region',
      '  polypod:nmae\n    is not a key of the config\n    → did you mean name?',
      '  polypod:name = "a-name-that-is-far-too-long"\n',
      '  polypod:gcp\n    is the section of another foundation than aws\n    → take it out, or set polypod:foundation to gcp',
      '  polypod:topology replica = 3\n    is not a field of a topology\n    → did you mean replicas?',
      '  polypod:aws.cluster.publicAccessCidrs[0] = "203.0.113.0"\n',
      '  polypod:aws.cluster.verison = "1.35"\n    is not a field of aws.cluster\n    → did you mean version?',
      '  polypod:aws.storage.throughput = "elastic"\n    stands beside existing',
      '  polypod:aws.cluster.logRetentionDays = 8\n    is not a value of this field',
      '  polypod:aws.cluster.administratorArns[0] = "me"\n    is not the ARN of an IAM role or user',
      '  polypod:huggingFaceToken\n    stands in plain text in the config\n',
      '  polypod:aws.cache.replicas = 9\n    is more than 5\n    → write at most 5',
      '  polypod:aws.database.multiAZ = true\n    is not a field of aws.database\n    → did you mean multiAz?',
      '  polypod:aws.image.existing = "ghcr.io/acme/polypod-runtime:latest"\n    has the tag latest',
      '  polypod:aws.removal = "keep"\n    is none of the values for this field\n    → write one of: retain, destroy',
    ]) {
      expect(message).toContain(said);
    }
  });

  it.each<[string, Config, RegExp]>([
    [
      'no foundation',
      { 'polypod:foundation': undefined },
      /polypod:foundation\n {4}is missing\n.*aws, gcp, azure, local/,
    ],
    [
      'a misspelled one',
      { 'polypod:foundation': 'awss' },
      /polypod:foundation = "awss"\n.*\n {4}→ did you mean aws\?/,
    ],
    ['no topology', { 'polypod:topology': undefined }, /polypod:topology\n {4}is missing/],
    [
      'no such file',
      { 'polypod:topology': 'examples/deployments/chta.yaml' },
      /\(examples\/deployments\/chta\.yaml\)\n {4}is not there\n {4}→ did you mean chat\.yaml\?/,
    ],
    ['no section', { 'polypod:aws': undefined }, /polypod:aws\n {4}is missing/],
    [
      'a section that is no map',
      { 'polypod:aws': 'yes' },
      /polypod:aws = "yes"\n {4}is text; a map of fields is meant/,
    ],
    [
      'a server in both places',
      { 'polypod:topology': { ...CHAT, backing: { cache: 'local' } } },
      /polypod:topology backing\.cache\n {4}is also brought by the foundation aws\n {4}→ .*polypod:aws\.cache/,
    ],
    [
      'no image',
      { 'polypod:aws': { cluster: { publicAccessCidrs: [] } } },
      /polypod:aws\.image\n {4}is missing\n {4}→ write it, or name one under backing\.image/,
    ],
    [
      'pods without a cache',
      {
        'polypod:aws': {
          ...EXISTING_SECTION,
          cluster: { publicAccessCidrs: [] },
          cache: 'none',
          storage: {},
          database: {},
        },
      },
      /polypod:aws\.cache = "none"\n {4}leaves up to 3 pods without a cache/,
    ],
    [
      'more connections than the class of the database grants',
      { 'polypod:topology': { ...CHAT, connections: { database: 200 } } },
      /polypod:topology connections\.database = 200\n {4}comes to 600 of all pods at the most, which is more than db\.t4g\.medium grants \(390\)/,
    ],
    [
      'a token that nobody uses, in the open',
      { 'polypod:huggingFaceToken': 'hf_in-the-open' },
      /polypod:huggingFaceToken\n {4}stands in plain text.*\n.*\n {2}polypod:huggingFaceToken\n {4}has no effect/,
    ],
    [
      'a password in the open',
      { 'polypod:aws': EXISTING_SECTION },
      /polypod:aws\.database\.existing\.credentials\.password\n {4}stands in plain text in the config\n {4}→ pulumi config set --secret --path 'polypod:aws\.database\.existing\.credentials\.password'/,
    ],
  ])('%s', async (_what, change, said) => {
    const message = await refusal(sample('aws', change));
    expect(message).toMatch(said);
    expect(message).not.toMatch(/password-that|hf_in-the-open/);
  });
});
