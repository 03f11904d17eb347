import { getVpc } from '@pulumi/aws/ec2/getVpc';
import type { Input, InvokeOptions } from '@pulumi/pulumi';
import { allFit, lookUp, refuse } from '../cloud';
import type { Problem } from '../contracts';
import { type ExistingSubnet, existingSubnets, onePerZone } from './existing-subnets';

/** A network that exists, by its subnets. */
export interface ExistingNetworkArgs {
  /** Private subnets for nodes and pods, in two zones or more, with a way to the internet. */
  readonly privateSubnetIds: readonly string[];
  /** Private subnets for file system, cache and database. @default the same, one in each zone */
  readonly dataSubnetIds?: readonly string[];
}

/** What is needed of a network, whoever made it. */
export interface ExistingNetwork {
  readonly vpcId: Input<string>;
  readonly privateSubnetIds: readonly Input<string>[];
  readonly dataSubnetIds: readonly Input<string>[];
  readonly dataSubnetCidrs: readonly Input<string>[];
}

/**
 * Finds the subnets for a new cluster, and refuses those that it could not live in: public ones, of several VPCs, in
 * one zone, or in a VPC without DNS names, by which EFS and the private API endpoint are found.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingNetwork(
  { privateSubnetIds, dataSubnetIds }: ExistingNetworkArgs,
  options?: InvokeOptions,
): Promise<ExistingNetwork> {
  const { nodes, data } = await allFit('network', [], {
    nodes: existingSubnets('privateSubnetIds', privateSubnetIds, options),
    data: dataSubnetIds && existingSubnets('dataSubnetIds', dataSubnetIds, options),
  });
  const vpcId = nodes[0]?.vpcId ?? '';
  const chosen = onePerZone(data ?? nodes);
  refuse('network', [
    ...subnetProblems('privateSubnetIds', nodes, vpcId),
    ...(data === undefined ? [] : subnetProblems('dataSubnetIds', data, vpcId)),
  ]);
  const vpc = await lookUp('privateSubnetIds', vpcId, () => getVpc({ id: vpcId }, options));
  if (!vpc.enableDnsHostnames || !vpc.enableDnsSupport) {
    const reason = `are in a VPC without DNS names (${vpcId}): neither EFS nor the private API endpoint would be found`;
    const mend = 'turn enableDnsHostnames and enableDnsSupport on';
    refuse('network', [{ path: 'privateSubnetIds', value: privateSubnetIds, reason, mend }]);
  }
  return {
    vpcId,
    privateSubnetIds,
    dataSubnetIds: chosen.map(({ id }) => id),
    dataSubnetCidrs: chosen.map(({ cidr }) => cidr),
  };
}

function subnetProblems(path: string, subnets: readonly ExistingSubnet[], vpcId: string): Problem[] {
  const problems: Problem[] = subnets.flatMap((subnet, index) => [
    ...(subnet.isPublic
      ? [
          {
            path: `${path}[${index}]`,
            value: subnet.id,
            reason: 'is public: its machines get public addresses',
            mend: 'name a private subnet',
          },
        ]
      : []),
    ...(subnet.vpcId === vpcId
      ? []
      : [
          {
            path: `${path}[${index}]`,
            value: subnet.id,
            reason: `is in ${subnet.vpcId}, others are in ${vpcId}`,
            mend: 'name subnets of one VPC',
          },
        ]),
  ]);
  if (onePerZone(subnets).length < 2) {
    const reason =
      'are in fewer than two zones: EKS and RDS want two, and nothing would survive the loss of one';
    const value = subnets.map(({ id }) => id);
    problems.push({ path, value, reason, mend: 'name private subnets in three zones' });
  }
  return problems;
}
