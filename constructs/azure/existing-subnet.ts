import { getNatGateway } from '@pulumi/azure-native/network/getNatGateway';
import { getPrivateEndpoint } from '@pulumi/azure-native/network/getPrivateEndpoint';
import { getPublicIPAddress } from '@pulumi/azure-native/network/getPublicIPAddress';
import { getSubnet } from '@pulumi/azure-native/network/getSubnet';
import type { InvokeOptions } from '@pulumi/pulumi';
import { lookUp, refuse } from '../cloud';
import { partOfId, subnetId, subnetIdProblems } from './resource-id';

/** What matters of a subnet that exists. */
export interface ExistingSubnet {
  readonly id: string;
  readonly virtualNetworkId: string;
  readonly cidr: string;
  readonly natGatewayId: string | undefined;
  /** Service that the subnet is given up to, if it is. */
  readonly delegatedTo: string | undefined;
}

/** Looks up a subnet. @throws InvalidInputError */
export async function existingSubnet(
  path: string,
  id: string,
  options?: InvokeOptions,
): Promise<ExistingSubnet> {
  refuse(path, subnetIdProblems(path, id));
  const parts = subnetId(id);
  const {
    resourceGroupName = '',
    virtualNetworkName = '',
    subnetName = '',
    virtualNetworkId = '',
  } = parts ?? {};
  const found = await lookUp(path, id, () =>
    getSubnet({ resourceGroupName, virtualNetworkName, subnetName }, options),
  );
  return {
    id,
    virtualNetworkId,
    cidr: found.addressPrefix ?? found.addressPrefixes?.[0] ?? '',
    natGatewayId: found.natGateway?.id,
    delegatedTo: found.delegations?.[0]?.serviceName,
  };
}

/** The addresses of a NAT gateway. */
export async function natGatewayCidrs(path: string, id: string, options?: InvokeOptions): Promise<string[]> {
  const resourceGroupName = partOfId(id, 'resourceGroups');
  const natGatewayName = partOfId(id, 'natGateways');
  const gateway = await lookUp(path, id, () => getNatGateway({ resourceGroupName, natGatewayName }, options));
  return Promise.all(
    (gateway.publicIpAddresses ?? []).map(async ({ id: addressId = '' }) => {
      const names = {
        resourceGroupName: partOfId(addressId, 'resourceGroups'),
        publicIpAddressName: partOfId(addressId, 'publicIPAddresses'),
      };
      const address = await lookUp(path, addressId, () => getPublicIPAddress(names, options));
      return `${address.ipAddress}/32`;
    }),
  );
}

/** A private endpoint's connection, as services list theirs. */
export interface EndpointConnection {
  readonly privateEndpoint?: { readonly id: string };
  readonly privateLinkServiceConnectionState: { readonly status?: string };
}

/** Addresses of the subnets in which a service has approved private endpoints. */
export async function endpointCidrs(
  path: string,
  connections: readonly EndpointConnection[],
  options?: InvokeOptions,
): Promise<string[]> {
  const ids = connections
    .filter(({ privateLinkServiceConnectionState: { status } }) => status === 'Approved')
    .flatMap(({ privateEndpoint }) => (privateEndpoint === undefined ? [] : [privateEndpoint.id]));
  const cidrs = await Promise.all(
    ids.map(async (id) => {
      const names = {
        resourceGroupName: partOfId(id, 'resourceGroups'),
        privateEndpointName: partOfId(id, 'privateEndpoints'),
      };
      const endpoint = await lookUp(path, id, () => getPrivateEndpoint(names, options));
      return (await existingSubnet(path, endpoint.subnet?.id ?? '', options)).cidr;
    }),
  );
  return [...new Set(cidrs)].sort();
}
