import {
  ANYWHERE,
  at,
  mustBe,
  mustBeOn,
  mustNotBe,
  type PolicyRules,
  type ResourceRule,
  retired,
} from './rule';

const storage: PolicyRules = {
  name: 'storage-serves-many-pods',
  description: 'Shared file systems keep their speed under load, and outlive a zone.',
  severity: 'high',
  rules: [
    mustNotBe(
      'aws:efs/fileSystem:FileSystem',
      'throughputMode',
      /^bursting$/,
      'bursting credits run out in the middle of loading a model',
      'set throughputMode to elastic',
    ),
    {
      type: 'aws:efs/fileSystem:FileSystem',
      field: 'throughputMode',
      fault: ({ throughputMode }) =>
        throughputMode === undefined
          ? 'without a mode it is bursting: set throughputMode to elastic'
          : undefined,
    },
    mustNotBe(
      'aws:efs/fileSystem:FileSystem',
      'availabilityZoneName',
      /./,
      'it lies in one zone, and goes with it',
      'leave availabilityZoneName out',
    ),
    mustNotBe(
      'gcp:filestore/instance:Instance',
      'tier',
      /^(STANDARD|PREMIUM|BASIC_HDD|BASIC_SSD|TIER_UNSPECIFIED)$/,
      'basic tiers are slow or can not be backed by more than one machine',
      'set tier to REGIONAL, ENTERPRISE or ZONAL',
    ),
    {
      type: 'azure-native:storage:StorageAccount',
      field: 'sku.name',
      fault: (properties) =>
        at(properties, 'kind').includes('FileStorage') &&
        at(properties, 'sku.name').some((name) => /_LRS$/.test(String(name)))
          ? 'it lies in one zone, and goes with it: set sku.name to Premium_ZRS or PremiumV2_ZRS'
          : undefined,
    },
  ],
};

const encryption: PolicyRules = {
  name: 'data-encrypted-at-rest',
  description: 'What holds data is encrypted where it lies.',
  severity: 'high',
  rules: [
    mustBeOn(
      'aws:efs/fileSystem:FileSystem',
      'encrypted',
      'files lie unencrypted, which can not be changed later',
    ),
    mustBeOn('aws:rds/instance:Instance', 'storageEncrypted', 'the database lies unencrypted'),
    mustBeOn('aws:rds/cluster:Cluster', 'storageEncrypted', 'the database lies unencrypted'),
    mustBeOn('aws:ebs/volume:Volume', 'encrypted', 'the disk lies unencrypted'),
    mustBeOn(
      'aws:elasticache/replicationGroup:ReplicationGroup',
      'atRestEncryptionEnabled',
      'the cache lies unencrypted, which can not be changed later',
    ),
  ],
};

