import { Database, type DatabaseArgs } from '../../../constructs/aws/database';
import { InvalidInputError } from '../../../constructs/contracts';
import { opened, type ProgramRun, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { ADMINISTRATOR_PASSWORD, AWS, AWS_PREVIEW, PLACEMENT } from './aws-mocks';

const GIB = 1024 ** 3;
const SMALL = { cpu: 2, memory: 4 * GIB, storage: 100 * GIB };

const build = (args: Partial<DatabaseArgs> = {}) =>
  new Database('chat-database', { region: 'eu-central-1', placement: PLACEMENT, size: SMALL, ...args });

async function objects(run: ProgramRun<Database>): Promise<Record<string, unknown>[]> {
  return Promise.all(
    run.result.objects.map(async (object) => (await opened(object)).value as Record<string, unknown>),
  );
}

describe('Database', () => {
  it('makes one PostgreSQL over two zones that forgets nothing and talks TLS only', async () => {
    const run = await runProgram(() => build(), AWS);
    expect(run.counts()).toEqual({
      'aws:ec2/securityGroup:SecurityGroup': 1,
      'aws:rds/instance:Instance': 1,
      'aws:rds/parameterGroup:ParameterGroup': 1,
      'aws:rds/subnetGroup:SubnetGroup': 1,
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': 1,
      'random:index/randomId:RandomId': 1,
      'random:index/randomPassword:RandomPassword': 1,
    });
    const instance = run.get('aws:rds/instance:Instance');
    expect(instance).toMatchObject({ protect: true, retainOnDelete: true });
    expect(instance.inputs).toMatchObject({
      engine: 'postgres',
      instanceClass: 'db.t4g.medium',
      multiAz: true,
      storageType: 'gp3',
      storageEncrypted: true,
      allocatedStorage: 100,
      maxAllocatedStorage: 400,
      backupRetentionPeriod: 7,
      deletionProtection: true,
      deleteAutomatedBackups: false,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: 'chat-database-final-0a1b2c3d',
      publiclyAccessible: false,
      manageMasterUserPassword: true,
      caCertIdentifier: 'rds-ca-rsa2048-g1',
    });
    // Exclusive with a managed password, and with gp3 below 400 GiB.
    for (const field of ['password', 'passwordWo', 'iops', 'storageThroughput', 'kmsKeyId']) {
      expect(instance.inputs).not.toHaveProperty(field);
    }
    expect(run.get('aws:rds/parameterGroup:ParameterGroup').inputs).toMatchObject({
      family: 'postgres17',
      parameters: [
        { name: 'rds.force_ssl', value: '1', applyMethod: 'pending-reboot' },
        { name: 'max_connections', value: '405', applyMethod: 'pending-reboot' },
      ],
    });
  });

  it('gives a connection that is verified, and as many connections as its class has to spare', async () => {
    const run = await runProgram(() => build(), AWS);
    const { value, secret } = await opened(run.result.contract);
    expect(secret).toBe(false);
    expect(value).toEqual({
      engine: 'postgresql',
      host: 'chat-database-instance.abc123.eu-central-1.rds.amazonaws.com',
      port: 5432,
      database: 'polypod',
      tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
      credentials: { secretName: 'chat-database' },
      maxConnections: 390,
      egress: { cidrs: PLACEMENT.subnetCidrs, ports: [5432] },
    });
  });

  it("brings the application's user, its Secret, the authorities, and a Job that makes the user", async () => {
    const run = await runProgram(() => build(), AWS);
    const [credentials, authorities, administrator, policy, job] = await objects(run);
    expect(credentials).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'chat-database' },
      stringData: { username: 'polypod', password: 'password-of-chat-database-password' },
    });
    expect(administrator).toMatchObject({
      kind: 'Secret',
      stringData: { username: 'polypod_admin', password: ADMINISTRATOR_PASSWORD },
    });
    expect(authorities).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'chat-database-ca' },
      data: { 'ca.pem': expect.stringMatching(/^-----BEGIN CERTIFICATE-----/) },
    });
    expect(policy).toMatchObject({ kind: 'NetworkPolicy' });
    expect(JSON.stringify(policy)).toContain('10.0.144.0/23');
    expect(job).toMatchObject({ kind: 'Job' });
    const text = JSON.stringify(job);
    expect(text).toContain('verify-full');
    expect(text).toContain('/etc/database-ca/ca.pem');
    expect(text).not.toContain('password-of-');
    expect(text).not.toContain(ADMINISTRATOR_PASSWORD);
    expect(text).not.toContain('Calling [toString]');
  });

  it('keeps passwords secret all the way', async () => {
    const run = await runProgram(() => build(), AWS);
    for (const object of run.result.objects.filter(({ kind }) => kind === 'Secret')) {
      const { password } = object.stringData as unknown as { password: string };
      expect((await opened(password)).secret).toBe(true);
    }
  });

  it('runs the Job again when the password changes', async () => {
    const checksum = async (password: string) => {
      const run = await runProgram(() => build(), {
        ...AWS,
        outputs: (resource) => ({
          ...AWS.outputs?.(resource),
          ...(resource.type.endsWith(':RandomPassword') ? { result: password } : {}),
        }),
      });
      const job = (await objects(run)).at(-1);
      return JSON.stringify(job).match(/"polypod.dev\/password-checksum":"(\w+)"/)?.[1];
    };
    const [first, same, other] = [
      await checksum('one-password'),
      await checksum('one-password'),
      await checksum('another-one'),
    ];
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('leaves host and administrator unknown in a preview', async () => {
    const run = await runProgram(() => build(), AWS_PREVIEW);
    expect(await opened(run.result.contract.host)).toMatchObject({ value: UNKNOWN });
    expect(run.result.contract.maxConnections).toBe(390);
    expect(run.get('aws:rds/instance:Instance').unknowns).toContain('finalSnapshotIdentifier');
  });

  it('makes MySQL in the same shape', async () => {
    const run = await runProgram(() => build({ engine: 'mysql', databaseName: 'memos' }), AWS);
    expect(run.get('aws:rds/instance:Instance').inputs).toMatchObject({
      engine: 'mysql',
      engineVersion: '8.4',
      port: 3306,
    });
    expect(run.get('aws:rds/parameterGroup:ParameterGroup').inputs).toMatchObject({
      family: 'mysql8.4',
      parameters: [
        { name: 'require_secure_transport', value: '1' },
        { name: 'max_connections', value: '307' },
      ],
    });
    expect(run.result.contract).toMatchObject({ engine: 'mysql', port: 3306, database: 'memos' });
    expect(JSON.stringify((await objects(run)).at(-1))).toContain('VERIFY_IDENTITY');
  });

  it('can be torn down on purpose, with a last snapshot', async () => {
    const run = await runProgram(() => build({ removal: 'destroy' }), AWS);
    expect(run.get('aws:rds/instance:Instance')).toMatchObject({
      protect: false,
      retainOnDelete: false,
      inputs: { deletionProtection: false, skipFinalSnapshot: false, deleteAutomatedBackups: true },
    });
  });

  it('refuses what RDS would refuse, and a topology that opens more connections than it grants, all together', async () => {
    const program = () =>
      new Database('chat-database', {
        region: 'eu-nowhere-1',
        placement: { ...PLACEMENT, subnetIds: PLACEMENT.subnetIds.slice(0, 1) },
        size: SMALL,
        databaseName: '1chat',
        backupDays: 3,
        maxStorageGib: 100,
        requiredConnections: 400,
      });
    const run = await runProgram(() => {
      expect(program).toThrow(InvalidInputError);
      for (const field of [
        'region',
        'placement.subnetIds',
        'databaseName',
        'backupDays',
        'maxStorageGib',
        'requiredConnections',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
      expect(program).toThrow(/400\n.*is more than db\.t4g\.medium grants \(390\)/);
    });
    expect(run.resources).toEqual([]);
  });
});
