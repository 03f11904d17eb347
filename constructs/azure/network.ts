import { NatGateway, type NatGatewayArgs } from '@pulumi/azure-native/network/natGateway';
import {
  NetworkSecurityGroup,
  type NetworkSecurityGroupArgs,
} from '@pulumi/azure-native/network/networkSecurityGroup';
import { PublicIPAddress, type PublicIPAddressArgs } from '@pulumi/azure-native/network/publicIPAddress';
import { Subnet, type SubnetArgs } from '@pulumi/azure-native/network/subnet';
import { VirtualNetwork, type VirtualNetworkArgs } from '@pulumi/azure-native/network/virtualNetwork';
import { type ComponentResourceOptions, type Input, interpolate, type Output } from '@pulumi/pulumi';
import { CloudComponent, type Transforms } from '../cloud';
import {
  DEFAULT_CIDR,
  locationProblems,
  type NetworkSettings,
  networkProblems,
  networkSubnets,
  type Outbound,
} from './network-arguments';
import { resourceGroupProblems } from './resource-id';
import { componentTags } from './tags';

export interface NetworkArgs extends NetworkSettings {
  readonly transform?: Transforms<NetworkChildren>;
}

export interface NetworkChildren {
  virtualNetwork: VirtualNetworkArgs;
  natAddress: PublicIPAddressArgs;
  natGateway: NatGatewayArgs;
  endpointRules: NetworkSecurityGroupArgs;
  nodeSubnet: SubnetArgs;
  endpointSubnet: SubnetArgs;
}

/** NFS, PostgreSQL, MySQL, Azure Managed Redis and its shards. */
const SERVICE_PORTS = ['2049', '5432', '3306', '10000', '8500-8599'];

/**
 * A virtual network over all zones: a subnet for nodes, and one for the private endpoints of the data services, which
 * admits the nodes on the services' ports and nobody else.
 *
 * Replaced, with all that stands in it, when its resource group or region changes.
 */
export class Network extends CloudComponent<NetworkChildren> {
  readonly virtualNetworkId: Output<string>;
  readonly nodeSubnetId: Output<string>;
  readonly endpointSubnetId: Output<string>;
  readonly endpointSubnetCidr: string;
  readonly outbound: Outbound;
  /** Fixed addresses from which nodes reach the internet, if there are any. */
  readonly outboundCidrs: readonly Output<string>[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: NetworkArgs, options?: ComponentResourceOptions) {
    const misplaced = [
      ...resourceGroupProblems('resourceGroupName', args.resourceGroupName),
      ...locationProblems('location', args.location),
    ];
    super('polypod:azure:Network', name, [...misplaced, ...networkProblems(args)], args.transform, options);
    const { resourceGroupName, location, outbound = 'load-balancer' } = args;
    const cidrs = networkSubnets(args.cidr ?? DEFAULT_CIDR);
    const tags = componentTags(name, args.tags);

    const network = new VirtualNetwork(
      ...this.child(
        'virtualNetwork',
        {
          resourceGroupName,
          location,
          addressSpace: { addressPrefixes: [args.cidr ?? DEFAULT_CIDR] },
          tags,
        },
        // They are resources of their own.
        { ignoreChanges: ['subnets'] },
      ),
    );
    const nat = outbound === 'nat-gateway' ? this.natGateway(args, tags) : undefined;
    const rules = new NetworkSecurityGroup(
      ...this.child('endpointRules', {
        resourceGroupName,
        location,
        securityRules: [
          {
            name: 'from-nodes',
            description: 'The data services, from the nodes',
            priority: 100,
            direction: 'Inbound',
            access: 'Allow',
            protocol: 'Tcp',
            sourceAddressPrefix: cidrs.nodes,
            sourcePortRange: '*',
            destinationAddressPrefix: cidrs.endpoints,
            destinationPortRanges: SERVICE_PORTS,
          },
          {
            name: 'from-elsewhere',
            description: "Instead of Azure's default, which admits the whole network",
            priority: 4096,
            direction: 'Inbound',
            access: 'Deny',
            protocol: '*',
            sourceAddressPrefix: '*',
            sourcePortRange: '*',
            destinationAddressPrefix: '*',
            destinationPortRange: '*',
          },
        ],
        tags,
      }),
    );
    const nodes = new Subnet(
      ...this.child('nodeSubnet', {
        resourceGroupName,
        virtualNetworkName: network.name,
        addressPrefix: cidrs.nodes,
        defaultOutboundAccess: false,
        natGateway: nat === undefined ? undefined : { id: nat.gateway.id },
      }),
    );
    const endpoints = new Subnet(
      ...this.child(
        'endpointSubnet',
        {
          resourceGroupName,
          virtualNetworkName: network.name,
          addressPrefix: cidrs.endpoints,
          defaultOutboundAccess: false,
          // Without it, the rules do not hold for private endpoints.
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled',
          networkSecurityGroup: { id: rules.id },
        },
        // A network changes one subnet at a time.
        { dependsOn: nodes },
      ),
    );

    this.virtualNetworkId = network.id;
    this.nodeSubnetId = nodes.id;
    this.endpointSubnetId = endpoints.id;
    this.endpointSubnetCidr = cidrs.endpoints;
    this.outbound = outbound;
    this.outboundCidrs = nat === undefined ? [] : [interpolate`${nat.address.ipAddress}/32`];
    this.registerOutputs({ virtualNetworkId: this.virtualNetworkId, nodeSubnetId: this.nodeSubnetId });
  }

  private natGateway(
    { resourceGroupName, location }: NetworkArgs,
    tags: Record<string, Input<string>>,
  ): { readonly gateway: NatGateway; readonly address: PublicIPAddress } {
    const address = new PublicIPAddress(
      ...this.child('natAddress', {
        resourceGroupName,
        location,
        sku: { name: 'Standard' },
        publicIPAllocationMethod: 'Static',
        tags,
      }),
    );
    const gateway = new NatGateway(
      ...this.child('natGateway', {
        resourceGroupName,
        location,
        sku: { name: 'Standard' },
        publicIpAddresses: [{ id: address.id }],
        idleTimeoutInMinutes: 10,
        tags,
      }),
    );
    return { gateway, address };
  }
}
