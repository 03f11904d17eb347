import { SecurityGroup, type SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup';
import { Instance, type InstanceArgs } from '@pulumi/aws/rds/instance';
import { ParameterGroup, type ParameterGroupArgs } from '@pulumi/aws/rds/parameterGroup';
import { SubnetGroup, type SubnetGroupArgs } from '@pulumi/aws/rds/subnetGroup';
import { getSecretVersionOutput } from '@pulumi/aws/secretsmanager/getSecretVersion';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule';
import type { ComponentResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import { interpolate, output, secret } from '@pulumi/pulumi';
import { RandomId, type RandomIdArgs } from '@pulumi/random/randomId';
import { RandomPassword, type RandomPasswordArgs } from '@pulumi/random/randomPassword';
import {
  CERTIFICATE_KEY,
  CloudComponent,
  certificateConfigMap,
  credentialsSecret,
  databaseUser,
  GIB,
  type Provided,
  removalOptions,
  smallestMachine,
  type Transforms,
} from '../cloud';
import type { DatabaseConnection } from '../contracts';
import { type DatabaseSettings, databaseProblems } from './database-arguments';
import { databaseAuthorities } from './database-authorities';
import { applicationConnections, DATABASE_CLASSES, serverConnections } from './database-classes';
import { fromNodes, placementProblems, serviceSecurityGroup } from './service-access';
import { componentTags } from './tags';

export interface DatabaseArgs extends DatabaseSettings {
  readonly transform?: Transforms<DatabaseChildren>;
}

export interface DatabaseChildren {
  suffix: RandomIdArgs;
  password: RandomPasswordArgs;
  parameterGroup: ParameterGroupArgs;
  subnetGroup: SubnetGroupArgs;
  securityGroup: SecurityGroupArgs;
  fromNodes: SecurityGroupIngressRuleArgs;
  instance: InstanceArgs;
}

/** What differs between the engines. A static parameter waits for a reboot, which a new instance has had. */
const ENGINES = {
  postgresql: {
    engine: 'postgres',
    version: '17',
    family: 'postgres17',
    port: 5432,
    forceTls: { name: 'rds.force_ssl', value: '1', applyMethod: 'pending-reboot' },
    connections: { name: 'max_connections', applyMethod: 'pending-reboot' },
    logs: ['postgresql', 'upgrade'],
  },
  mysql: {
    engine: 'mysql',
    version: '8.4',
    family: 'mysql8.4',
    port: 3306,
    forceTls: { name: 'require_secure_transport', value: '1', applyMethod: 'immediate' },
    connections: { name: 'max_connections', applyMethod: 'immediate' },
    logs: ['error'],
  },
} as const;

/** Most GiB of gp3 that an instance may have. */
const LARGEST_GIB = 65_536;

/**
 * PostgreSQL or MySQL on RDS with a standby in another zone: TLS forced, encrypted, restorable to any second of the
 * last days, growing by itself, reachable from the nodes alone.
 *
 * RDS makes and rotates the administrator's password in Secrets Manager. The application has a user of its own,
 * which a Job makes (see `objects`); its password is a Pulumi secret and stands in a Kubernetes Secret.
 *
 * A failover takes one to two minutes and loses nothing. Replaced, with its data, when engine, subnets or KMS key
 * change; `removal: 'retain'` refuses that.
 */
export class Database extends CloudComponent<DatabaseChildren> implements Provided<DatabaseConnection> {
  readonly contract: Provided<DatabaseConnection>['contract'];
  readonly objects: Provided<DatabaseConnection>['objects'];
  readonly ready: readonly Resource[];
  /** Class of the instance. */
  readonly instanceClass: string;
  /** ARN of the administrator's secret in Secrets Manager. */
  readonly administratorSecretArn: Output<string>;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: DatabaseArgs, options?: ComponentResourceOptions) {
    const misplaced = placementProblems(args.placement, { minimum: 2, why: 'RDS wants two zones or more' });
    super('polypod:aws:Database', name, [...misplaced, ...databaseProblems(args)], args.transform, options);
    const { placement, engine: engineName = 'postgresql', databaseName = 'polypod', size, removal } = args;
    const engine = ENGINES[engineName];
    const { name: instanceClass, memory } = smallestMachine(DATABASE_CLASSES, size) ?? {
      name: '',
      memory: 0,
    };
    const gib = Math.max(20, Math.ceil(size.storage / GIB));
    const tags = componentTags(name, args.tags);

    const suffix = new RandomId(...this.child('suffix', { byteLength: 4 }));
    // Letters and digits only: they mean the same in a URL, in SQL and in a shell.
    const password = new RandomPassword(...this.child('password', { length: 32, special: false }));
    const parameterGroup = new ParameterGroup(
      ...this.child('parameterGroup', {
        family: engine.family,
        description: `Parameters of ${name}`,
        parameters: [
          engine.forceTls,
          { ...engine.connections, value: String(serverConnections(engineName, memory)) },
        ],
        tags,
      }),
    );
    const subnetGroup = new SubnetGroup(
      ...this.child('subnetGroup', {
        subnetIds: [...placement.subnetIds],
        description: `Subnets of ${name}`,
        tags,
      }),
    );
    const group = new SecurityGroup(
      ...this.child('securityGroup', serviceSecurityGroup(placement, `Database of ${name}`, tags)),
    );
    const rule = new SecurityGroupIngressRule(
      ...this.child('fromNodes', fromNodes(placement, group.id, engine.port, tags)),
    );
    const instance = new Instance(
      ...this.child(
        'instance',
        {
          engine: engine.engine,
          engineVersion: engine.version,
          // Extended support costs by the core and the hour; without it RDS upgrades at the end of life.
          engineLifecycleSupport: 'open-source-rds-extended-support-disabled',
          autoMinorVersionUpgrade: true,
          instanceClass,
          multiAz: args.multiAz ?? true,
          dbName: databaseName,
          port: engine.port,
          username: 'polypod_admin',
          manageMasterUserPassword: true,
          masterUserSecretKmsKeyId: args.kmsKeyArn,
          storageType: 'gp3',
          allocatedStorage: gib,
          maxAllocatedStorage: args.maxStorageGib ?? Math.min(LARGEST_GIB, gib * 4),
          storageEncrypted: true,
          kmsKeyId: args.kmsKeyArn,
          dbSubnetGroupName: subnetGroup.name,
          vpcSecurityGroupIds: [group.id],
          publiclyAccessible: false,
          parameterGroupName: parameterGroup.name,
          caCertIdentifier: 'rds-ca-rsa2048-g1',
          backupRetentionPeriod: args.backupDays ?? 7,
          backupWindow: '02:00-03:00',
          maintenanceWindow: 'sun:04:00-sun:05:00',
          copyTagsToSnapshot: true,
          deletionProtection: (removal ?? 'retain') === 'retain',
          deleteAutomatedBackups: removal === 'destroy',
          skipFinalSnapshot: false,
          finalSnapshotIdentifier: interpolate`${name}-final-${suffix.hex}`,
          performanceInsightsEnabled: true,
          performanceInsightsRetentionPeriod: 7,
          databaseInsightsMode: 'standard',
          enabledCloudwatchLogsExports: [...engine.logs],
          tags,
        },
        { ...removalOptions(removal), customTimeouts: { create: '60m', update: '120m', delete: '60m' } },
      ),
    );

    this.instanceClass = instanceClass;
    this.administratorSecretArn = instance.masterUserSecrets.apply((secrets) => secrets[0]?.secretArn ?? '');
    this.contract = {
      engine: engineName,
      host: instance.address,
      port: engine.port,
      database: databaseName,
      tls: { mode: 'verify-full', ca: { configMapName: `${name}-ca`, key: CERTIFICATE_KEY } },
      credentials: { secretName: name },
      maxConnections: applicationConnections(engineName, memory),
      egress: { cidrs: placement.subnetCidrs.map((cidr) => output(cidr)), ports: [engine.port] },
    };
    const user = { username: 'polypod', password: password.result };
    this.objects = [
      credentialsSecret(name, user),
      certificateConfigMap(`${name}-ca`, databaseAuthorities(args.region) ?? ''),
      ...databaseUser({
        name,
        connection: this.contract,
        user,
        administrator: {
          username: instance.username,
          password: currentPassword(this.administratorSecretArn, this),
        },
        extensions: args.extensions,
        image: args.clientImage,
      }),
    ];
    this.ready = [instance, rule];
    this.registerOutputs({
      host: this.contract.host,
      port: engine.port,
      maxConnections: this.contract.maxConnections,
    });
  }
}

/** The administrator's password of this moment. RDS changes it every seven days. */
function currentPassword(secretArn: Input<string>, parent: Resource): Output<string> {
  const version = secret(getSecretVersionOutput({ secretId: secretArn }, { parent }));
  return version.secretString.apply((text) => {
    const { password }: { password: string } = JSON.parse(text);
    return password;
  });
}
