import { NETWORK_ID } from './gcp-mocks';

/** What Google Cloud answers about things that exist and fit, by data source; a test spoils one field at a time. */
type Answer = (inputs: Record<string, unknown>) => Record<string, unknown>;

const LINK = `https://www.googleapis.com/compute/v1/${NETWORK_ID}`;
const CERT = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

export const FILESTORE = {
  name: 'models',
  tier: 'REGIONAL',
  protocol: 'NFS_V3',
  fileShares: [{ name: 'vol1', capacityGb: 2048 }],
  networks: [{ network: 'platform', ipAddresses: ['10.9.0.2'] }],
};

export const REDIS = {
  name: 'sessions',
  tier: 'STANDARD_HA',
  redisVersion: 'REDIS_7_2',
  memorySizeGb: 5,
  transitEncryptionMode: 'SERVER_AUTHENTICATION',
  authEnabled: true,
  authString: 'auth-string-that-exists',
  redisConfigs: { 'maxmemory-policy': 'noeviction' },
  host: '10.9.1.4',
  port: 6378,
  serverCaCerts: [{ cert: CERT }],
};

const SETTINGS = {
  tier: 'db-custom-4-16384',
  availabilityType: 'REGIONAL',
  databaseFlags: [] as { name: string; value: string }[],
  ipConfigurations: [
    { ipv4Enabled: false, sslMode: 'ENCRYPTED_ONLY', serverCaMode: 'GOOGLE_MANAGED_CAS_CA' },
  ],
  backupConfigurations: [{ enabled: true, pointInTimeRecoveryEnabled: true, binaryLogEnabled: false }],
};

export const SQL = {
  name: 'chat',
  databaseVersion: 'POSTGRES_16',
  privateIpAddress: '10.9.2.3',
  dnsNames: [
    {
      connectionType: 'PRIVATE_SERVICES_ACCESS',
      dnsScope: 'INSTANCE',
      name: 'ee.ff.europe-west3.sql-psa.goog.',
    },
  ],
  serverCaCerts: [{ cert: CERT }],
};

export const GKE = {
  endpoint: '203.0.113.20',
  masterAuths: [{ clusterCaCertificate: 'Y2VydA==' }],
  network: 'projects/acme-chat/global/networks/platform',
  subnetwork: 'projects/acme-chat/regions/europe-west3/subnetworks/nodes',
  enableAutopilot: false,
  datapathProvider: 'ADVANCED_DATAPATH',
  networkPolicies: [{ enabled: false }],
  addonsConfigs: [
    { gcpFilestoreCsiDriverConfigs: [{ enabled: true }], dnsCacheConfigs: [{ enabled: true }] },
  ],
};

export const SUBNETWORK = {
  id: 'projects/acme-chat/regions/europe-west3/subnetworks/nodes',
  network: LINK,
  ipCidrRange: '10.9.64.0/20',
  privateIpGoogleAccess: true,
  secondaryIpRanges: [
    { rangeName: 'pods', ipCidrRange: '10.10.0.0/17' },
    { rangeName: 'services', ipCidrRange: '10.11.0.0/20' },
  ],
};

export const RANGE = { address: '10.9.0.0', prefixLength: 20, purpose: 'VPC_PEERING', network: LINK };

/** Answers for everything that exists, with some fields changed. */
export function existing(
  changes: {
    filestore?: Partial<typeof FILESTORE>;
    redis?: Partial<typeof REDIS>;
    sql?: Partial<typeof SQL>;
    settings?: Partial<typeof SETTINGS>;
    cluster?: Partial<typeof GKE>;
    subnetwork?: Partial<typeof SUBNETWORK>;
    range?: Partial<typeof RANGE>;
  } = {},
): Record<string, Answer> {
  return {
    'gcp:filestore/getInstance:getInstance': () => ({ ...FILESTORE, ...changes.filestore }),
    'gcp:redis/getInstance:getInstance': () => ({ ...REDIS, ...changes.redis }),
    'gcp:sql/getDatabaseInstance:getDatabaseInstance': () => ({
      ...SQL,
      settings: [{ ...SETTINGS, ...changes.settings }],
      ...changes.sql,
    }),
    'gcp:container/getCluster:getCluster': () => ({ ...GKE, ...changes.cluster }),
    'gcp:compute/getSubnetwork:getSubnetwork': () => ({ ...SUBNETWORK, ...changes.subnetwork }),
    'gcp:compute/getGlobalAddress:getGlobalAddress': () => ({ ...RANGE, ...changes.range }),
  };
}
