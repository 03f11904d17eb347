/** What AWS answers about things that exist and fit, by data source; a test spoils one field at a time. */
type Answer = (inputs: Record<string, unknown>) => Record<string, unknown>;

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
    subnetIds: ['subnet-public-a', 'subnet-private-a', 'subnet-private-b', 'subnet-private-a2'],
  },
};

/** `subnet-<public|private>-<zone>` says what it is. */
const subnet: Answer = ({ id }) => {
  const [, kind = '', zone = ''] = String(id).split('-');
  return {
    id,
    vpcId: 'vpc-0eeeeeeeeeeeeeee0',
    availabilityZone: `eu-central-1${zone[0]}`,
    cidrBlock: `10.9.${zone.charCodeAt(0)}.0/24`,
    mapPublicIpOnLaunch: kind === 'public',
  };
};

/** Answers for everything that exists, with some fields changed. */
export function existing(
  changes: {
    fileSystem?: Partial<typeof FILE_SYSTEM>;
    replicationGroup?: Partial<typeof REPLICATION_GROUP>;
    instance?: Partial<typeof INSTANCE>;
    cluster?: Partial<typeof EKS_CLUSTER>;
  } = {},
): Record<string, Answer> {
  const subnetIds = ['subnet-private-a', 'subnet-private-b'];
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
  };
}
