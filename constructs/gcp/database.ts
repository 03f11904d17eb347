import { ManagedZone, type ManagedZoneArgs } from '@pulumi/gcp/dns/managedZone';
import { RecordSet, type RecordSetArgs } from '@pulumi/gcp/dns/recordSet';
import { Database as SqlDatabase, type DatabaseArgs as SqlDatabaseArgs } from '@pulumi/gcp/sql/database';
import { DatabaseInstance, type DatabaseInstanceArgs } from '@pulumi/gcp/sql/databaseInstance';
import { User, type UserArgs } from '@pulumi/gcp/sql/user';
import type { ComponentResourceOptions, Resource } from '@pulumi/pulumi';
import { unsecret } from '@pulumi/pulumi';
import { RandomPassword, type RandomPasswordArgs } from '@pulumi/random/randomPassword';
import {
  CERTIFICATE_KEY,
  CloudComponent,
  certificateConfigMap,
  credentialsSecret,
  databaseUser,
  type Provided,
  removalOptions,
  type Transforms,
} from '../cloud';
import type { DatabaseConnection } from '../contracts';
import { pemBundle } from './cache';
import { type DatabaseSettings, databaseProblems, STORAGE_GIB, storageGib } from './database-arguments';
import { instanceDnsName } from './database-names';
import { applicationConnections, databaseTier, serverConnections } from './database-tiers';
import { componentLabels } from './labels';
import { placementProblems, serviceEgress } from './service-access';

export interface DatabaseArgs extends DatabaseSettings {
  readonly transform?: Transforms<DatabaseChildren>;
}

export interface DatabaseChildren {
  password: RandomPasswordArgs;
  administratorPassword: RandomPasswordArgs;
  instance: DatabaseInstanceArgs;
  administrator: UserArgs;
  database: SqlDatabaseArgs;
  zone: ManagedZoneArgs;
  record: RecordSetArgs;
}

/** What differs between the engines. MySQL restores from its binary log. */
const ENGINES = {
  postgresql: {
    version: 'POSTGRES_17',
    port: 5432,
    backup: { pointInTimeRecoveryEnabled: true },
    host: undefined,
  },
  mysql: { version: 'MYSQL_8_4', port: 3306, backup: { binaryLogEnabled: true }, host: '%' },
} as const;

/**
 * PostgreSQL or MySQL on Cloud SQL with a standby in another zone: TLS forced, a private address only, restorable to
 * any second of the last seven days, growing by itself.
 *
 * Its certificate is signed by Google's authority for the region, not by one of its own: only so is it made out to a
 * host name, which `verify-full` needs. That name is resolved by a private zone of the VPC, made here.
 *
 * The application has a user of its own, which a Job makes (see `objects`); the administrator that the Job uses has a
 * random password too. Both are Pulumi secrets.
 *
 * A failover takes about a minute and loses nothing. Replaced, with its data, when engine, place or key changes;
 * `removal: 'retain'` refuses that.
 */
