import { Database, type DatabaseArgs } from '../../../constructs/gcp/database';
import { databaseTier } from '../../../constructs/gcp/database-tiers';
import { opened, type ProgramRun, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { GCP, GCP_PREVIEW, KEY, MODES, NETWORK_ID, PLACEMENT } from './gcp-mocks';

const GIB = 1024 ** 3;
const SMALL = { cpu: 2, memory: 4 * GIB, storage: 100 * GIB };
const INSTANCE = 'gcp:sql/databaseInstance:DatabaseInstance';
const HOST = '0a1b.2c3d.europe-west3.sql-psa.goog';

const build = (args: Partial<DatabaseArgs> = {}) =>
  new Database('chat-database', { placement: PLACEMENT, size: SMALL, ...args });

async function objects(run: ProgramRun<Database>): Promise<Record<string, unknown>[]> {
  return Promise.all(
    run.result.objects.map(async (object) => (await opened(object)).value as Record<string, unknown>),
  );
}

describe('Database', () => {
  it.each(MODES)(
    'makes one PostgreSQL over two zones that forgets nothing and talks TLS only, in %s',
    async (_mode, cloud) => {
      const run = await runProgram(() => build(), cloud);
      expect(run.counts()).toEqual({
        'gcp:dns/managedZone:ManagedZone': 1,
        'gcp:dns/recordSet:RecordSet': 1,
        'gcp:sql/database:Database': 1,
        'gcp:sql/databaseInstance:DatabaseInstance': 1,
        'gcp:sql/user:User': 1,
        'random:index/randomPassword:RandomPassword': 2,
      });
      const instance = run.get(INSTANCE);
      expect(instance).toMatchObject({
        protect: true,
        retainOnDelete: true,
        ignoreChanges: ['settings.diskSize'],
      });
      expect(instance.inputs).toMatchObject({
        databaseVersion: 'POSTGRES_17',
        region: 'europe-west3',
        deletionProtection: true,
        settings: {
          tier: 'db-custom-2-4096',
          // Custom machines are of this edition alone.
          edition: 'ENTERPRISE',
          availabilityType: 'REGIONAL',
          diskSize: 100,
          diskAutoresize: true,
          diskAutoresizeLimit: 400,
          databaseFlags: [{ name: 'max_connections', value: '256' }],
          ipConfiguration: {
            ipv4Enabled: false,
            privateNetwork: NETWORK_ID,
            allocatedIpRange: 'managed-services',
            sslMode: 'ENCRYPTED_ONLY',
            serverCaMode: 'GOOGLE_MANAGED_CAS_CA',
          },
          backupConfiguration: {
            enabled: true,
            pointInTimeRecoveryEnabled: true,
            transactionLogRetentionDays: 7,
            backupRetentionSettings: { retainedBackups: 7, retentionUnit: 'COUNT' },
          },
          finalBackupConfig: { enabled: true },
          deletionProtectionEnabled: true,
          insightsConfig: { queryInsightsEnabled: true },
        },
      });
      expect(instance.inputs).not.toHaveProperty('settings.backupConfiguration.binaryLogEnabled');
      expect(instance.inputs).not.toHaveProperty('rootPassword');
    },
  );

  it('resolves the name of the certificate in the VPC, so that it can be verified in full', async () => {
    const run = await runProgram(() => build(), GCP);
    expect(run.get('gcp:dns/managedZone:ManagedZone').inputs).toMatchObject({
      dnsName: `${HOST}.`,
      visibility: 'private',
      privateVisibilityConfig: { networks: [{ networkUrl: NETWORK_ID }] },
    });
    expect(run.get('gcp:dns/recordSet:RecordSet').inputs).toMatchObject({
      managedZone: 'chat-database-zone',
      name: `${HOST}.`,
      type: 'A',
      rrdatas: ['10.0.145.3'],
    });
    expect((await opened(run.result.contract)).value).toEqual({
      engine: 'postgresql',
      host: HOST,
      port: 5432,
      database: 'polypod',
      tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
      credentials: { secretName: 'chat-database' },
      maxConnections: 241,
      egress: { cidrs: ['10.0.144.0/20'], ports: [5432] },
    });
  });

  it('brings credentials, authorities and a Job that makes the user, with passwords in Secrets alone', async () => {
    const run = await runProgram(() => build(), GCP);
    const [credentials, authorities, administrator, policy, job] = await objects(run);
    expect(credentials).toMatchObject({
      kind: 'Secret',
      stringData: { username: 'polypod', password: 'password-of-chat-database-password' },
    });
    expect(authorities).toMatchObject({
      kind: 'ConfigMap',
      data: { 'ca.pem': expect.stringMatching(/^-----BEGIN CERTIFICATE-----/) },
    });
    expect((await opened(run.result.objects[1])).secret).toBe(false);
    expect(administrator).toMatchObject({
      stringData: {
        username: 'polypod_admin',
        password: 'password-of-chat-database-administrator-password',
      },
    });
    expect(JSON.stringify(policy)).toContain('10.0.144.0/20');
    expect(JSON.stringify(job)).toContain(HOST);
    expect(JSON.stringify(job)).not.toContain('password-of-');
    for (const object of run.result.objects.filter(({ kind }) => kind === 'Secret')) {
      const { password } = object.stringData as unknown as { password: string };
      expect((await opened(password)).secret).toBe(true);
    }
    expect(run.get('gcp:sql/user:User').secrets).toEqual(['password']);
  });

  it('has the user and the database before the Job runs', async () => {
    const run = await runProgram(() => build(), GCP);
    const ready = await Promise.all(run.result.ready.map(async ({ urn }) => (await opened(urn)).value));
    for (const type of ['gcp:sql/user:User', 'gcp:sql/database:Database', 'gcp:dns/recordSet:RecordSet']) {
      expect(ready).toContain(run.get(type).urn);
    }
  });

  it('leaves its host unknown in a preview', async () => {
    const run = await runProgram(() => build(), GCP_PREVIEW);
    expect(await opened(run.result.contract.host)).toMatchObject({ value: UNKNOWN });
    expect(run.result.contract.maxConnections).toBe(241);
  });

  it('makes MySQL in the same shape', async () => {
    const run = await runProgram(() => build({ engine: 'mysql', databaseName: 'memos' }), GCP);
    const { settings, databaseVersion } = run.get(INSTANCE).inputs as {
      databaseVersion: string;
      settings: { backupConfiguration: Record<string, unknown> };
    };
    expect(databaseVersion).toBe('MYSQL_8_4');
    expect(settings.backupConfiguration).toMatchObject({ enabled: true, binaryLogEnabled: true });
    // Not for MySQL, which restores from its binary log.
    expect(settings.backupConfiguration).not.toHaveProperty('pointInTimeRecoveryEnabled');
    expect(run.get('gcp:sql/user:User').inputs).toMatchObject({ host: '%' });
    expect(run.result.contract).toMatchObject({ engine: 'mysql', port: 3306, database: 'memos' });
    expect(JSON.stringify((await objects(run)).at(-1))).toContain('VERIFY_IDENTITY');
  });

  it('can be torn down on purpose, with a last backup', async () => {
    const run = await runProgram(
      () => build({ removal: 'destroy', kmsKeyName: KEY, highAvailability: false, maxStorageGib: 200 }),
      GCP,
    );
    expect(run.get(INSTANCE)).toMatchObject({
      protect: false,
      retainOnDelete: false,
      inputs: {
        deletionProtection: false,
        encryptionKeyName: KEY,
        settings: {
          deletionProtectionEnabled: false,
          availabilityType: 'ZONAL',
          diskAutoresizeLimit: 200,
          finalBackupConfig: { enabled: true },
        },
      },
    });
  });

  it.each([
    [1, 1, 'db-custom-1-3840'],
    [2, 4, 'db-custom-2-4096'],
    [3, 8, 'db-custom-4-8192'],
    [2, 16, 'db-custom-4-16384'],
    [16, 8, 'db-custom-16-14848'],
    [4, 16.1, 'db-custom-4-16640'],
    [96, 624, 'db-custom-96-638976'],
  ])('takes for %d CPUs and %d GiB the machine %s', (cpu, gib, name) => {
    expect(databaseTier({ cpu, memory: gib * GIB })?.name).toBe(name);
  });

  it('knows of no machine for more than there is', () => {
    expect(databaseTier({ cpu: 97, memory: GIB })).toBeUndefined();
    expect(databaseTier({ cpu: 2, memory: 625 * GIB })).toBeUndefined();
    expect(databaseTier({ cpu: Number.NaN, memory: GIB })).toBeUndefined();
  });

  it('refuses what Cloud SQL would refuse, and more connections than it grants, all together', async () => {
    const run = await runProgram(() => {
      const program = () =>
        build({
          placement: { ...PLACEMENT, region: 'nowhere' },
          databaseName: '1chat',
          backups: 3,
          maxStorageGib: 50,
          requiredConnections: 300,
          kmsKeyName: 'key',
        });
      for (const field of [
        'placement.region',
        'databaseName',
        'backups',
        'maxStorageGib',
        'requiredConnections',
        'kmsKeyName',
      ]) {
        expect(program).toThrow(new RegExp(`^  ${field}`, 'm'));
      }
      expect(program).toThrow(/300\n.*is more than db-custom-2-4096 grants \(241\)/);
      expect(() => build({ size: { ...SMALL, cpu: 128 } })).toThrow(/size = /);
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});
