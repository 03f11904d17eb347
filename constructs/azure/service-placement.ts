import type { Input } from '@pulumi/pulumi';
import type { Problem } from '../contracts';
import { resourceGroupProblems, subnetIdProblems } from './resource-id';

/** Where a service stands, and how pods reach it: by a private endpoint in a subnet that its own rules guard. */
export interface ServicePlacement {
  readonly resourceGroupName: Input<string>;
  /** Region of the network, such as `westeurope`. */
  readonly location: Input<string>;
  /** The nodes' network; the services' private names are answered there. */
  readonly virtualNetworkId: Input<string>;
  /** Subnet for private endpoints, in that network. */
  readonly endpointSubnetId: Input<string>;
  /** Addresses of that subnet, for egress rules. */
  readonly endpointSubnetCidr: Input<string>;
}

/** What is wrong with the place of a service. */
export function placementProblems(placement: ServicePlacement): Problem[] {
  return [
    ...resourceGroupProblems('placement.resourceGroupName', placement.resourceGroupName),
    ...subnetIdProblems('placement.endpointSubnetId', placement.endpointSubnetId),
  ];
}
