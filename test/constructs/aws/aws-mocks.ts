import type { runtime } from '@pulumi/pulumi';
import type { ServicePlacement } from '../../../constructs/aws/service-access';

/** Three private subnets, as a test writes them. */
export const PLACEMENT: ServicePlacement = {
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0aaaaaaaaaaaaaaa1', 'subnet-0aaaaaaaaaaaaaaa2', 'subnet-0aaaaaaaaaaaaaaa3'],
  subnetCidrs: ['10.0.192.0/24', '10.0.193.0/24', '10.0.194.0/24'],
  clientSecurityGroupId: 'sg-0123456789abcdef0',
};

/** What AWS and the other providers make up for a resource. */
export function awsOutputs({ type, name }: runtime.MockResourceArgs): Record<string, unknown> {
  const arn = `arn:aws:mock:eu-central-1:123456789012:${name}`;
  switch (type) {
    default:
      return { arn };
  }
}
