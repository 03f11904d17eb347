import type { runtime } from '@pulumi/pulumi';
import type { ServicePlacement } from '../../../constructs/aws/service-access';
import type { MockedCloud } from '../../support/pulumi-mocks';

/** Three private subnets, as a test writes them. */
export const PLACEMENT: ServicePlacement = {
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0aaaaaaaaaaaaaaa1', 'subnet-0aaaaaaaaaaaaaaa2', 'subnet-0aaaaaaaaaaaaaaa3'],
  subnetCidrs: ['10.0.144.0/23', '10.0.146.0/23', '10.0.148.0/23'],
  clientSecurityGroupId: 'sg-0123456789abcdef0',
};

export const ADMINISTRATOR_PASSWORD = 'administrator-password-of-rds';

/** What AWS and the other providers make up for a resource. */
export function awsOutputs({ type, name, inputs }: runtime.MockResourceArgs): Record<string, unknown> {
  const arn = `arn:aws:mock:eu-central-1:123456789012:${name}`;
  switch (type) {
    case 'random:index/randomPassword:RandomPassword':
      return { result: `password-of-${name}` };
    case 'random:index/randomId:RandomId':
      return { hex: '0a1b2c3d' };
    case 'aws:eks/cluster:Cluster':
      return {
        arn,
        endpoint: 'https://0123456789.gr7.eu-central-1.eks.amazonaws.com',
        certificateAuthority: { data: 'Y2VydGlmaWNhdGU=' },
        vpcConfig: { ...inputs.vpcConfig, clusterSecurityGroupId: 'sg-0c0c0c0c0c0c0c0c0' },
      };
    case 'aws:ec2/launchTemplate:LaunchTemplate':
      return { arn, latestVersion: 1 };
    case 'aws:elasticache/replicationGroup:ReplicationGroup':
      return {
        arn,
        primaryEndpointAddress: `master.${inputs.replicationGroupId}.abc123.euc1.cache.amazonaws.com`,
        configurationEndpointAddress: `clustercfg.${inputs.replicationGroupId}.abc123.euc1.cache.amazonaws.com`,
      };
    case 'aws:rds/instance:Instance':
      return {
        arn,
        address: `${name}.abc123.eu-central-1.rds.amazonaws.com`,
        masterUserSecrets: [{ secretArn: `${arn}-secret`, secretStatus: 'active', kmsKeyId: 'key' }],
      };
    case 'aws:ecr/repository:Repository':
      return {
        arn,
        registryId: '123456789012',
        repositoryUrl: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${name}`,
      };
    case 'docker-build:index:Image':
      return { digest: `sha256:${'ab'.repeat(32)}` };
    case 'aws:kms/key:Key':
      return { arn, keyId: `${name}-key-id` };
    default:
      return { arn, name: inputs.name ?? name };
  }
}

/** Answers of AWS's data sources for what is created. */
const awsAnswers: NonNullable<MockedCloud['answers']> = {
  'aws:index/getRegion:getRegion': () => ({
    region: 'eu-central-1',
    id: 'eu-central-1',
    name: 'eu-central-1',
  }),
  'aws:index/getAvailabilityZones:getAvailabilityZones': () => ({
    names: ['eu-central-1c', 'eu-central-1a', 'eu-central-1b'],
  }),
  'aws:secretsmanager/getSecretVersion:getSecretVersion': () => ({
    secretString: JSON.stringify({ username: 'polypod_admin', password: ADMINISTRATOR_PASSWORD }),
  }),
  'aws:ecr/getAuthorizationToken:getAuthorizationToken': () => ({
    userName: 'AWS',
    password: 'token-of-the-registry',
  }),
};

/** AWS in up mode. */
export const AWS: MockedCloud = { outputs: awsOutputs, answers: awsAnswers };
/** AWS in a preview: data sources answer, what AWS makes up is unknown. */
export const AWS_PREVIEW: MockedCloud = { ...AWS, mode: 'preview' };
