import type { runtime } from '@pulumi/pulumi';
import type { ServicePlacement } from '../../../constructs/azure/service-placement';
import type { MockedCloud } from '../../support/pulumi-mocks';

export const GROUP = '/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/chat';
export const NETWORK = `${GROUP}/providers/Microsoft.Network/virtualNetworks/hub`;
export const NODE_SUBNET = `${NETWORK}/subnets/nodes`;
export const ENDPOINT_SUBNET = `${NETWORK}/subnets/endpoints`;

/** A network, as a test writes it. */
export const PLACEMENT: ServicePlacement = {
  resourceGroupName: 'chat',
  location: 'westeurope',
  virtualNetworkId: NETWORK,
  endpointSubnetId: ENDPOINT_SUBNET,
  endpointSubnetCidr: '10.0.16.0/24',
};

export const ACCESS_KEY = 'access-key-of-the-cache';
export const REGISTRY_PASSWORD = 'password-of-the-registry';

/** Names that Azure gives itself, or that we give: by the field that holds them. */
const NAME_FIELDS = [
  'accountName',
  'registryName',
  'vaultName',
  'serverName',
  'clusterName',
  'privateZoneName',
  'databaseName',
];

/** What Azure and the other providers make up for a resource. */
function azureOutputs({ type, name, inputs }: runtime.MockResourceArgs): Record<string, unknown> {
  const given = NAME_FIELDS.map((field) => inputs[field]).find(
    (value, index) => typeof value === 'string' && isOwnName(type, NAME_FIELDS[index] ?? ''),
  );
  const physical = given ?? `${name}1a2b3c4d`;
  const principal = { principalId: `principal-of-${name}`, clientId: `client-of-${name}` };
  switch (type) {
    case 'random:index/randomPassword:RandomPassword':
      return { result: `password-of-${name}` };
    case 'random:index/randomId:RandomId':
      return { hex: '0a1b2c3d' };
    case 'azure-native:network:Subnet':
      return { name: physical, id: `${NETWORK}/subnets/${name}` };
    case 'azure-native:managedidentity:UserAssignedIdentity':
      return { name: physical, ...principal };
    case 'azure-native:containerservice:ManagedCluster':
      return {
        name: physical,
        identityProfile: {
          kubeletidentity: { objectId: 'principal-of-the-nodes', clientId: '', resourceId: '' },
        },
      };
    case 'azure-native:redisenterprise:RedisEnterprise':
      return { name: physical, hostName: `${physical}.westeurope.redis.azure.net` };
    case 'azure-native:dbforpostgresql:Server':
      return { name: physical, fullyQualifiedDomainName: `${physical}.postgres.database.azure.com` };
    case 'azure-native:dbformysql:Server':
      return { name: physical, fullyQualifiedDomainName: `${physical}.mysql.database.azure.com` };
    case 'azure-native:containerregistry:Registry':
      return { name: physical, loginServer: `${physical}.azurecr.io` };
    case 'azure-native:keyvault:Vault':
      return {
        name: physical,
        properties: { ...inputs.properties, vaultUri: `https://${physical}.vault.azure.net/` },
      };
    case 'azure-native:keyvault:Key':
      return {
        name: inputs.keyName,
        keyUriWithVersion: `https://vault.azure.net/keys/${inputs.keyName}/0123`,
      };
    case 'azure-native:network:PublicIPAddress':
      return { name: physical, ipAddress: '198.51.100.7' };
    case 'azure-native:resources:ResourceGroup':
      return { name: physical };
    case 'docker-build:index:Image':
      return { digest: `sha256:${'ab'.repeat(32)}` };
    default:
      return type.startsWith('azure-native:') ? { name: physical } : {};
  }
}

/** Whether a field names the resource itself, not the one it belongs to. */
function isOwnName(type: string, field: string): boolean {
  const owners: Record<string, string> = {
    accountName: ':StorageAccount',
    registryName: ':Registry',
    vaultName: ':Vault',
    serverName: ':Server',
    clusterName: ':RedisEnterprise',
    privateZoneName: ':PrivateZone',
    databaseName: ':Database',
  };
  return type.endsWith(owners[field] ?? '?');
}

const KUBECONFIG = `
clusters:
  - name: chat
    cluster: { server: 'https://chat.hcp.westeurope.azmk8s.io:443', certificate-authority-data: Y2VydA== }
`;

/** Answers of Azure's data sources for what is created. */
const azureAnswers: NonNullable<MockedCloud['answers']> = {
  'azure-native:authorization:getClientConfig': () => ({
    clientId: 'client',
    objectId: 'principal-of-the-creator',
    subscriptionId: '00000000-1111-2222-3333-444444444444',
    tenantId: 'tenant',
  }),
  'azure-native:containerservice:listManagedClusterUserCredentials': () => ({
    kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(KUBECONFIG).toString('base64') }],
  }),
  'azure-native:redisenterprise:listDatabaseKeys': () => ({ primaryKey: ACCESS_KEY, secondaryKey: 'other' }),
  'azure-native:containerregistry:listRegistryCredentials': () => ({
    username: 'registry',
    passwords: [{ name: 'password', value: REGISTRY_PASSWORD }],
  }),
};

/** Azure in up mode. */
export const AZURE: MockedCloud = { outputs: azureOutputs, answers: azureAnswers };
/** Azure in a preview: data sources answer, what Azure makes up is unknown. */
export const AZURE_PREVIEW: MockedCloud = { ...AZURE, mode: 'preview' };
