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
 * Rules for the values of AWS resources that no type holds: as the provider's documentation states them, or AWS's API
 * reference, which the provider passes values on to. Names of fields are Pulumi's.
 */
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+/;
const DAILY = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
const WEEKLY =
  /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/i;
const JSON_TEXT = (path: string) => each(path, (text: string) => JSON.parse(text) instanceof Object, 'JSON');
/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html */
const CACHE_ID = /^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const RULES: Rules = {
  'aws:backup/plan:Plan': [
    needs('rules.targetVaultName', 'rules.ruleName'),
    form('rules.schedule', /^cron\((\S+ ){5}\S+\)$/),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
    range('rules.startWindow', 60, 1_000_000),
    (inputs) =>
      (inputs.rules as { startWindow: number; completionWindow: number }[])
        .filter((rule) => rule.completionWindow < rule.startWindow + 60)
        .map(() => 'completionWindow must be 60 minutes more than startWindow'),
  ],
  'aws:backup/selection:Selection': [needs('planId', 'iamRoleArn', 'resources')],
  'aws:backup/vault:Vault': [form('kmsKeyArn', ARN)],
  'aws:cloudwatch/logGroup:LogGroup': [
    form('name', /^[\w./#-]{1,512}$/),
    word(
      'retentionInDays',
      ...[
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
        3653, 0,
      ],
    ),
  ],
  'aws:ec2/eip:Eip': [word('domain', 'vpc')],
  'aws:ec2/internetGateway:InternetGateway': [],
  'aws:ec2/launchTemplate:LaunchTemplate': [
    word('metadataOptions.httpTokens', 'optional', 'required'),
    range('metadataOptions.httpPutResponseHopLimit', 1, 64),
    word('blockDeviceMappings.ebs.volumeType', 'standard', 'gp2', 'gp3', 'io1', 'io2', 'sc1', 'st1'),
    word('tagSpecifications.resourceType', 'instance', 'volume', 'network-interface'),
    // EKS refuses templates with these: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    notBoth('metadataOptions', 'iamInstanceProfile', 'instanceMarketOptions', 'networkInterfaces.subnetId'),
  ],
  'aws:ec2/natGateway:NatGateway': [needs('subnetId', 'allocationId')],
  'aws:ec2/route:Route': [
    form('destinationCidrBlock', CIDR),
    (inputs) =>
      ['gatewayId', 'natGatewayId', 'vpcEndpointId'].filter((target) => target in inputs).length === 1
        ? []
        : ['exactly one target'],
  ],
  'aws:ec2/routeTable:RouteTable': [needs('vpcId'), notBoth('routes', 'vpcId')],
  'aws:ec2/routeTableAssociation:RouteTableAssociation': [
    needs('routeTableId'),
    notBoth('subnetId', 'gatewayId'),
  ],
  'aws:ec2/securityGroup:SecurityGroup': [
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    form('description', /^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/),
    notBoth('vpcId', 'ingress', 'egress'),
  ],
  'aws:ec2/subnet:Subnet': [
    form('cidrBlock', CIDR),
    each(
      'cidrBlock',
      (cidr: string) => Number(cidr.split('/')[1]) >= 16 && Number(cidr.split('/')[1]) <= 28,
      '/16–/28',
    ),
    notBoth('availabilityZone', 'availabilityZoneId'),
  ],
  'aws:ec2/vpc:Vpc': [
    form('cidrBlock', CIDR),
    each(
      'cidrBlock',
      (cidr: string) => Number(cidr.split('/')[1]) >= 16 && Number(cidr.split('/')[1]) <= 28,
      '/16–/28',
    ),
    notBoth('cidrBlock', 'ipv4IpamPoolId'),
  ],
  'aws:ec2/vpcEndpoint:VpcEndpoint': [
    word('vpcEndpointType', 'Gateway', 'GatewayLoadBalancer', 'Interface', 'Resource', 'ServiceNetwork'),
    when(
      ({ vpcEndpointType }) => vpcEndpointType === 'Gateway',
      notBoth('vpcEndpointType', 'subnetIds', 'securityGroupIds', 'privateDnsEnabled'),
    ),
    when(
      ({ vpcEndpointType }) => vpcEndpointType === 'Interface',
      notBoth('vpcEndpointType', 'routeTableIds'),
    ),
  ],
  'aws:ecr/lifecyclePolicy:LifecyclePolicy': [JSON_TEXT('policy')],
  'aws:ecr/repository:Repository': [
    word('imageTagMutability', 'MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'),
    when(
      ({ imageTagMutability }) => !String(imageTagMutability).endsWith('_WITH_EXCLUSION'),
      notBoth('imageTagMutability', 'imageTagMutabilityExclusionFilters'),
    ),
    form('imageTagMutabilityExclusionFilters.filter', /^(?!(.*\*){3})[\w.*-]{1,128}$/),
    word('imageTagMutabilityExclusionFilters.filterType', 'WILDCARD'),
    word('encryptionConfigurations.encryptionType', 'AES256', 'KMS', 'KMS_DSSE'),
    form('encryptionConfigurations.kmsKey', ARN),
  ],
  'aws:efs/backupPolicy:BackupPolicy': [word('backupPolicy.status', 'ENABLED', 'DISABLED')],
  'aws:efs/fileSystem:FileSystem': [
    word('performanceMode', 'generalPurpose', 'maxIO'),
    word('throughputMode', 'bursting', 'provisioned', 'elastic'),
    when(
      ({ throughputMode }) => throughputMode === 'elastic',
      word('performanceMode', 'generalPurpose'),
      notBoth('throughputMode', 'provisionedThroughputInMibps'),
    ),
    when(({ throughputMode }) => throughputMode === 'provisioned', needs('provisionedThroughputInMibps')),
    when(({ kmsKeyId }) => kmsKeyId !== undefined, word('encrypted', true)),
    form('lifecyclePolicies.transitionToIa', /^AFTER_(1_DAY|(7|14|30|60|90|180|270|365)_DAYS)$/),
    word('lifecyclePolicies.transitionToPrimaryStorageClass', 'AFTER_1_ACCESS'),
  ],
  'aws:efs/fileSystemPolicy:FileSystemPolicy': [JSON_TEXT('policy')],
  'aws:efs/mountTarget:MountTarget': [
    needs('fileSystemId', 'subnetId'),
    (inputs) => ((inputs.securityGroups as unknown[]).length > 5 ? ['more than five security groups'] : []),
  ],
  'aws:eks/accessEntry:AccessEntry': [
    form('principalArn', ARN),
    word('type', 'STANDARD', 'EC2', 'EC2_LINUX', 'EC2_WINDOWS'),
  ],
  'aws:eks/accessPolicyAssociation:AccessPolicyAssociation': [
    form('policyArn', /^arn:aws[a-z-]*:eks::aws:cluster-access-policy\/\w+$/),
    word('accessScope.type', 'cluster', 'namespace'),
    when(
      ({ accessScope }) => (accessScope as { type: string }).type === 'cluster',
      notBoth('accessScope', 'accessScope.namespaces'),
    ),
  ],
  'aws:eks/addon:Addon': [
    needs('addonName', 'clusterName'),
    word('resolveConflictsOnCreate', 'NONE', 'OVERWRITE'),
    word('resolveConflictsOnUpdate', 'NONE', 'OVERWRITE', 'PRESERVE'),
    JSON_TEXT('configurationValues'),
    notBoth('podIdentityAssociations', 'serviceAccountRoleArn'),
  ],
  'aws:eks/cluster:Cluster': [
    form('name', /^[0-9A-Za-z][\w-]{0,99}$/),
    word('accessConfig.authenticationMode', 'CONFIG_MAP', 'API', 'API_AND_CONFIG_MAP'),
    word('computeConfig.nodePools', 'general-purpose', 'system'),
    word('enabledClusterLogTypes', 'api', 'audit', 'authenticator', 'controllerManager', 'scheduler'),
    word('encryptionConfig.resources', 'secrets'),
    word('upgradePolicy.supportType', 'EXTENDED', 'STANDARD'),
    form(
      'kubernetesNetworkConfig.serviceIpv4Cidr',
      /^(10|172\.(1[6-9]|2\d|3[01])|192\.168)\.[\d.]+\/(1[2-9]|2[0-4])$/,
    ),
    (inputs) => {
      // The provider refuses a mixture, and Auto Mode with unmanaged add-ons.
      const parts = [
        'computeConfig.enabled',
        'kubernetesNetworkConfig.elasticLoadBalancing.enabled',
        'storageConfig.blockStorage.enabled',
      ];
      const [compute, ...others] = parts.map((path) => at(inputs, path)[0] ?? false);
      const faults = others.every((other) => other === compute)
        ? []
        : ['Auto Mode is on in one part and off in another'];
      return compute === true && inputs.bootstrapSelfManagedAddons !== false
        ? [...faults, 'Auto Mode excludes bootstrapSelfManagedAddons']
        : faults;
    },
    when(
      ({ computeConfig }) => (computeConfig as { enabled: boolean }).enabled,
      needs('computeConfig.nodeRoleArn', 'computeConfig.nodePools'),
    ),
    (inputs) => (at(inputs, 'vpcConfig.subnetIds').length < 2 ? ['fewer than two subnets'] : []),
  ],
  'aws:eks/nodeGroup:NodeGroup': [
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
    form('amiType', /^(AL2023_(x86_64|ARM_64)_(STANDARD|NVIDIA)|BOTTLEROCKET_(x86_64|ARM_64)(_NVIDIA)?)$/),
    word('taints.effect', 'NO_SCHEDULE', 'NO_EXECUTE', 'PREFER_NO_SCHEDULE'),
    form('taints.key', /^.{1,63}$/),
    notBoth('launchTemplate', 'remoteAccess', 'diskSize'),
    notBoth('updateConfig.maxUnavailable', 'updateConfig.maxUnavailablePercentage'),
    form('launchTemplate.version', /^\d+$/),
    each(
      'scalingConfig',
      ({ minSize, desiredSize, maxSize }: Record<'minSize' | 'desiredSize' | 'maxSize', number>) =>
        minSize <= desiredSize && desiredSize <= maxSize && maxSize >= 1,
      'in order',
    ),
  ],
  'aws:elasticache/parameterGroup:ParameterGroup': [
    form('family', /^(valkey[78]|redis[67](\.x)?)$/),
    when(
      ({ parameters }) => JSON.stringify(parameters).includes('maxmemory-policy'),
      (inputs) =>
        (inputs.parameters as { name: string; value: string }[])
          .filter(({ name }) => name === 'maxmemory-policy')
          .flatMap(({ value }) =>
            word(
              'value',
              'volatile-lru',
              'allkeys-lru',
              'volatile-lfu',
              'allkeys-lfu',
              'volatile-random',
              'allkeys-random',
              'volatile-ttl',
              'noeviction',
            )({ value }),
          ),
    ),
  ],
  'aws:elasticache/replicationGroup:ReplicationGroup': [
    form('replicationGroupId', CACHE_ID),
    needs('description', 'nodeType'),
    word('engine', 'redis', 'valkey'),
    when(({ engine }) => engine === 'valkey', form('engineVersion', /^[7-9]\.\d+$/)),
    word('transitEncryptionMode', 'preferred', 'required'),
    range('snapshotRetentionLimit', 0, 35),
    form('snapshotWindow', DAILY),
    form('maintenanceWindow', WEEKLY),
    notBoth('numCacheClusters', 'numNodeGroups', 'replicasPerNodeGroup'),
    notBoth('userGroupIds', 'authToken'),
    range('replicasPerNodeGroup', 0, 5),
    range('numCacheClusters', 1, 6),
    range('numNodeGroups', 1, 500),
    when(({ multiAzEnabled }) => multiAzEnabled === true, word('automaticFailoverEnabled', true)),
    when(
      ({ automaticFailoverEnabled, numNodeGroups }) =>
        automaticFailoverEnabled === true && numNodeGroups === undefined,
      range('numCacheClusters', 2, 6),
    ),
    (inputs) =>
      inputs.userGroupIds !== undefined && inputs.transitEncryptionEnabled !== true ? ['users need TLS'] : [],
  ],
  'aws:elasticache/subnetGroup:SubnetGroup': [needs('subnetIds')],
  'aws:elasticache/user:User': [
    form('userId', CACHE_ID),
    word('engine', 'redis', 'valkey'),
    word('authenticationMode.type', 'password', 'iam'),
    each(
      'authenticationMode.passwords',
      (password: string) => password.length >= 16 && password.length <= 128,
      '16–128 characters',
    ),
    form('accessString', /^(on|off) \S.*$/),
  ],
  'aws:elasticache/userGroup:UserGroup': [
    form('userGroupId', CACHE_ID),
    word('engine', 'redis', 'valkey'),
    needs('userIds'),
  ],
  'aws:iam/role:Role': [JSON_TEXT('assumeRolePolicy')],
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': [form('policyArn', ARN), needs('role')],
  'aws:kms/alias:Alias': [form('name', /^alias\/(?!aws\/)[\w/-]+$/)],
  'aws:kms/key:Key': [range('deletionWindowInDays', 7, 30)],
  'aws:rds/instance:Instance': [
    word('engine', 'postgres', 'mysql'),
    form('instanceClass', /^db\.[a-z0-9]+\.\d*[a-z]+$/),
    word('storageType', 'standard', 'gp2', 'gp3', 'io1', 'io2'),
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
    range('allocatedStorage', 20, 65_536),
    range('maxAllocatedStorage', 22, 65_536),
    (inputs) =>
      Number(inputs.maxAllocatedStorage) * 10 >= Number(inputs.allocatedStorage) * 11
        ? []
        : ['storage can not grow by a tenth'],
    range('backupRetentionPeriod', 0, 35),
    form('backupWindow', DAILY),
    form('maintenanceWindow', WEEKLY),
    form('username', /^[a-z][a-z0-9_]{0,15}$/),
    notBoth('manageMasterUserPassword', 'password', 'passwordWo'),
    when(({ skipFinalSnapshot }) => skipFinalSnapshot !== true, needs('finalSnapshotIdentifier')),
    form('finalSnapshotIdentifier', /^(?=.{1,255}$)[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/),
    word('databaseInsightsMode', 'standard', 'advanced'),
    each(
      'performanceInsightsRetentionPeriod',
      (days: number) => days === 7 || days === 731 || days % 31 === 0,
      '7, 731 or a multiple of 31',
    ),
    when(
      ({ databaseInsightsMode }) => databaseInsightsMode === 'advanced',
      word('performanceInsightsRetentionPeriod', 465),
    ),
    when(
      ({ engine }) => engine === 'postgres',
      word('enabledCloudwatchLogsExports', 'postgresql', 'upgrade', 'iam-db-auth-error'),
    ),
    when(
      ({ engine }) => engine === 'mysql',
      word('enabledCloudwatchLogsExports', 'audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'),
    ),
    word(
      'engineLifecycleSupport',
      'open-source-rds-extended-support',
      'open-source-rds-extended-support-disabled',
    ),
    form('caCertIdentifier', /^rds-ca-(rsa2048|rsa4096|ecc384)-g1$/),
    form('kmsKeyId', ARN),
  ],
  'aws:rds/parameterGroup:ParameterGroup': [
    form('family', /^(postgres\d+|mysql\d\.\d)$/),
    word('parameters.applyMethod', 'immediate', 'pending-reboot'),
  ],
  'aws:rds/subnetGroup:SubnetGroup': [needs('subnetIds')],
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': [
    form('description', /^[\w .:/()#,@[\]+=;{}!$*-]{1,255}$/),
    needs('securityGroupId', 'fromPort', 'toPort'),
    (inputs) =>
      ['cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedSecurityGroupId'].filter(
        (source) => source in inputs,
      ).length === 1
        ? []
        : ['exactly one source'],
  ],
};

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
const tagRules: Rule = (inputs) =>
  Object.entries((inputs.tags ?? {}) as Record<string, string>)
    .filter(([key, value]) => /^aws:/i.test(key) || key.length > 128 || value.length > 256)
    .map(([key]) => `tag ${key}`);

/** Every way in which AWS resources break the rules, and every type that has none here. */
export const providerFaults = faultsBy('aws:', RULES, tagRules);
