import { ENDPOINT_SUBNET, GROUP, NODE_SUBNET } from './azure-mocks';

/** What Azure answers about things that exist and fit, by data source; a test spoils one field at a time. */
type Answer = (inputs: Record<string, unknown>) => Record<string, unknown>;

const APPROVED = {
  id: 'connection',
  privateEndpoint: { id: `${GROUP}/providers/Microsoft.Network/privateEndpoints/mine` },
  privateLinkServiceConnectionState: { status: 'Approved' },
};

const ACCOUNT = {
  kind: 'FileStorage',
  sku: { name: 'PremiumV2_ZRS', tier: 'Premium' },
  enableHttpsTrafficOnly: true,
  publicNetworkAccess: 'Disabled',
  privateEndpointConnections: [APPROVED],
};
const REDIS = {
  hostName: 'sessions.westeurope.redis.azure.net',
  highAvailability: 'Enabled',
  redundancyMode: 'ZR',
  publicNetworkAccess: 'Disabled',
  privateEndpointConnections: [APPROVED],
};
const REDIS_DATABASE = {
  port: 10_000,
  clientProtocol: 'Encrypted',
  clusteringPolicy: 'NoCluster',
  evictionPolicy: 'NoEviction',
};
const SERVER = {
  fullyQualifiedDomainName: 'chat.postgres.database.azure.com',
  sku: { name: 'Standard_D4ds_v4', tier: 'GeneralPurpose' },
  highAvailability: { mode: 'ZoneRedundant' },
  backup: { backupRetentionDays: 14 },
  network: { publicNetworkAccess: 'Disabled' },
  privateEndpointConnections: [APPROVED],
};
const CLUSTER = {
  powerState: { code: 'Running' },
  networkProfile: { networkPolicy: 'cilium' },
  storageProfile: { fileCSIDriver: { enabled: true } },
  aadProfile: { managed: true },
  agentPoolProfiles: [{ name: 'system', availabilityZones: ['1', '2', '3'], vnetSubnetID: NODE_SUBNET }],
  identity: { type: 'SystemAssigned', principalId: 'principal-of-the-cluster' },
  identityProfile: { kubeletidentity: { objectId: 'principal-of-the-nodes' } },
};

/** Answers for everything that exists, with some fields changed. */
export function existing(
  changes: {
    account?: Record<string, unknown>;
    redis?: Record<string, unknown>;
    redisDatabase?: Record<string, unknown>;
    server?: Record<string, unknown>;
    cluster?: Record<string, unknown>;
    subnet?: Record<string, unknown>;
  } = {},
): Record<string, Answer> {
  const server = () => ({ ...SERVER, ...changes.server });
  return {
    'azure-native:storage:getStorageAccount': () => ({ ...ACCOUNT, ...changes.account }),
    'azure-native:redisenterprise:getRedisEnterprise': () => ({ ...REDIS, ...changes.redis }),
    'azure-native:redisenterprise:getDatabase': () => ({ ...REDIS_DATABASE, ...changes.redisDatabase }),
    'azure-native:dbforpostgresql:getServer': server,
    'azure-native:dbformysql:getServer': server,
    'azure-native:containerservice:getManagedCluster': () => ({ ...CLUSTER, ...changes.cluster }),
    'azure-native:containerservice:listManagedClusterUserCredentials': () => ({
      kubeconfigs: [
        {
          name: 'clusterUser',
          value: Buffer.from(
            "clusters: [{ cluster: { server: 'https://platform:443', certificate-authority-data: Y2VydA== } }]",
          ).toString('base64'),
        },
      ],
    }),
    'azure-native:network:getPrivateEndpoint': () => ({ subnet: { id: ENDPOINT_SUBNET } }),
    'azure-native:network:getNatGateway': () => ({
      publicIpAddresses: [{ id: `${GROUP}/providers/Microsoft.Network/publicIPAddresses/nat` }],
    }),
    'azure-native:network:getPublicIPAddress': () => ({ ipAddress: '198.51.100.9' }),
    'azure-native:network:getSubnet': ({ subnetName }) => ({
      addressPrefix: subnetName === 'nodes' ? '10.9.0.0/20' : '10.9.16.0/24',
      ...changes.subnet,
    }),
    'azure-native:resources:getResourceGroup': ({ resourceGroupName }) => ({
      name: resourceGroupName,
      location: 'westeurope',
    }),
  };
}
