import type { Input, InvokeOptions } from '@pulumi/pulumi';
import { allFit } from '../cloud';
import { InvalidInputError, type Problem } from '../contracts';
import { type ExistingSubnet, existingSubnet, natGatewayCidrs } from './existing-subnet';
import type { Outbound } from './network-arguments';

/** A network that exists, by its subnets. */
export interface ExistingNetworkArgs {
  readonly nodeSubnetId: string;
  /** Subnet for the private endpoints of what is created beside the cluster, in the same network. */
  readonly endpointSubnetId: string;
}

/** What is needed of a network, whoever made it. */
export interface ExistingNetwork {
  readonly virtualNetworkId: Input<string>;
  readonly nodeSubnetId: Input<string>;
  readonly endpointSubnetId: Input<string>;
  readonly endpointSubnetCidr: Input<string>;
  readonly outbound: Outbound;
  /** Fixed addresses from which nodes reach the internet, where they are known. */
  readonly outboundCidrs: readonly Input<string>[];
}

/**
 * Finds the subnets for a cluster and its data services, and refuses ones that can't take them.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingNetwork(
  args: ExistingNetworkArgs,
  options?: InvokeOptions,
): Promise<ExistingNetwork> {
  const { nodes, endpoints } = await allFit('network', [], {
    nodes: existingSubnet('nodeSubnetId', args.nodeSubnetId, options),
    endpoints: existingSubnet('endpointSubnetId', args.endpointSubnetId, options),
  });
  const problems = [
    ...delegationProblems('nodeSubnetId', nodes),
    ...endpointSubnetProblems(endpoints, nodes.virtualNetworkId),
  ];
  if (problems.length > 0) throw new InvalidInputError('network', problems);
  const outboundCidrs =
    nodes.natGatewayId === undefined
      ? []
      : await natGatewayCidrs('nodeSubnetId', nodes.natGatewayId, options);
  return {
    virtualNetworkId: nodes.virtualNetworkId,
    nodeSubnetId: nodes.id,
    endpointSubnetId: endpoints.id,
    endpointSubnetCidr: endpoints.cidr,
    outbound: nodes.natGatewayId === undefined ? 'load-balancer' : 'nat-gateway',
    outboundCidrs,
  };
}

/** Why private endpoints in a subnet would not serve nodes of a network. */
export function endpointSubnetProblems(subnet: ExistingSubnet, virtualNetworkId: string): Problem[] {
  const problems = delegationProblems('endpointSubnetId', subnet);
  if (subnet.virtualNetworkId.toLowerCase() !== virtualNetworkId.toLowerCase()) {
    const reason = `is not in the nodes' network (${virtualNetworkId})`;
    const mend = 'name a subnet of that network';
    problems.push({ path: 'endpointSubnetId', value: subnet.id, reason, mend });
  }
  return problems;
}

function delegationProblems(path: string, { id, delegatedTo }: ExistingSubnet): Problem[] {
  if (delegatedTo === undefined) return [];
  const reason = `is given up to ${delegatedTo}`;
  return [{ path, value: id, reason, mend: 'name a subnet that is delegated to nobody' }];
}
