/** What AWS answers about things that exist and fit, by data source; a test spoils one field at a time. */
type Answer = (inputs: Record<string, unknown>) => Record<string, unknown>;

export const PUBLIC_A = 'subnet-0b0000000000000a0';
export const PRIVATE_A = 'subnet-0a0000000000000a0';
export const PRIVATE_B = 'subnet-0a0000000000000b0';
/** A second private one in the first zone. */
export const PRIVATE_A2 = 'subnet-0a0000000000000a2';

export const FILE_SYSTEM = {
  fileSystemId: 'fs-0123456789abcdef0',
  encrypted: true,
  throughputMode: 'elastic',
  performanceMode: 'generalPurpose',
  availabilityZoneName: '',
  provisionedThroughputInMibps: 0,
};

export const REPLICATION_GROUP = {
  replicationGroupId: 'sessions',
  multiAzEnabled: true,
  automaticFailoverEnabled: true,
  configurationEndpointAddress: '',
  primaryEndpointAddress: 'master.sessions.abc123.euc1.cache.amazonaws.com',
  nodeType: 'cache.r7g.large',
  memberClusters: ['sessions-001', 'sessions-002'],
  port: 6379,
};

export const INSTANCE = {
  engine: 'postgres',
  dbInstanceClass: 'db.m7g.large',
  dbName: 'chat',
  dbSubnetGroup: 'data',
  multiAz: true,
  storageEncrypted: true,
  publiclyAccessible: false,
  backupRetentionPeriod: 14,
  address: 'chat.abc123.eu-central-1.rds.amazonaws.com',
  port: 5432,
};

export const EKS_CLUSTER = {
  status: 'ACTIVE',
  endpoint: 'https://existing.eks.amazonaws.com',
  certificateAuthorities: [{ data: 'Y2VydA==' }],
  computeConfigs: [{ enabled: true, nodePools: [], nodeRoleArn: '' }],
  kubernetesNetworkConfigs: [{ serviceIpv4Cidr: '10.100.0.0/16' }],
  vpcConfig: {
    vpcId: 'vpc-0eeeeeeeeeeeeeee0',
    clusterSecurityGroupId: 'sg-0eeeeeeeeeeeeeee0',
    subnetIds: [PUBLIC_A, PRIVATE_A, PRIVATE_B, PRIVATE_A2],
  },
};

const subnet: Answer = ({ id }) => ({
  id,
  vpcId: 'vpc-0eeeeeeeeeeeeeee0',
  mapPublicIpOnLaunch: id === PUBLIC_A,
  ...(id === PRIVATE_B
    ? { availabilityZone: 'eu-central-1b', cidrBlock: '10.9.98.0/24' }
    : { availabilityZone: 'eu-central-1a', cidrBlock: id === PRIVATE_A ? '10.9.97.0/24' : '10.9.1.0/24' }),
});

/** Answers for everything that exists, with some fields changed. */
export function existing(
  changes: {
    fileSystem?: Partial<typeof FILE_SYSTEM>;
    replicationGroup?: Partial<typeof REPLICATION_GROUP>;
    instance?: Partial<typeof INSTANCE>;
    cluster?: Partial<typeof EKS_CLUSTER>;
    vpc?: { readonly enableDnsHostnames: boolean };
  } = {},
): Record<string, Answer> {
  const subnetIds = [PRIVATE_A, PRIVATE_B];
  return {
    'aws:efs/getFileSystem:getFileSystem': () => ({ ...FILE_SYSTEM, ...changes.fileSystem }),
    'aws:elasticache/getReplicationGroup:getReplicationGroup': () => ({
      ...REPLICATION_GROUP,
      ...changes.replicationGroup,
    }),
    'aws:elasticache/getCluster:getCluster': () => ({ subnetGroupName: 'data' }),
    'aws:elasticache/getSubnetGroup:getSubnetGroup': () => ({ subnetIds }),
    'aws:rds/getInstance:getInstance': () => ({ ...INSTANCE, ...changes.instance }),
    'aws:rds/getSubnetGroup:getSubnetGroup': () => ({ subnetIds }),
    'aws:eks/getCluster:getCluster': () => ({ ...EKS_CLUSTER, ...changes.cluster }),
    'aws:eks/getAddon:getAddon': () => ({ addonName: 'aws-efs-csi-driver' }),
    'aws:ec2/getSubnet:getSubnet': subnet,
    'aws:ec2/getVpc:getVpc': () => ({ enableDnsHostnames: true, enableDnsSupport: true, ...changes.vpc }),
  };
}
