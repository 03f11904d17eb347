import type { SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup';
import type { SecurityGroupIngressRuleArgs } from '@pulumi/aws/vpc/securityGroupIngressRule';
import type { Input } from '@pulumi/pulumi';
import { matches, required } from '../cloud';
import type { Problem } from '../contracts';

/** Where a managed service stands, and who may reach it. */
export interface ServicePlacement {
  /** VPC of the subnets. */
  readonly vpcId: Input<string>;
  /** Private subnets, one in each zone. How many there are is known when the program runs; which, need not be. */
  readonly subnetIds: readonly Input<string>[];
  /** Their CIDR blocks, for the pods' egress rules. */
  readonly subnetCidrs: readonly Input<string>[];
  /** Security group of the nodes. Nothing else gets in. */
  readonly clientSecurityGroupId: Input<string>;
}

/** What is wrong with a placement. */
export function placementProblems(
  placement: ServicePlacement,
  zones: { readonly minimum: number; readonly why: string },
): Problem[] {
  const { subnetIds } = placement;
  return [
    ...required(
      'placement.subnetIds',
      subnetIds,
      `give a private subnet in each of ${zones.minimum} zones or more`,
    ),
    ...(subnetIds.length > 0 && subnetIds.length < zones.minimum
      ? [
          {
            path: 'placement.subnetIds',
            value: subnetIds.length,
            reason: `are too few: ${zones.why}`,
            mend: `give a private subnet in each of ${zones.minimum} zones or more`,
          },
        ]
      : []),
    ...subnetIds.flatMap((id, index) =>
      matches(`placement.subnetIds[${index}]`, id, /^subnet-[0-9a-f]{8,17}$/, {
        reason: 'is not the id of a subnet',
        mend: 'write one such as subnet-0123456789abcdef0',
      }),
    ),
    ...matches('placement.vpcId', placement.vpcId, /^vpc-[0-9a-f]{8,17}$/, {
      reason: 'is not the id of a VPC',
      mend: 'write one such as vpc-0123456789abcdef0',
    }),
    ...matches('placement.clientSecurityGroupId', placement.clientSecurityGroupId, /^sg-[0-9a-f]{8,17}$/, {
      reason: 'is not the id of a security group',
      mend: 'write one such as sg-0123456789abcdef0',
    }),
  ];
}

/** A security group for a service. Rules stand beside it, not in it: inline ones would undo each other. */
export function serviceSecurityGroup(
  placement: ServicePlacement,
  description: string,
  tags: SecurityGroupArgs['tags'],
): SecurityGroupArgs {
  return { vpcId: placement.vpcId, description, tags };
}

/** The rule that lets the nodes in, on one TCP port. */
export function fromNodes(
  placement: ServicePlacement,
  securityGroupId: Input<string>,
  port: number,
  tags: SecurityGroupIngressRuleArgs['tags'],
): SecurityGroupIngressRuleArgs {
  return {
    securityGroupId,
    referencedSecurityGroupId: placement.clientSecurityGroupId,
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    description: 'From the nodes of the cluster',
    tags,
  };
}