export class Database extends CloudComponent<DatabaseChildren> implements Provided<DatabaseConnection> {
  readonly contract: Provided<DatabaseConnection>['contract'];
  readonly objects: Provided<DatabaseConnection>['objects'];
  readonly ready: readonly Resource[];
  /** Machine of the instance. */
  readonly tier: string;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: DatabaseArgs, options?: ComponentResourceOptions) {
    const problems = [...placementProblems(args.placement), ...databaseProblems(args)];
    super('polypod:gcp:Database', name, problems, args.transform, options);
    const { placement, engine: engineName = 'postgresql', databaseName = 'polypod', size, removal } = args;
    const engine = ENGINES[engineName];
    // The checks have refused a size that no machine has.
    const { name: tier, memory } = databaseTier(size) ?? { name: '', memory: 0 };
    const gib = storageGib(size);
    const labels = componentLabels(name, args.labels);

    // Letters and digits only: they mean the same in a URL, in SQL and in a shell.
    const random = { length: 32, special: false };
    const password = new RandomPassword(...this.child('password', random));
    const administratorPassword = new RandomPassword(...this.child('administratorPassword', random));
    const instance = new DatabaseInstance(
      ...this.child(
        'instance',
        {
          region: placement.region,
          databaseVersion: engine.version,
          encryptionKeyName: args.kmsKeyName,
          settings: {
            tier,
            edition: 'ENTERPRISE',
            availabilityType: (args.highAvailability ?? true) ? 'REGIONAL' : 'ZONAL',
            diskType: 'PD_SSD',
            diskSize: gib,
            diskAutoresize: true,
            diskAutoresizeLimit: args.maxStorageGib ?? Math.min(STORAGE_GIB[1], gib * 4),
            databaseFlags: [{ name: 'max_connections', value: String(serverConnections(memory)) }],
            ipConfiguration: {
              ipv4Enabled: false,
              privateNetwork: placement.networkId,
              allocatedIpRange: placement.peeringRangeName,
              sslMode: 'ENCRYPTED_ONLY',
              serverCaMode: 'GOOGLE_MANAGED_CAS_CA',
              serverCertificateRotationMode: 'AUTOMATIC_ROTATION_DURING_MAINTENANCE',
            },
            backupConfiguration: {
              enabled: true,
              ...engine.backup,
              startTime: '02:00',
              transactionLogRetentionDays: 7,
              backupRetentionSettings: { retainedBackups: args.backups ?? 7, retentionUnit: 'COUNT' },
            },
            finalBackupConfig: { enabled: true, retentionDays: 30 },
            retainBackupsOnDelete: true,
            insightsConfig: { queryInsightsEnabled: true },
            maintenanceWindow: { day: 7, hour: 4, updateTrack: 'stable' },
            deletionProtectionEnabled: (removal ?? 'retain') === 'retain',
            userLabels: labels,
          },
          deletionProtection: (removal ?? 'retain') === 'retain',
        },
        {
          ...removalOptions(removal),
          // It grows by itself; Pulumi would make it anew to shrink it back.
          ignoreChanges: ['settings.diskSize'],
          customTimeouts: { create: '60m', update: '120m', delete: '60m' },
        },
      ),
    );
    // Both go with their instance; alone they can't be deleted while they own anything.
    const within = { instance: instance.name, deletionPolicy: 'ABANDON' };
    const administrator = new User(
      ...this.child('administrator', {
        ...within,
        name: 'polypod_admin',
        host: engine.host,
        password: administratorPassword.result,
      }),
    );
    const database = new SqlDatabase(...this.child('database', { ...within, name: databaseName }));
    const dnsName = instance.dnsNames.apply(instanceDnsName);
    const zone = new ManagedZone(
      ...this.child('zone', {
        dnsName,
        description: `Host name in the certificate of ${name}`,
        visibility: 'private',
        privateVisibilityConfig: { networks: [{ networkUrl: placement.networkId }] },
        labels,
      }),
    );
    const record = new RecordSet(
      ...this.child('record', {
        managedZone: zone.name,
        name: dnsName,
        type: 'A',
        ttl: 60,
        rrdatas: [instance.privateIpAddress],
      }),
    );

    this.tier = tier;
    this.contract = {
      engine: engineName,
      host: dnsName.apply(withoutDot),
      port: engine.port,
      database: databaseName,
      tls: { mode: 'verify-full', ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: { secretName: name },
      maxConnections: applicationConnections(memory),
      egress: serviceEgress(placement, engine.port),
    };
    const user = { username: 'polypod', password: password.result };
    this.objects = [
      credentialsSecret(name, user),
      // Public, whatever the SDK says.
      certificateConfigMap(`${name}-ca`, unsecret(instance.serverCaCerts).apply(pemBundle)),
      ...databaseUser({
        name,
        connection: this.contract,
        user,
        administrator: { username: administrator.name, password: administratorPassword.result },
        extensions: args.extensions,
        image: args.clientImage,
      }),
    ];
    this.ready = [instance, administrator, database, record];
    this.registerOutputs({
      host: this.contract.host,
      port: engine.port,
      maxConnections: this.contract.maxConnections,
    });
  }
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}