const tls: PolicyRules = {
  name: 'connections-encrypted',
  description: 'Servers take no connection without TLS.',
  severity: 'high',
  rules: [
    mustBeOn(
      'aws:elasticache/replicationGroup:ReplicationGroup',
      'transitEncryptionEnabled',
      'passwords and sessions pass in clear text',
    ),
    mustNotBe(
      'aws:elasticache/replicationGroup:ReplicationGroup',
      'transitEncryptionMode',
      /^preferred$/,
      'clients without TLS are let in',
      'set transitEncryptionMode to required',
    ),
    {
      type: 'aws:rds/parameterGroup:ParameterGroup',
      field: 'parameters',
      fault: (properties) => {
        const [, release] = /^postgres(\d+)/.exec(String(properties.family)) ?? [];
        const isPostgres = release !== undefined;
        const name = isPostgres ? 'rds.force_ssl' : 'require_secure_transport';
        const set = at(properties, 'parameters').find((one) => at(one, 'name').includes(name));
        if (set === undefined ? Number(release) >= 15 : /^(1|on|true)$/i.test(String(at(set, 'value')[0])))
          return undefined;
        return `clients without TLS are let in: set ${name} to 1`;
      },
    },
    mustBe(
      'gcp:sql/databaseInstance:DatabaseInstance',
      'settings.ipConfiguration.sslMode',
      ['ENCRYPTED_ONLY', 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED'],
      'clients without TLS are let in',
    ),
    mustBe(
      'gcp:redis/instance:Instance',
      'transitEncryptionMode',
      ['SERVER_AUTHENTICATION'],
      'passwords and sessions pass in clear text',
    ),
    mustBe(
      'gcp:memorystore/instance:Instance',
      'transitEncryptionMode',
      ['SERVER_AUTHENTICATION'],
      'passwords and sessions pass in clear text',
    ),
    mustBe(
      'azure-native:redisenterprise:Database',
      'clientProtocol',
      ['Encrypted'],
      'passwords and sessions pass in clear text',
      'fine',
    ),
    mustBe(
      'azure-native:storage:StorageAccount',
      'minimumTlsVersion',
      ['TLS1_2', 'TLS1_3'],
      'versions of TLS that are broken are let in',
    ),
    secureTransport('azure-native:dbforpostgresql:Configuration'),
    secureTransport('azure-native:dbformysql:Configuration'),
  ],
};

function secureTransport(type: string): ResourceRule {
  return {
    type,
    field: 'value',
    fault: ({ configurationName, value }) =>
      configurationName === 'require_secure_transport' && !/^(on|1)$/i.test(String(value))
        ? 'clients without TLS are let in: set require_secure_transport to on'
        : undefined,
  };
}

/** Ports of file systems, databases, caches and shells. */
const DATA_PORTS = [22, 2049, 3306, 5432, 6379, 10_000];

/** Whether a rule of a firewall opens one of those ports to everybody. */
function opensData(rule: unknown, sources: readonly string[]): boolean {
  const [from = 0] = at(rule, 'fromPort').map(Number);
  const [to = 65_535] = at(rule, 'toPort').map(Number);
  const isAll = at(rule, 'protocol').concat(at(rule, 'ipProtocol')).includes('-1');
  return (
    sources.some((source) => at(rule, source).some((value) => ANYWHERE.test(String(value)))) &&
    (isAll || DATA_PORTS.some((port) => from <= port && port <= to))
  );
}

const OPEN =
  'a port of data or shells is open to the internet: name the networks, or the security group, of clients';

const access: PolicyRules = {
  name: 'data-not-public',
  description: 'Databases, caches, file systems and clusters do not answer the whole internet.',
  severity: 'critical',
  rules: [
    mustNotBe(
      'aws:rds/instance:Instance',
      'publiclyAccessible',
      /^true$/,
      'the database has a public address',
      'leave publiclyAccessible out',
    ),
    {
      type: 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
      field: 'cidrIpv4',
      fault: (rule) => (opensData(rule, ['cidrIpv4', 'cidrIpv6']) ? OPEN : undefined),
    },
    {
      type: 'aws:ec2/securityGroup:SecurityGroup',
      field: 'ingress',
      fault: (properties) =>
        at(properties, 'ingress').some((rule) => opensData(rule, ['cidrBlocks', 'ipv6CidrBlocks']))
          ? OPEN
          : undefined,
    },
    {
      type: 'aws:ec2/securityGroupRule:SecurityGroupRule',
      field: 'cidrBlocks',
      fault: (rule) =>
        rule.type === 'ingress' && opensData(rule, ['cidrBlocks', 'ipv6CidrBlocks']) ? OPEN : undefined,
    },
    {
      type: 'aws:eks/cluster:Cluster',
      field: 'vpcConfig.publicAccessCidrs',
      fault: (properties) => {
        if (at(properties, 'vpcConfig.endpointPublicAccess').includes(false)) return undefined;
        const cidrs = at(properties, 'vpcConfig.publicAccessCidrs').map(String);
        return cidrs.length === 0 || cidrs.some((cidr) => ANYWHERE.test(cidr))
          ? 'the API server answers everybody: name your networks in publicAccessCidrs, or turn endpointPublicAccess off'
          : undefined;
      },
    },
    mustNotBe(
      'gcp:sql/databaseInstance:DatabaseInstance',
      'settings.ipConfiguration.ipv4Enabled',
      /^true$/,
      'the database has a public address',
      'set ipv4Enabled to false and give a privateNetwork',
    ),
    mustNotBe(
      'gcp:sql/databaseInstance:DatabaseInstance',
      'settings.ipConfiguration.authorizedNetworks.value',
      ANYWHERE,
      'the database lets everybody in',
      'name your networks',
    ),
    {
      type: 'gcp:container/cluster:Cluster',
      field: 'masterAuthorizedNetworksConfig',
      fault: (properties) =>
        at(properties, 'masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock').some((cidr) =>
          ANYWHERE.test(String(cidr)),
        )
          ? 'the API server answers everybody: name your networks in masterAuthorizedNetworksConfig'
          : undefined,
    },
    mustNotBe(
      'azure-native:dbforpostgresql:Server',
      'network.publicNetworkAccess',
      /^Enabled$/,
      'the database has a public address',
      'set network.publicNetworkAccess to Disabled',
    ),
    mustNotBe(
      'azure-native:dbformysql:Server',
      'network.publicNetworkAccess',
      /^Enabled$/,
      'the database has a public address',
      'set network.publicNetworkAccess to Disabled',
    ),
    mustNotBe(
      'azure-native:redisenterprise:RedisEnterprise',
      'publicNetworkAccess',
      /^Enabled$/,
      'the cache has a public address',
      'set publicNetworkAccess to Disabled',
    ),
    {
      type: 'azure-native:storage:StorageAccount',
      field: 'publicNetworkAccess',
      fault: (properties) => {
        const isClosed =
          at(properties, 'publicNetworkAccess').includes('Disabled') ||
          at(properties, 'networkRuleSet.defaultAction').includes('Deny');
        return isClosed ? undefined : 'everybody may knock: set publicNetworkAccess to Disabled';
      },
    },
    mustNotBe(
      'azure-native:storage:StorageAccount',
      'allowBlobPublicAccess',
      /^true$/,
      'blobs may be made public',
      'set allowBlobPublicAccess to false',
    ),
  ],
};

const SINGLE_SERVER = 'Single Server is retired';
const REDIS =
  'Azure Cache for Redis takes no new instances since 1 October 2026 and ends on 30 September 2028: use Azure Managed Redis (azure-native:redisenterprise)';

const lifecycle: PolicyRules = {
  name: 'service-not-retired',
  description: 'Nothing is built on services that are gone or going.',
  severity: 'medium',
  rules: [
    retired(
      'azure-native:dbforpostgresql:SingleServer',
      `${SINGLE_SERVER} since 28 March 2025: use a Flexible Server (azure-native:dbforpostgresql:Server)`,
    ),
    retired(
      'azure-native:dbformysql:SingleServer',
      `${SINGLE_SERVER} since 16 September 2024: use a Flexible Server (azure-native:dbformysql:Server)`,
    ),
    retired('azure-native:redis:Redis', REDIS),
    retired('azure-native:cache:Redis', REDIS),
    mustNotBe(
      'azure-native:redisenterprise:RedisEnterprise',
      'sku.name',
      /^Enterprise(Flash)?_/,
      'the Enterprise tiers of Azure Cache for Redis end on 31 March 2027',
      'take a size of Azure Managed Redis, such as Balanced_B5',
    ),
    mustNotBe(
      'kubernetes:helm.sh/v3:Release',
      'chart',
      /(^|\/)ingress-nginx$/,
      'ingress-nginx is retired since March 2026 and gets no security fixes',
      'use a Gateway API implementation',
    ),
    mustNotBe(
      'kubernetes:networking.k8s.io/v1:IngressClass',
      'spec.controller',
      /^k8s\.io\/ingress-nginx$/,
      'ingress-nginx is retired since March 2026 and gets no security fixes',
      'use a Gateway API implementation',
    ),
  ],
};

/** Every policy of the pack. */
export const POLICIES: readonly PolicyRules[] = [storage, encryption, tls, access, lifecycle];

/** What a policy says against one resource: the field, and why it must change. */
export function violations(
  { rules }: PolicyRules,
  resource: { readonly type: string; readonly properties: Readonly<Record<string, unknown>> },
): string[] {
  // Types of azure-native may carry a version of the API.
  const type = resource.type.replace(/\/v\d{8}(preview)?:/, ':');
  return rules
    .filter((rule) => rule.type === type)
    .flatMap(({ field, fault }) => {
      const why = fault(resource.properties);
      return why === undefined ? [] : [field === '' ? why : `${field}: ${why}`];
    });
}
