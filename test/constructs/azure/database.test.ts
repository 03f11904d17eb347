import { X509Certificate } from 'node:crypto';
import { Database, type DatabaseArgs } from '../../../constructs/azure/database';
import { databaseAuthorities } from '../../../constructs/azure/database-authorities';
import { InvalidInputError } from '../../../constructs/contracts';
import { opened, type ProgramRun, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AZURE, AZURE_PREVIEW, PLACEMENT } from './azure-mocks';

const GIB = 1024 ** 3;
const SMALL = { cpu: 2, memory: 4 * GIB, storage: 100 * GIB };

const build = (args: Partial<DatabaseArgs> = {}) =>
  new Database('chat-database', { placement: PLACEMENT, size: SMALL, ...args });

async function objects(run: ProgramRun<Database>): Promise<Record<string, unknown>[]> {
  return Promise.all(
    run.result.objects.map(async (object) => (await opened(object)).value as Record<string, unknown>),
  );
}

describe('Database', () => {
  it('makes one PostgreSQL over two zones, behind a private endpoint', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.counts()).toEqual({
      'azure-native:authorization:ManagementLockByScope': 1,
      'azure-native:dbforpostgresql:Configuration': 2,
      'azure-native:dbforpostgresql:Database': 1,
      'azure-native:dbforpostgresql:Server': 1,
      'azure-native:network:PrivateDnsZoneGroup': 1,
      'azure-native:network:PrivateEndpoint': 1,
      'azure-native:privatedns:PrivateZone': 1,
      'azure-native:privatedns:VirtualNetworkLink': 1,
      'random:index/randomPassword:RandomPassword': 2,
    });
    const server = run.get('azure-native:dbforpostgresql:Server');
    expect(server).toMatchObject({ protect: true, retainOnDelete: true });
    expect(server.inputs).toMatchObject({
      version: '17',
      sku: { name: 'Standard_D2ads_v5', tier: 'GeneralPurpose' },
      storage: { type: 'Premium_LRS', storageSizeGB: 128, autoGrow: 'Enabled' },
      highAvailability: { mode: 'ZoneRedundant' },
      backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
      network: { publicNetworkAccess: 'Disabled' },
      administratorLogin: 'polypod_admin',
    });
    // A private endpoint or a delegated subnet, not both.
    expect(server.inputs.network).not.toHaveProperty('delegatedSubnetResourceId');
    expect(server.secrets).toContain('administratorLoginPassword');
    expect(server.ignoreChanges).toContain('storage.storageSizeGB');
    expect(
      run.get('azure-native:network:PrivateEndpoint').inputs.privateLinkServiceConnections,
    ).toMatchObject([{ groupIds: ['postgresqlServer'] }]);
  });

  it('forces TLS and sets its connections, one change after the other', async () => {
    const run = await runProgram(() => build(), AZURE);
    const parameters = run.ofType('azure-native:dbforpostgresql:Configuration');
    expect(parameters.map(({ inputs }) => [inputs.configurationName, inputs.value])).toEqual([
      ['max_connections', '858'],
      ['require_secure_transport', 'on'],
    ]);
    const [connections, tls] = parameters;
    const database = run.get('azure-native:dbforpostgresql:Database');
    expect(tls?.dependencies).toContain(database.urn);
    expect(connections?.dependencies).toContain(tls?.urn);
  });

  it('gives a connection that is verified, and as many connections as its machine has to spare', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(await opened(run.result.contract)).toEqual({
      secret: false,
      value: {
        engine: 'postgresql',
        host: 'chat-database-postgresql-server1a2b3c4d.postgres.database.azure.com',
        port: 5432,
        database: 'polypod',
        tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
        credentials: { secretName: 'chat-database' },
        maxConnections: 843,
        egress: { cidrs: ['10.0.16.0/24'], ports: [5432] },
      },
    });
  });

  it("brings the application's user, its Secret, the authorities, and a Job that makes the user", async () => {
    const run = await runProgram(() => build(), AZURE);
    const [credentials, authorities, administrator, policy, job] = await objects(run);
    expect(credentials).toMatchObject({
      kind: 'Secret',
      stringData: { username: 'polypod', password: 'password-of-chat-database-password' },
    });
    expect(administrator).toMatchObject({
      kind: 'Secret',
      stringData: { username: 'polypod_admin', password: 'password-of-chat-database-administrator-password' },
    });
    expect(authorities).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'chat-database-ca' } });
    expect(policy).toMatchObject({ kind: 'NetworkPolicy' });
    expect(JSON.stringify(policy)).toContain('10.0.16.0/24');
    expect(job).toMatchObject({ kind: 'Job' });
    expect(JSON.stringify(job)).toContain('verify-full');
    expect(JSON.stringify(job)).not.toContain('password-of-');
    for (const object of run.result.objects.filter(({ kind }) => kind === 'Secret')) {
      const { password } = object.stringData as unknown as { password: string };
      expect((await opened(password)).secret).toBe(true);
    }
  });

  it("trusts Azure's two roots and nobody else", () => {
    const certificates = databaseAuthorities().match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g) ?? [];
    const subjects = certificates.map((pem) => new X509Certificate(pem).subject.split('CN=')[1]);
    expect(subjects.sort()).toEqual([
      'DigiCert Global Root G2',
      'Microsoft RSA Root Certificate Authority 2017',
    ]);
  });

  it('leaves host unknown in a preview, and not its figures', async () => {
    const run = await runProgram(() => build(), AZURE_PREVIEW);
    expect(await opened(run.result.contract.host)).toMatchObject({ value: UNKNOWN });
    expect(run.result.contract.maxConnections).toBe(843);
    expect(run.get('azure-native:dbforpostgresql:Server').unknowns).toEqual(['administratorLoginPassword']);
  });

  it('makes MySQL in the same shape', async () => {
    const run = await runProgram(() => build({ engine: 'mysql', databaseName: 'memos' }), AZURE);
    const server = run.get('azure-native:dbformysql:Server');
    expect(server.inputs).toMatchObject({
      version: '8.0.21',
      sku: { name: 'Standard_D2ads_v5', tier: 'GeneralPurpose' },
      storage: { storageSizeGB: 100 },
      highAvailability: { mode: 'ZoneRedundant' },
      network: { publicNetworkAccess: 'Disabled' },
    });
    expect(
      run
        .ofType('azure-native:dbformysql:Configuration')
        .map(({ inputs }) => [inputs.configurationName, inputs.value]),
    ).toEqual([
      ['max_connections', '682'],
      ['require_secure_transport', 'ON'],
    ]);
    expect(run.get('azure-native:privatedns:PrivateZone').inputs.privateZoneName).toBe(
      'privatelink.mysql.database.azure.com',
    );
    expect(run.result.contract).toMatchObject({
      engine: 'mysql',
      port: 3306,
      database: 'memos',
      maxConnections: 667,
    });
    expect(JSON.stringify((await objects(run)).at(-1))).toContain('VERIFY_IDENTITY');
  });

  it('can be torn down on purpose', async () => {
    const run = await runProgram(() => build({ removal: 'destroy' }), AZURE);
    expect(run.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
    expect(run.counts()).not.toHaveProperty('azure-native:authorization:ManagementLockByScope');
  });

  it('refuses what Azure would refuse, and a topology that opens more connections than it grants, all together', async () => {
    const program = () =>
      build({
        placement: { ...PLACEMENT, endpointSubnetId: 'endpoints' },
        databaseName: '1chat',
        backupDays: 3,
        requiredConnections: 1000,
        size: { ...SMALL, storage: 40_000 * GIB },
      });
    const run = await runProgram(() => {
      expect(program).toThrow(InvalidInputError);
      for (const field of [
        'placement.endpointSubnetId',
        'databaseName',
        'backupDays',
        'size.storage',
        'requiredConnections',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
      expect(program).toThrow(/1000\n.*is more than Standard_D2ads_v5 grants \(843\)/);
    });
    expect(run.resources).toEqual([]);
  });
});
