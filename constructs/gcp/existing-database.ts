import { getDatabaseInstance } from '@pulumi/gcp/sql/getDatabaseInstance';
import type { InvokeOptions } from '@pulumi/pulumi';
import {
  CERTIFICATE_KEY,
  certificateConfigMap,
  type ExistingCredentials,
  existingCredentials,
  lookUp,
  type Provided,
  refuse,
} from '../cloud';
import type { DatabaseConnection, Problem } from '../contracts';
import { pemBundle } from './cache';
import { instanceDnsName } from './database-names';
import { applicationConnections, type DatabaseEngine, machineOf } from './database-tiers';

/** A Cloud SQL instance that exists, in the VPC of the nodes, which resolves its host name. */
export interface ExistingDatabaseArgs {
  /** Name of the Secret and the ConfigMap that are made. */
  readonly name: string;
  readonly instanceName: string;
  readonly databaseName: string;
  /** The application's own user, who owns what it creates in the database. */
  readonly credentials: ExistingCredentials;
  /**
   * Connections that the application may open.
   * @default by its `max_connections`, or by the memory of a custom machine; must be given for others
   */
  readonly maxConnections?: number;
  /** Connections that the topology will open at most. @default not checked */
  readonly requiredConnections?: number;
}

const ENGINES: Readonly<Record<string, { readonly engine: DatabaseEngine; readonly port: number }>> = {
  POSTGRES: { engine: 'postgresql', port: 5432 },
  MYSQL: { engine: 'mysql', port: 3306 },
};

/**
 * Finds a Cloud SQL instance and refuses one that can't be relied on: in one zone, in the open, without backups or
 * point-in-time recovery, of an engine that no topology speaks, or whose certificate is made out to no host name.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingDatabase(
  args: ExistingDatabaseArgs,
  options?: InvokeOptions,
): Promise<Provided<DatabaseConnection>> {
  const { name, instanceName, requiredConnections } = args;
  const path = 'instanceName';
  const instance = await lookUp(path, instanceName, () =>
    getDatabaseInstance({ name: instanceName }, options),
  );
  const [settings] = instance.settings;
  const [ip] = settings?.ipConfigurations ?? [];
  const [backup] = settings?.backupConfigurations ?? [];
  const known = ENGINES[instance.databaseVersion.split('_')[0] ?? ''];
  const host = instanceDnsName(instance.dnsNames).replace(/\.$/, '');
  const machine = machineOf(settings?.tier ?? '');
  const flag = settings?.databaseFlags.find(({ name: flagName }) => flagName === 'max_connections');
  const granted = flag ? Number(flag.value) : machine && applicationConnections(machine.memory);
  const maxConnections = args.maxConnections ?? granted;

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: instanceName, reason, mend });
  if (known === undefined)
    unfit(`is ${instance.databaseVersion}, not PostgreSQL or MySQL`, 'name a database of those engines');
  if (settings?.availabilityType !== 'REGIONAL') unfit('lies in one zone', 'make it REGIONAL');
  if (ip?.ipv4Enabled) unfit('has a public address', 'turn public IP off');
  if (ip?.sslMode !== 'ENCRYPTED_ONLY') {
    unfit(
      ip?.sslMode === 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED'
        ? 'asks clients for certificates, which pods do not have'
        : 'takes connections without TLS',
      'set its SSL mode to ENCRYPTED_ONLY',
    );
  }
  // Only a shared or a customer's authority writes the name into the certificate.
  if (host === '' || !ip?.serverCaMode.endsWith('_CAS_CA')) {
    unfit(
      'has a certificate that is made out to no host name, so that nobody can verify it in full',
      'change its server CA mode to GOOGLE_MANAGED_CAS_CA, and resolve its DNS name in a private zone',
    );
  }
  if (!backup?.enabled) unfit('has no backups', 'turn automated backups on');
  else if (!backup.pointInTimeRecoveryEnabled && !backup.binaryLogEnabled) {
    unfit('has no point-in-time recovery', 'turn it on');
  }
  if (maxConnections === undefined && known !== undefined) {
    unfit(`is of tier ${settings?.tier}, whose connections are not known`, 'say them: maxConnections');
  } else if (
    requiredConnections !== undefined &&
    maxConnections !== undefined &&
    requiredConnections > maxConnections
  ) {
    unfit(
      `grants ${maxConnections} connections, and ${requiredConnections} are asked for`,
      'take a larger machine, or fewer pods',
    );
  }
  refuse('database', problems);

  const { engine, port } = known ?? { engine: 'postgresql' as const, port: 5432 };
  const { reference, objects } = existingCredentials(name, args.credentials);
  return {
    contract: {
      engine,
      host,
      port,
      database: args.databaseName,
      tls: { mode: 'verify-full', ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: reference,
      maxConnections: maxConnections ?? 0,
      egress: { cidrs: [`${instance.privateIpAddress}/32`], ports: [port] },
    },
    objects: [...objects, certificateConfigMap(`${name}-ca`, pemBundle(instance.serverCaCerts))],
    ready: [],
  };
}
