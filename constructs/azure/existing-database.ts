import { getServer as getMysqlServer } from '@pulumi/azure-native/dbformysql/getServer';
import { getServer as getPostgresqlServer } from '@pulumi/azure-native/dbforpostgresql/getServer';
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
import { applicationConnections, DATABASE_MACHINES, type DatabaseEngine } from './database-machines';
import { type EndpointConnection, endpointCidrs, existingSubnet } from './existing-subnet';
import { ENGINES } from './flexible-server';

/** A Flexible Server that exists, in the nodes' network or with a private endpoint there. */
export interface ExistingDatabaseArgs {
  /** Name of the Secret and the ConfigMap that are made. */
  readonly name: string;
  readonly resourceGroupName: string;
  readonly serverName: string;
  /** @default `postgresql` */
  readonly engine?: DatabaseEngine;
  readonly databaseName: string;
  /** The application's own user, who owns what it creates in the database. */
  readonly credentials: ExistingCredentials;
  /**
   * Connections that the application may open.
   * @default by Azure's default for the server's machine; must be given for one that is not known
   */
  readonly maxConnections?: number;
  /** Connections that the topology will open at most. @default not checked */
  readonly requiredConnections?: number;
}

/** What lost data and sleep come from. */
const FEWEST_BACKUP_DAYS = 7;

/** What both engines say of a server. */
interface Server {
  readonly fullyQualifiedDomainName: string;
  readonly sku?: { readonly name: string };
  readonly highAvailability?: { readonly mode?: string };
  readonly backup?: { readonly backupRetentionDays?: number };
  readonly network?: { readonly delegatedSubnetResourceId?: string; readonly publicNetworkAccess?: string };
  readonly privateEndpointConnections: readonly EndpointConnection[];
}

/**
 * Finds a Flexible Server and refuses one that can't be relied on: in one zone, in the open, or with fewer than seven
 * days of backups.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingDatabase(
  args: ExistingDatabaseArgs,
  options?: InvokeOptions,
): Promise<Provided<DatabaseConnection>> {
  const { name, resourceGroupName, serverName, engine = 'postgresql', requiredConnections } = args;
  const path = 'serverName';
  const getServer = engine === 'mysql' ? getMysqlServer : getPostgresqlServer;
  const server = await lookUp<Server>(path, serverName, () =>
    getServer({ resourceGroupName, serverName }, options),
  );
  const delegated = server.network?.delegatedSubnetResourceId;
  const cidrs =
    delegated === undefined
      ? await endpointCidrs(path, server.privateEndpointConnections, options)
      : [(await existingSubnet(path, delegated, options)).cidr];
  const machine = DATABASE_MACHINES.find(({ name: known }) => known === sameFamily(server.sku?.name));
  const maxConnections = args.maxConnections ?? (machine && applicationConnections(engine, machine.memory));

  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: serverName, reason, mend });
  if (server.highAvailability?.mode !== 'ZoneRedundant') {
    unfit('lies in one zone', 'turn zone-redundant high availability on');
  }
  if (delegated === undefined && server.network?.publicNetworkAccess !== 'Disabled') {
    unfit('has a public address', 'turn public network access off');
  }
  if (cidrs.length === 0) unfit('has no private endpoint', "give it one in the nodes' network");
  const backupDays = server.backup?.backupRetentionDays ?? 0;
  if (backupDays < FEWEST_BACKUP_DAYS) {
    unfit(`keeps backups for ${backupDays} days`, `keep them for ${FEWEST_BACKUP_DAYS} or more`);
  }
  if (maxConnections === undefined) {
    unfit(`is a ${server.sku?.name}, whose connections are not known`, 'say them: maxConnections');
  } else if (requiredConnections !== undefined && requiredConnections > maxConnections) {
    unfit(
      `grants ${maxConnections} connections, and ${requiredConnections} are asked for`,
      'take a larger machine, or fewer pods',
    );
  }
  refuse('database', problems);

  const { port } = ENGINES[engine];
  const { reference, objects } = existingCredentials(name, args.credentials);
  return {
    contract: {
      engine,
      host: server.fullyQualifiedDomainName,
      port,
      database: args.databaseName,
      tls: { mode: 'verify-full', ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: reference,
      maxConnections: maxConnections ?? 0,
      egress: { cidrs, ports: [port] },
    },
    objects: [...objects, certificateConfigMap(`${name}-ca`, databaseAuthorities())],
    ready: [],
  };
}

/** Machines of one letter and size have one memory, whatever their processor: `Standard_D4ds_v4` is like a `D4ads_v5`. */
function sameFamily(sku: string | undefined): string | undefined {
  const [, family, cpu] = /^Standard_([DE])(\d+)a?d?s_v\d$/.exec(sku ?? '') ?? [];
  return family === undefined ? undefined : `Standard_${family}${cpu}ads_v5`;
}
