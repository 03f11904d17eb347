import type { RoleArgs } from '@pulumi/aws/iam/role';
import type { Tags } from './tags';

/** The partition of a region, first part of every ARN after `arn:`. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** ARN of a policy that AWS keeps, such as `AmazonEKSClusterPolicy` or `service-role/AmazonEFSCSIDriverPolicy`. */
export function managedPolicy(region: string, name: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/${name}`;
}

/** A role that one AWS service may take. EKS needs `sts:TagSession` besides for Auto Mode and Pod Identity. */
export function serviceRole(
  service: string,
  tags: Tags,
  actions: readonly string[] = ['sts:AssumeRole'],
): RoleArgs {
  return {
    assumeRolePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: actions }],
    }),
    tags,
  };
}
