import {
  at,
  CIDR,
  each,
  faultsBy,
  form,
  needs,
  notBoth,
  type Rule,
  type Rules,
  range,
  when,
  word,
} from '../../support/value-rules';

/**
 * Rules for the values of Google Cloud's resources that no type holds: as the provider's documentation states them, or
 * Google's API reference, which the provider passes values on to. Names of fields are Pulumi's.
 */
const NETWORK = /^projects\/[^/]+\/global\/networks\/[^/]+$|-id$/;
const KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$|-id$/;
const REGION = /^[a-z]+-[a-z]+\d+$/;
const MEMBER = /^serviceAccount:[^@]+@[^@]+\.iam\.gserviceaccount\.com$/;
const SECONDS = /^\d+s$/;
/** https://cloud.google.com/resource-manager/docs/labels-overview */
const labelRules: Rule = (inputs) =>
  ['labels', 'resourceLabels', 'userLabels'].flatMap((field) =>
    Object.entries((inputs[field] ?? {}) as Record<string, string>)
      .filter(([key, value]) => !/^[a-z][a-z0-9_-]{0,62}$/.test(key) || !/^[a-z0-9_-]{0,63}$/.test(value))
      .map(([key]) => `label ${key}`),
  );

const RULES: Rules = {
  'gcp:artifactregistry/repository:Repository': [
    needs('location', 'format'),
    // https://cloud.google.com/artifact-registry/docs/repositories/create-repos
    form('repositoryId', /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/),
    word('format', 'DOCKER', 'MAVEN', 'NPM', 'PYTHON', 'APT', 'YUM', 'GO', 'GENERIC', 'KFP'),
    word('cleanupPolicies.action', 'DELETE', 'KEEP'),
    word('cleanupPolicies.condition.tagState', 'TAGGED', 'UNTAGGED', 'ANY'),
    form('cleanupPolicies.condition.olderThan', SECONDS),
    word('vulnerabilityScanningConfig.enablementConfig', 'INHERITED', 'DISABLED'),
    (inputs) =>
      (inputs.cleanupPolicies as Record<string, unknown>[])
        .filter((policy) => 'condition' in policy === 'mostRecentVersions' in policy)
        .map(() => 'a policy has either a condition or most recent versions'),
    form('kmsKeyName', KEY),
  ],
  'gcp:cloudscheduler/job:Job': [
    form('schedule', /^(\S+ ){4}\S+$/),
    form('httpTarget.uri', /^https:\/\//),
    form('httpTarget.body', /^[A-Za-z0-9+/]+=*$/),
    notBoth('httpTarget', 'pubsubTarget', 'appEngineHttpTarget'),
    notBoth('httpTarget.oauthToken', 'httpTarget.oidcToken'),
    range('retryConfig.retryCount', 0, 5),
  ],
  'gcp:compute/globalAddress:GlobalAddress': [
    word('addressType', 'EXTERNAL', 'INTERNAL'),
    word('purpose', 'VPC_PEERING', 'PRIVATE_SERVICE_CONNECT'),
    when(
      ({ purpose }) => purpose === 'VPC_PEERING',
      needs('prefixLength', 'network'),
      range('prefixLength', 8, 29),
    ),
    form('address', /^\d{1,3}(\.\d{1,3}){3}$/),
  ],
  'gcp:compute/network:Network': [word('routingMode', 'REGIONAL', 'GLOBAL')],
  'gcp:compute/router:Router': [needs('network', 'region')],
  'gcp:compute/routerNat:RouterNat': [
    word('natIpAllocateOption', 'MANUAL_ONLY', 'AUTO_ONLY'),
    when(
      ({ natIpAllocateOption }) => natIpAllocateOption === 'AUTO_ONLY',
      notBoth('natIpAllocateOption', 'natIps'),
    ),
    word(
      'sourceSubnetworkIpRangesToNat',
      'ALL_SUBNETWORKS_ALL_IP_RANGES',
      'ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES',
      'LIST_OF_SUBNETWORKS',
    ),
    word('logConfig.filter', 'ERRORS_ONLY', 'TRANSLATIONS_ONLY', 'ALL'),
    // https://cloud.google.com/nat/docs/ports-and-addresses
    when(
      ({ enableDynamicPortAllocation }) => enableDynamicPortAllocation === true,
      word('enableEndpointIndependentMapping', false),
      word('minPortsPerVm', ...powers(5, 15)),
      word('maxPortsPerVm', ...powers(6, 16)),
    ),
  ],
  'gcp:compute/subnetwork:Subnetwork': [
    needs('region', 'network'),
    form('ipCidrRange', CIDR),
    form('secondaryIpRanges.ipCidrRange', CIDR),
    form('secondaryIpRanges.rangeName', /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/),
  ],
  'gcp:container/cluster:Cluster': [
    form('name', /^(?=.{1,40}$)[a-z]([a-z0-9-]*[a-z0-9])?$/),
    form('location', REGION),
    word('releaseChannel.channel', 'UNSPECIFIED', 'RAPID', 'REGULAR', 'STABLE', 'EXTENDED'),
    word('gatewayApiConfig.channel', 'CHANNEL_DISABLED', 'CHANNEL_EXPERIMENTAL', 'CHANNEL_STANDARD'),
    word('datapathProvider', 'LEGACY_DATAPATH', 'ADVANCED_DATAPATH'),
    word('networkingMode', 'VPC_NATIVE', 'ROUTES'),
    word('databaseEncryption.state', 'ENCRYPTED', 'DECRYPTED'),
    word(
      'loggingConfig.enableComponents',
      'SYSTEM_COMPONENTS',
      'KCP_VPA',
      'APISERVER',
      'CONTROLLER_MANAGER',
      'SCHEDULER',
      'WORKLOADS',
    ),
    form('masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock', CIDR),
    form('databaseEncryption.keyName', KEY),
    // A private endpoint alone wants to know who may come.
    when(
      ({ privateClusterConfig }) =>
        (privateClusterConfig as { enablePrivateEndpoint: boolean }).enablePrivateEndpoint,
      needs('masterAuthorizedNetworksConfig'),
    ),
    // The provider's ConflictsWith, and what the API refuses of Autopilot.
    when(
      ({ enableAutopilot }) => enableAutopilot === true,
      notBoth(
        'enableAutopilot',
        'removeDefaultNodePool',
        'workloadIdentityConfig',
        'networkPolicy',
        'defaultMaxPodsPerNode',
        'enableShieldedNodes',
        'enableIntranodeVisibility',
        'clusterAutoscaling.enabled',
        'clusterAutoscaling.resourceLimits',
        'addonsConfig.networkPolicyConfig',
        'addonsConfig.dnsCacheConfig',
      ),
    ),
    when(
      ({ datapathProvider }) => datapathProvider === 'ADVANCED_DATAPATH',
      notBoth('datapathProvider', 'networkPolicy', 'addonsConfig.networkPolicyConfig'),
    ),
    when(
      ({ removeDefaultNodePool }) => removeDefaultNodePool === true,
      needs('initialNodeCount'),
      notBoth('removeDefaultNodePool', 'nodePools'),
    ),
    // 48 hours of maintenance in 32 days, in windows of four hours or more.
    each(
      'maintenancePolicy.recurringWindow',
      ({ startTime, endTime }: { startTime: string; endTime: string }) =>
        (Date.parse(endTime) - Date.parse(startTime)) / 3_600_000 >= 6,
      'six hours on two days a week',
    ),
  ],
  'gcp:container/nodePool:NodePool': [
    needs('cluster', 'location'),
    notBoth('autoscaling', 'nodeCount'),
    notBoth('autoscaling.totalMaxNodeCount', 'autoscaling.minNodeCount', 'autoscaling.maxNodeCount'),
    word('autoscaling.locationPolicy', 'BALANCED', 'ANY'),
    word('upgradeSettings.strategy', 'SURGE', 'BLUE_GREEN'),
    (inputs) =>
      at(inputs, 'upgradeSettings').some(
        (settings) =>
          Number((settings as Record<string, number>).maxSurge) +
            Number((settings as Record<string, number>).maxUnavailable) ===
          0,
      )
        ? ['no node could be upgraded']
        : [],
    word('nodeConfig.workloadMetadataConfig.mode', 'GKE_METADATA', 'GCE_METADATA'),
    word('nodeConfig.imageType', 'COS_CONTAINERD', 'UBUNTU_CONTAINERD'),
    word('nodeConfig.diskType', 'pd-standard', 'pd-balanced', 'pd-ssd', 'hyperdisk-balanced'),
    word(
      'nodeConfig.guestAccelerators.gpuDriverInstallationConfig.gpuDriverVersion',
      'INSTALLATION_DISABLED',
      'DEFAULT',
      'LATEST',
    ),
    form('nodeConfig.bootDiskKmsKey', KEY),
    form('nodeLocations', /^[a-z]+-[a-z]+\d+-[a-z]$/),
  ],
  'gcp:dns/managedZone:ManagedZone': [
    form('dnsName', /^([a-z0-9-]+\.)+$/),
    word('visibility', 'private', 'public'),
    when(
      ({ visibility }) => visibility === 'private',
      needs('privateVisibilityConfig.networks.networkUrl'),
      notBoth('visibility', 'dnssecConfig'),
    ),
    form('privateVisibilityConfig.networks.networkUrl', NETWORK),
  ],
  'gcp:dns/recordSet:RecordSet': [
    form('name', /^([a-z0-9-]+\.)+$/),
    notBoth('rrdatas', 'routingPolicy'),
    needs('rrdatas'),
  ],
  'gcp:filestore/instance:Instance': [
    word(
      'tier',
      'STANDARD',
      'PREMIUM',
      'BASIC_HDD',
      'BASIC_SSD',
      'HIGH_SCALE_SSD',
      'ZONAL',
      'REGIONAL',
      'ENTERPRISE',
    ),
    when(
      ({ tier }) => tier === 'REGIONAL',
      form('location', REGION),
      range('fileShares.capacityGb', 100, 102_400),
    ),
    when(
      ({ tier }) => tier === 'ZONAL',
      form('location', /^[a-z]+-[a-z]+\d+-[a-z]$/),
      range('fileShares.capacityGb', 1024, 102_400),
    ),
    word('protocol', 'NFS_V3', 'NFS_V4_1'),
    form('fileShares.name', /^[a-z]\w{0,15}$/),
    word('fileShares.nfsExportOptions.accessMode', 'READ_ONLY', 'READ_WRITE'),
    word('fileShares.nfsExportOptions.squashMode', 'NO_ROOT_SQUASH', 'ROOT_SQUASH'),
    form('fileShares.nfsExportOptions.ipRanges', CIDR),
    when(
      (inputs) =>
        at(inputs, 'fileShares.nfsExportOptions.squashMode').every((mode) => mode !== 'ROOT_SQUASH'),
      notBoth(
        'fileShares.nfsExportOptions',
        'fileShares.nfsExportOptions.anonUid',
        'fileShares.nfsExportOptions.anonGid',
      ),
    ),
    word('networks.modes', 'MODE_IPV4', 'MODE_IPV6'),
    word('networks.connectMode', 'DIRECT_PEERING', 'PRIVATE_SERVICE_ACCESS', 'PRIVATE_SERVICE_CONNECT'),
    form('kmsKeyName', KEY),
  ],
  'gcp:kms/cryptoKey:CryptoKey': [
    word('purpose', 'ENCRYPT_DECRYPT', 'ASYMMETRIC_SIGN', 'ASYMMETRIC_DECRYPT', 'MAC'),
    // A day at least; a day to 120 days.
    each(
      'rotationPeriod',
      (text: string) => SECONDS.test(text) && Number.parseInt(text, 10) >= 86_400,
      'a day or more',
    ),
    each(
      'destroyScheduledDuration',
      (text: string) => Number.parseInt(text, 10) <= 120 * 86_400,
      '120 days at most',
    ),
  ],
  'gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember': [form('member', MEMBER), form('role', /^roles\//)],
  'gcp:kms/keyRing:KeyRing': [form('location', REGION)],
  'gcp:projects/iAMMember:IAMMember': [needs('project'), form('member', MEMBER), form('role', /^roles\//)],
  'gcp:projects/serviceIdentity:ServiceIdentity': [form('service', /^[a-z]+\.googleapis\.com$/)],
  'gcp:redis/instance:Instance': [
    word('tier', 'BASIC', 'STANDARD_HA'),
    range('memorySizeGb', 1, 300),
    form('redisVersion', /^REDIS_(3_2|4_0|5_0|6_X|7_0|7_2)$/),
    word('connectMode', 'DIRECT_PEERING', 'PRIVATE_SERVICE_ACCESS'),
    word('transitEncryptionMode', 'SERVER_AUTHENTICATION', 'DISABLED'),
    word('persistenceConfig.persistenceMode', 'DISABLED', 'RDB'),
    word('persistenceConfig.rdbSnapshotPeriod', 'ONE_HOUR', 'SIX_HOURS', 'TWELVE_HOURS', 'TWENTY_FOUR_HOURS'),
    range('maintenancePolicy.weeklyMaintenanceWindows.startTime.hours', 0, 23),
    form('authorizedNetwork', NETWORK),
    form('customerManagedKey', KEY),
    each(
      'redisConfigs',
      (configs: Record<string, string>) =>
        [
          'volatile-lru',
          'allkeys-lru',
          'volatile-lfu',
          'allkeys-lfu',
          'volatile-random',
          'allkeys-random',
          'volatile-ttl',
          'noeviction',
        ].includes(configs['maxmemory-policy'] ?? ''),
      'a policy of Redis',
    ),
  ],
  'gcp:serviceaccount/account:Account': [form('accountId', /^(?=.{6,30}$)[a-z]([-a-z0-9]*[a-z0-9])$/)],
  'gcp:servicenetworking/connection:Connection': [
    word('service', 'servicenetworking.googleapis.com'),
    needs('reservedPeeringRanges', 'network'),
  ],
  'gcp:sql/database:Database': [word('deletionPolicy', 'ABANDON', 'DELETE')],
  'gcp:sql/databaseInstance:DatabaseInstance': [
    form('databaseVersion', /^(POSTGRES_1[3-8]|MYSQL_8_[04])$/),
    form('settings.tier', /^db-custom-(1|[1-9]\d?)-\d+$/),
    each(
      'settings.tier',
      (tier: string) => {
        const [cpu = 0, mib = 0] = tier.split('-').slice(2).map(Number);
        return (
          (cpu === 1 || cpu % 2 === 0) &&
          mib % 256 === 0 &&
          mib >= 3840 &&
          mib >= cpu * 0.9 * 1024 &&
          mib <= cpu * 6.5 * 1024
        );
      },
      'a custom machine',
    ),
    word('settings.edition', 'ENTERPRISE'),
    word('settings.availabilityType', 'REGIONAL', 'ZONAL'),
    word('settings.diskType', 'PD_SSD', 'PD_HDD', 'HYPERDISK_BALANCED'),
    range('settings.diskSize', 10, 65_536),
    range('settings.backupConfiguration.transactionLogRetentionDays', 1, 7),
    range('settings.backupConfiguration.backupRetentionSettings.retainedBackups', 1, 365),
    word('settings.backupConfiguration.backupRetentionSettings.retentionUnit', 'COUNT'),
    form('settings.backupConfiguration.startTime', /^([01]\d|2[0-3]):[0-5]\d$/),
    range('settings.finalBackupConfig.retentionDays', 1, 365),
    word(
      'settings.ipConfiguration.sslMode',
      'ALLOW_UNENCRYPTED_AND_ENCRYPTED',
      'ENCRYPTED_ONLY',
      'TRUSTED_CLIENT_CERTIFICATE_REQUIRED',
    ),
    word(
      'settings.ipConfiguration.serverCaMode',
      'GOOGLE_MANAGED_INTERNAL_CA',
      'GOOGLE_MANAGED_CAS_CA',
      'CUSTOMER_MANAGED_CAS_CA',
    ),
    when(
      (inputs) => at(inputs, 'settings.ipConfiguration.serverCaMode')[0] === 'GOOGLE_MANAGED_INTERNAL_CA',
      notBoth('settings.ipConfiguration', 'settings.ipConfiguration.serverCertificateRotationMode'),
    ),
    range('settings.maintenanceWindow.day', 1, 7),
    range('settings.maintenanceWindow.hour', 0, 23),
    word('settings.maintenanceWindow.updateTrack', 'canary', 'stable', 'week5'),
    // https://cloud.google.com/sql/docs/postgres/flags#postgres-m
    each(
      'settings.databaseFlags',
      ({ name, value }: { name: string; value: string }) =>
        name === 'max_connections' && Number(value) >= 14 && Number(value) <= 100_000,
      'max_connections of 14 to 100,000',
    ),
    when(
      ({ databaseVersion }) => String(databaseVersion).startsWith('MYSQL'),
      notBoth('databaseVersion', 'settings.backupConfiguration.pointInTimeRecoveryEnabled'),
      needs('settings.backupConfiguration.binaryLogEnabled'),
    ),
    when(
      ({ databaseVersion }) => String(databaseVersion).startsWith('POSTGRES'),
      notBoth('databaseVersion', 'settings.backupConfiguration.binaryLogEnabled'),
    ),
    form('encryptionKeyName', KEY),
    form('settings.ipConfiguration.privateNetwork', NETWORK),
  ],
  'gcp:sql/user:User': [
    needs('instance', 'name'),
    notBoth('password', 'passwordWo'),
    word('deletionPolicy', 'ABANDON'),
  ],
  'gcp:workflows/workflow:Workflow': [
    word('callLogLevel', 'LOG_ALL_CALLS', 'LOG_ERRORS_ONLY', 'LOG_NONE'),
    // https://cloud.google.com/workflows/quotas: a definition may have 128 KB.
    each(
      'sourceContents',
      (text: string) => JSON.parse(text).main !== undefined && text.length < 131_072,
      'a program',
    ),
  ],
};

function powers(least: number, most: number): number[] {
  return Array.from({ length: most - least + 1 }, (_, index) => 2 ** (least + index));
}

/** Every way in which Google Cloud's resources break the rules, and every type that has none here. */
export const providerFaults = faultsBy('gcp:', RULES, labelRules);
