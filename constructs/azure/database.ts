import {
  ManagementLockByScope,
  type ManagementLockByScopeArgs,
} from '@pulumi/azure-native/authorization/managementLockByScope';
import {
  Configuration as MysqlConfiguration,
  type ConfigurationArgs as MysqlConfigurationArgs,
} from '@pulumi/azure-native/dbformysql/configuration';
import {
  Database as MysqlDatabase,
  type DatabaseArgs as MysqlDatabaseArgs,
} from '@pulumi/azure-native/dbformysql/database';
import {
  Server as MysqlServer,
  type ServerArgs as MysqlServerArgs,
} from '@pulumi/azure-native/dbformysql/server';
import {
  Configuration as PostgresqlConfiguration,
  type ConfigurationArgs as PostgresqlConfigurationArgs,
} from '@pulumi/azure-native/dbforpostgresql/configuration';
import {
  Database as PostgresqlDatabase,
  type DatabaseArgs as PostgresqlDatabaseArgs,
} from '@pulumi/azure-native/dbforpostgresql/database';
import {
  Server as PostgresqlServer,
  type ServerArgs as PostgresqlServerArgs,
} from '@pulumi/azure-native/dbforpostgresql/server';
import type { ComponentResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import { output } from '@pulumi/pulumi';
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
import { type DatabaseSettings, databaseHardware, databaseProblems } from './database-arguments';
import { databaseAuthorities } from './database-authorities';
import { applicationConnections, machineTier } from './database-machines';
import { backup, ENGINES, inTurn, MAINTENANCE, parameters, serverOptions, zoneMode } from './flexible-server';
import { PrivateAccess, type PrivateAccessChildren } from './private-access';
import { placementProblems } from './service-placement';
import { componentTags } from './tags';

export interface DatabaseArgs extends DatabaseSettings {
  readonly transform?: Transforms<DatabaseChildren>;
}

export interface DatabaseChildren extends PrivateAccessChildren {
  administratorPassword: RandomPasswordArgs;
  password: RandomPasswordArgs;
  postgresqlServer: PostgresqlServerArgs;
  postgresqlDatabase: PostgresqlDatabaseArgs;
  postgresqlParameter: PostgresqlConfigurationArgs;
  mysqlServer: MysqlServerArgs;
  mysqlDatabase: MysqlDatabaseArgs;
  mysqlParameter: MysqlConfigurationArgs;
  lock: ManagementLockByScopeArgs;
}

const ADMINISTRATOR = 'polypod_admin';

/** A server with its database and parameters. */
interface Made {
  readonly server: Resource & {
    readonly id: Output<string>;
    readonly fullyQualifiedDomainName: Output<string>;
  };
  readonly ready: readonly Resource[];
}

/** What both engines are made with. */
interface Plan {
  readonly machine: { readonly name: string; readonly memory: number };
  readonly diskGib: number;
  readonly password: Output<string>;
  readonly databaseName: string;
  readonly tags: Record<string, Input<string>>;
}

/**
 * PostgreSQL or MySQL as Flexible Server with a standby in another zone: TLS forced, encrypted, restorable to any
 * second of the last days, growing by itself, reachable through a private endpoint alone.
 *
 * The administrator's and the application's passwords are random Pulumi secrets. The application has a user of its own,
 * which a Job makes (see `objects`).
 *
 * A failover takes one to two minutes and loses nothing. Another engine is another server; `removal: 'retain'` refuses to
 * let go of the first. Geo-redundancy of backups can't be changed afterwards: Azure refuses it.
 */
export class Database extends CloudComponent<DatabaseChildren> implements Provided<DatabaseConnection> {
  readonly contract: Provided<DatabaseConnection>['contract'];
  readonly objects: Provided<DatabaseConnection>['objects'];
  readonly ready: readonly Resource[];
  /** Name of the machine. */
  readonly machine: string;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: DatabaseArgs, options?: ComponentResourceOptions) {
    const problems = [...placementProblems(args.placement), ...databaseProblems(args)];
    super('polypod:azure:Database', name, problems, args.transform, options);
    const { placement, engine: engineName = 'postgresql', databaseName = 'polypod', size, removal } = args;
    const engine = ENGINES[engineName];
    const { machine, diskGib } = databaseHardware(engineName, size);

    // Letters and digits only, of all three kinds: they mean the same in a URL, in SQL and in a shell, and Azure asks
    // for three kinds.
    const random = { length: 32, special: false, minLower: 1, minUpper: 1, minNumeric: 1 };
    const administratorPassword = new RandomPassword(...this.child('administratorPassword', random));
    const password = new RandomPassword(...this.child('password', random));
    const plan: Plan = {
      machine,
      diskGib,
      password: administratorPassword.result,
      databaseName,
      tags: componentTags(name, args.tags),
    };
    const { server, ready } = engineName === 'mysql' ? this.mysql(args, plan) : this.postgresql(args, plan);
    const access = new PrivateAccess(
      name,
      {
        placement,
        serviceId: server.id,
        group: engine.group,
        zoneName: engine.zoneName,
        privateDnsZoneId: args.privateDnsZoneId,
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
    if (removal !== 'destroy') {
      new ManagementLockByScope(
        ...this.child('lock', { scope: server.id, level: 'CanNotDelete' }, { dependsOn: [...ready] }),
      );
    }

    this.machine = machine.name;
    this.contract = {
      engine: engineName,
      host: server.fullyQualifiedDomainName,
      port: engine.port,
      database: databaseName,
      tls: { mode: 'verify-full', ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: { secretName: name },
      maxConnections: applicationConnections(engineName, machine.memory),
      egress: { cidrs: [output(placement.endpointSubnetCidr)], ports: [engine.port] },
    };
    const user = { username: 'polypod', password: password.result };
    this.objects = [
      credentialsSecret(name, user),
      certificateConfigMap(`${name}-ca`, databaseAuthorities()),
      ...databaseUser({
        name,
        connection: this.contract,
        user,
        administrator: { username: ADMINISTRATOR, password: administratorPassword.result },
        extensions: args.extensions,
        image: args.clientImage,
      }),
    ];
    this.ready = [server, ...ready, ...access.ready];
    this.registerOutputs({
      host: this.contract.host,
      port: engine.port,
      maxConnections: this.contract.maxConnections,
    });
  }

  private postgresql(args: DatabaseArgs, plan: Plan): Made {
    const { resourceGroupName, location } = args.placement;
    const { encryptionKey } = args;
    const server = new PostgresqlServer(
      ...this.child(
        'postgresqlServer',
        {
          resourceGroupName,
          location,
          version: '17',
          sku: { name: plan.machine.name, tier: machineTier(plan.machine.name) },
          storage: { type: 'Premium_LRS', storageSizeGB: plan.diskGib, autoGrow: 'Enabled' },
          highAvailability: { mode: zoneMode(args) },
          backup: { ...backup(args) },
          network: { publicNetworkAccess: 'Disabled' },
          authConfig: { passwordAuth: 'Enabled', activeDirectoryAuth: 'Disabled' },
          administratorLogin: ADMINISTRATOR,
          administratorLoginPassword: plan.password,
          maintenanceWindow: MAINTENANCE,
          ...(encryptionKey === undefined
            ? {}
            : {
                identity: {
                  type: 'UserAssigned',
                  userAssignedIdentities: output(encryptionKey.identityId).apply((id) => ({ [id]: {} })),
                },
                dataEncryption: {
                  type: 'AzureKeyVault',
                  primaryKeyURI: encryptionKey.keyUri,
                  primaryUserAssignedIdentityId: encryptionKey.identityId,
                },
              }),
          tags: plan.tags,
        },
        serverOptions(args),
      ),
    );
    const at = { resourceGroupName, serverName: server.name };
    const database = new PostgresqlDatabase(
      ...this.child(
        'postgresqlDatabase',
        { ...at, databaseName: plan.databaseName, charset: 'UTF8', collation: 'en_US.utf8' },
        removalOptions(args.removal),
      ),
    );
    const configurations = inTurn(
      database,
      [...parameters('postgresql', plan.machine.memory), ...allowedExtensions(args.extensions)],
      ([parameter, value], after) =>
        new PostgresqlConfiguration(
          ...this.child(
            'postgresqlParameter',
            { ...at, configurationName: parameter, value, source: 'user-override' },
            { dependsOn: after },
            parameter.replaceAll(/[_.]/g, '-'),
          ),
        ),
    );
    return { server, ready: [database, ...configurations] };
  }

  private mysql(args: DatabaseArgs, plan: Plan): Made {
    const { resourceGroupName, location } = args.placement;
    const { encryptionKey } = args;
    const server = new MysqlServer(
      ...this.child(
        'mysqlServer',
        {
          resourceGroupName,
          location,
          version: '8.0.21',
          sku: { name: plan.machine.name, tier: machineTier(plan.machine.name) },
          storage: { storageSizeGB: plan.diskGib, autoGrow: 'Enabled', autoIoScaling: 'Enabled' },
          highAvailability: { mode: zoneMode(args) },
          backup: { ...backup(args) },
          network: { publicNetworkAccess: 'Disabled' },
          administratorLogin: ADMINISTRATOR,
          administratorLoginPassword: plan.password,
          maintenanceWindow: MAINTENANCE,
          ...(encryptionKey === undefined
            ? {}
            : {
                identity: { type: 'UserAssigned', userAssignedIdentities: [encryptionKey.identityId] },
                dataEncryption: {
                  type: 'AzureKeyVault',
                  primaryKeyURI: encryptionKey.keyUri,
                  primaryUserAssignedIdentityId: encryptionKey.identityId,
                },
              }),
          tags: plan.tags,
        },
        serverOptions(args),
      ),
    );
    const at = { resourceGroupName, serverName: server.name };
    const database = new MysqlDatabase(
      ...this.child(
        'mysqlDatabase',
        { ...at, databaseName: plan.databaseName, charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
        removalOptions(args.removal),
      ),
    );
    const configurations = inTurn(
      database,
      parameters('mysql', plan.machine.memory),
      ([parameter, value], after) =>
        new MysqlConfiguration(
          ...this.child(
            'mysqlParameter',
            { ...at, configurationName: parameter, value, source: 'user-override' },
            { dependsOn: after },
            parameter.replaceAll('_', '-'),
          ),
        ),
    );
    return { server, ready: [database, ...configurations] };
  }
}

/** Azure lets nobody create an extension that this parameter does not name. */
function allowedExtensions(extensions: readonly string[] = []): [name: string, value: string][] {
  return extensions.length === 0 ? [] : [['azure.extensions', extensions.join(',').toUpperCase()]];
}
