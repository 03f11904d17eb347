import * as authorization from '@pulumi/azure-native/types/enums/authorization';
import * as containerregistry from '@pulumi/azure-native/types/enums/containerregistry';
import * as containerservice from '@pulumi/azure-native/types/enums/containerservice';
import * as mysql from '@pulumi/azure-native/types/enums/dbformysql';
import * as postgresql from '@pulumi/azure-native/types/enums/dbforpostgresql';
import * as keyvault from '@pulumi/azure-native/types/enums/keyvault';
import * as network from '@pulumi/azure-native/types/enums/network';
import * as redis from '@pulumi/azure-native/types/enums/redisenterprise';
import * as storage from '@pulumi/azure-native/types/enums/storage';
import {
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
 * Rules for the values of Azure resources that no type holds: the words are the SDK's own, forms and ranges as the
 * provider's documentation and Azure's API reference state them. Names of fields are Pulumi's.
 */
const oneOf = (path: string, words: Readonly<Record<string, unknown>>) => word(path, ...Object.values(words));

const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const LOCATED: Rule[] = [needs('resourceGroupName'), form('location', /^(global|[a-z]+\d?)$/)];
const ROLE = new RegExp(
  `^/subscriptions/[^/]*/providers/Microsoft\\.Authorization/roleDefinitions/${GUID.source}$`,
);

/** https://learn.microsoft.com/azure/templates/microsoft.containerservice/managedclusters/agentpools */
const poolRules = (prefix: string): Rule[] => [
  needs(`${prefix}vmSize`, `${prefix}vnetSubnetID`, `${prefix}availabilityZones`),
  word(`${prefix}availabilityZones`, '1', '2', '3'),
  oneOf(`${prefix}mode`, containerservice.AgentPoolMode),
  oneOf(`${prefix}type`, containerservice.AgentPoolType),
  oneOf(`${prefix}osSKU`, containerservice.OSSKU),
  oneOf(`${prefix}gpuProfile.driver`, containerservice.GPUDriver),
  range(`${prefix}osDiskSizeGB`, 30, 2048),
  form(`${prefix}nodeTaints`, /^[\w./-]+=\w+:(NoSchedule|PreferNoSchedule|NoExecute)$/),
];

/** Flexible Servers of both engines. */
const serverRules = (engine: typeof postgresql | typeof mysql): Rule[] => [
  ...LOCATED,
  needs('version', 'sku.name', 'sku.tier', 'administratorLogin', 'administratorLoginPassword'),
  oneOf('sku.tier', 'SkuTier' in engine ? engine.SkuTier : engine.ServerSkuTier),
  form(
    'administratorLogin',
    /^(?!azure_|admin$|administrator$|root$|guest$|public$|pg_)[a-z_][a-z0-9_]{0,31}$/,
  ),
  // Three of four kinds of characters. https://learn.microsoft.com/azure/postgresql/flexible-server/quickstart-create-server
  range('backup.backupRetentionDays', 7, 35),
  word('backup.geoRedundantBackup', 'Enabled', 'Disabled'),
  word('highAvailability.mode', 'Disabled', 'ZoneRedundant', 'SameZone'),
  when(
    ({ highAvailability }) => (highAvailability as { mode?: string }).mode === 'ZoneRedundant',
    each('sku.tier', (tier: string) => tier !== 'Burstable', 'a tier that can have a standby'),
  ),
  // One way in, not both.
  notBoth('network.delegatedSubnetResourceId', 'network.publicNetworkAccess'),
  range('maintenanceWindow.dayOfWeek', 0, 6),
  range('maintenanceWindow.startHour', 0, 23),
  word('dataEncryption.type', 'AzureKeyVault'),
  form('dataEncryption.primaryKeyURI', /^https:\/\/[^/]+\/keys\/[^/]+\/\w+$/),
  when((inputs) => 'dataEncryption' in inputs, needs('identity.userAssignedIdentities')),
];

const RULES: Rules = {
  'azure-native:authorization:ManagementLockByScope': [
    needs('scope'),
    oneOf('level', authorization.LockLevel),
  ],
  'azure-native:authorization:RoleAssignment': [
    needs('principalId', 'scope'),
    form('roleDefinitionId', ROLE),
    oneOf('principalType', authorization.PrincipalType),
  ],
  'azure-native:containerregistry:Registry': [
    ...LOCATED,
    form('registryName', /^[a-zA-Z0-9]{5,50}$/),
    oneOf('sku.name', containerregistry.SkuName),
    when((inputs) => 'encryption' in inputs, word('sku.name', 'Premium'), needs('identity')),
  ],
  'azure-native:containerservice:AgentPool': [
    needs('resourceName'),
    form('agentPoolName', /^[a-z][a-z0-9]{0,11}$/),
    ...poolRules(''),
    when((inputs) => inputs.mode === 'System', range('minCount', 1, 1000)),
    (inputs) => (Number(inputs.minCount) > Number(inputs.maxCount) ? ['minCount is above maxCount'] : []),
  ],
  'azure-native:containerservice:ManagedCluster': [
    ...LOCATED,
    needs('dnsPrefix', 'identity', 'agentPoolProfiles'),
    form('dnsPrefix', /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$/),
    form('kubernetesVersion', /^1\.\d\d(\.\d+)?$/),
    oneOf('sku.tier', containerservice.ManagedClusterSKUTier),
    word('sku.name', 'Base', 'Automatic'),
    form('agentPoolProfiles.name', /^[a-z][a-z0-9]{0,11}$/),
    ...poolRules('agentPoolProfiles.'),
    range('agentPoolProfiles.count', 1, 1000),
    oneOf('networkProfile.networkPlugin', containerservice.NetworkPlugin),
    oneOf('networkProfile.networkPluginMode', containerservice.NetworkPluginMode),
    oneOf('networkProfile.networkDataplane', containerservice.NetworkDataplane),
    oneOf('networkProfile.networkPolicy', containerservice.NetworkPolicy),
    oneOf('networkProfile.outboundType', containerservice.OutboundType),
    oneOf('networkProfile.loadBalancerSku', containerservice.LoadBalancerSku),
    form('networkProfile.serviceCidr', CIDR),
    form('networkProfile.podCidr', CIDR),
    oneOf('autoUpgradeProfile.upgradeChannel', containerservice.UpgradeChannel),
    oneOf('autoUpgradeProfile.nodeOSUpgradeChannel', containerservice.NodeOSUpgradeChannel),
    notBoth('apiServerAccessProfile.authorizedIPRanges', 'apiServerAccessProfile.enablePrivateCluster'),
    oneOf(
      'securityProfile.azureKeyVaultKms.keyVaultNetworkAccess',
      containerservice.KeyVaultNetworkAccessTypes,
    ),
    form('securityProfile.azureKeyVaultKms.keyId', /^https:\/\/[^/]+\/keys\/[^/]+\/\w+$/),
  ],
  'azure-native:dbformysql:Configuration': [
    needs('serverName', 'configurationName', 'value'),
    oneOf('source', mysql.ConfigurationSource),
  ],
  'azure-native:dbformysql:Database': [needs('serverName', 'databaseName')],
  'azure-native:dbformysql:Server': [
    ...serverRules(mysql),
    oneOf('version', mysql.ServerVersion),
    range('storage.storageSizeGB', 20, 16_384),
  ],
  'azure-native:dbforpostgresql:Configuration': [
    needs('serverName', 'configurationName', 'value'),
    word('source', 'system-default', 'user-override'),
  ],
  'azure-native:dbforpostgresql:Database': [needs('serverName', 'databaseName')],
  'azure-native:dbforpostgresql:Server': [
    ...serverRules(postgresql),
    oneOf('version', postgresql.PostgresMajorVersion),
    oneOf('storage.type', postgresql.StorageType),
    word('storage.storageSizeGB', 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_767),
    oneOf('network.publicNetworkAccess', postgresql.ServerPublicNetworkAccessState),
    oneOf('authConfig.activeDirectoryAuth', postgresql.MicrosoftEntraAuth),
    oneOf('authConfig.passwordAuth', postgresql.PasswordBasedAuth),
  ],
  'azure-native:keyvault:Key': [
    form('keyName', /^[a-zA-Z0-9-]{1,127}$/),
    oneOf('properties.kty', keyvault.JsonWebKeyType),
    oneOf('properties.keyOps', keyvault.JsonWebKeyOperation),
    word('properties.keySize', 2048, 3072, 4096),
    oneOf('properties.rotationPolicy.lifetimeActions.action.type', keyvault.KeyRotationPolicyActionType),
  ],
  'azure-native:keyvault:Vault': [
    ...LOCATED,
    form('vaultName', /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/),
    range('properties.softDeleteRetentionInDays', 7, 90),
    oneOf('properties.sku.name', keyvault.SkuName),
    oneOf('properties.networkAcls.bypass', keyvault.NetworkRuleBypassOptions),
  ],
  'azure-native:managedidentity:UserAssignedIdentity': LOCATED,
  'azure-native:network:NatGateway': [
    ...LOCATED,
    oneOf('sku.name', network.NatGatewaySkuName),
    range('idleTimeoutInMinutes', 4, 120),
  ],
  'azure-native:network:NetworkSecurityGroup': [
    ...LOCATED,
    range('securityRules.priority', 100, 4096),
    oneOf('securityRules.direction', network.SecurityRuleDirection),
    oneOf('securityRules.access', network.SecurityRuleAccess),
    oneOf('securityRules.protocol', network.SecurityRuleProtocol),
    each('securityRules.description', (text: string) => text.length <= 140, '140 characters at most'),
  ],
  'azure-native:network:PrivateDnsZoneGroup': [
    needs('privateEndpointName', 'privateDnsZoneConfigs.privateDnsZoneId'),
  ],
  'azure-native:network:PrivateEndpoint': [
    ...LOCATED,
    needs('subnet', 'privateLinkServiceConnections.privateLinkServiceId'),
    // https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource
    word(
      'privateLinkServiceConnections.groupIds',
      'file',
      'redisEnterprise',
      'postgresqlServer',
      'mysqlServer',
    ),
  ],
  'azure-native:network:PublicIPAddress': [
    ...LOCATED,
    oneOf('sku.name', network.PublicIPAddressSkuName),
    when(
      (inputs) => (inputs.sku as { name?: string }).name === 'Standard',
      word('publicIPAllocationMethod', 'Static'),
    ),
  ],
  'azure-native:network:Subnet': [
    needs('virtualNetworkName'),
    form('addressPrefix', CIDR),
    oneOf('privateEndpointNetworkPolicies', network.VirtualNetworkPrivateEndpointNetworkPolicies),
  ],
  'azure-native:network:VirtualNetwork': [...LOCATED, form('addressSpace.addressPrefixes', CIDR)],
  'azure-native:privatedns:PrivateZone': [
    // https://learn.microsoft.com/azure/private-link/private-endpoint-dns
    word(
      'privateZoneName',
      'privatelink.file.core.windows.net',
      'privatelink.redis.azure.net',
      'privatelink.postgres.database.azure.com',
      'privatelink.mysql.database.azure.com',
    ),
    word('location', 'global'),
  ],
  'azure-native:privatedns:VirtualNetworkLink': [needs('virtualNetwork.id'), word('location', 'global')],
  'azure-native:redisenterprise:Database': [
    word('databaseName', 'default'),
    word('port', 10_000),
    oneOf('clientProtocol', redis.Protocol),
    oneOf('clusteringPolicy', redis.ClusteringPolicy),
    oneOf('evictionPolicy', redis.EvictionPolicy),
    oneOf('persistence.aofFrequency', redis.AofFrequency),
    oneOf('persistence.rdbFrequency', redis.RdbFrequency),
    oneOf('accessKeysAuthentication', redis.AccessKeysAuthentication),
    (inputs) => {
      const { aofEnabled, rdbEnabled } = inputs.persistence as { aofEnabled: boolean; rdbEnabled: boolean };
      return aofEnabled && rdbEnabled ? ['one kind of persistence at a time'] : [];
    },
  ],
  'azure-native:redisenterprise:RedisEnterprise': [
    ...LOCATED,
    oneOf('sku.name', redis.SkuName),
    // The older tiers are being retired; zones and capacity are theirs.
    form('sku.name', /^(Balanced|MemoryOptimized|ComputeOptimized)_/),
    notBoth('sku.name', 'sku.capacity', 'zones'),
    oneOf('highAvailability', redis.HighAvailability),
    oneOf('publicNetworkAccess', redis.PublicNetworkAccess),
    word('minimumTlsVersion', '1.2'),
    oneOf(
      'encryption.customerManagedKeyEncryption.keyEncryptionKeyIdentity.identityType',
      redis.CmkIdentityType,
    ),
  ],
  'azure-native:resources:ResourceGroup': [needs('location')],
  'azure-native:storage:FileServiceProperties': [
    word('fileServicesName', 'default'),
    range('shareDeleteRetentionPolicy.days', 1, 365),
  ],
  'azure-native:storage:StorageAccount': [
    ...LOCATED,
    form('accountName', /^[a-z0-9]{3,24}$/),
    oneOf('kind', storage.Kind),
    oneOf('sku.name', storage.SkuName),
    when((inputs) => inputs.kind === 'FileStorage', form('sku.name', /^(Premium|PremiumV2|StandardV2)_/)),
    oneOf('minimumTlsVersion', storage.MinimumTlsVersion),
    oneOf('publicNetworkAccess', storage.PublicNetworkAccess),
    oneOf('networkRuleSet.defaultAction', storage.DefaultAction),
    oneOf('networkRuleSet.bypass', storage.Bypass),
    oneOf('encryption.keySource', storage.KeySource),
    oneOf('encryption.services.file.keyType', storage.KeyType),
  ],
};

/** https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources */
const tagRules: Rule = (inputs) => {
  const tags = Object.entries((inputs.tags ?? {}) as Record<string, string>);
  return tags
    .filter(
      ([key, value]) => /[<>%&\\?/]/.test(key) || key.length > 128 || value.length > 256 || tags.length > 15,
    )
    .map(([key]) => `tag ${key}`);
};

/** Every way in which Azure resources break the rules, and every type that has none here. */
export const providerFaults = faultsBy('azure-native:', RULES, tagRules);
