import { GlobalAddress, type GlobalAddressArgs } from '@pulumi/gcp/compute/globalAddress';
import { type NetworkArgs as GcpNetworkArgs, Network as Vpc } from '@pulumi/gcp/compute/network';
import { Router, type RouterArgs } from '@pulumi/gcp/compute/router';
import { RouterNat, type RouterNatArgs } from '@pulumi/gcp/compute/routerNat';
import { Subnetwork, type SubnetworkArgs } from '@pulumi/gcp/compute/subnetwork';
import { Connection, type ConnectionArgs } from '@pulumi/gcp/servicenetworking/connection';
import type { ComponentResourceOptions, Output } from '@pulumi/pulumi';
import { CloudComponent, type Transforms } from '../cloud';
import { DEFAULT_CIDR, type NetworkSettings, networkParts, networkProblems } from './network-arguments';
import type { ServicePlacement } from './service-access';

export interface NetworkArgs extends NetworkSettings {
  readonly transform?: Transforms<NetworkChildren>;
}

export interface NetworkChildren {
  network: GcpNetworkArgs;
  subnetwork: SubnetworkArgs;
  router: RouterArgs;
  nat: RouterNatArgs;
  peeringRange: GlobalAddressArgs;
  peering: ConnectionArgs;
}

/** Names of the subnetwork's secondary ranges. */
const PODS_RANGE = 'pods';
const SERVICES_RANGE = 'services';

/**
 * A VPC with one private subnetwork over all zones of a region: a range each for nodes, pods and services; NAT as the
 * only way out, which Google spreads over the zones; and private service access, the peering through which Cloud SQL,
 * Memorystore and Filestore are reached.
 *
 * Replaced, with all that stands in it, when `cidr` or `region` changes.
 */
export class Network extends CloudComponent<NetworkChildren> {
  readonly networkId: Output<string>;
  readonly subnetworkId: Output<string>;
  readonly podsRangeName: string = PODS_RANGE;
  readonly servicesRangeName: string = SERVICES_RANGE;
  /** For file system, cache and database. */
  readonly placement: ServicePlacement;

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: NetworkArgs, options?: ComponentResourceOptions) {
    super('polypod:gcp:Network', name, networkProblems(args), args.transform, options);
    const { region, natLog = 'errors' } = args;
    const parts = networkParts(args.cidr ?? DEFAULT_CIDR);
    const [managedAddress, managedPrefix] = parts.managed.split('/');

    const network = new Vpc(
      ...this.child('network', { autoCreateSubnetworks: false, routingMode: 'REGIONAL' }),
    );
    const subnetwork = new Subnetwork(
      ...this.child('subnetwork', {
        network: network.id,
        region,
        ipCidrRange: parts.nodes,
        secondaryIpRanges: [
          { rangeName: PODS_RANGE, ipCidrRange: parts.pods },
          { rangeName: SERVICES_RANGE, ipCidrRange: parts.services },
        ],
        // Images and APIs of Google without the NAT.
        privateIpGoogleAccess: true,
      }),
    );
    const router = new Router(...this.child('router', { network: network.id, region }));
    new RouterNat(
      ...this.child('nat', {
        router: router.name,
        region,
        natIpAllocateOption: 'AUTO_ONLY',
        sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
        // Ports where they are needed: model downloads open many connections from few nodes.
        enableDynamicPortAllocation: true,
        minPortsPerVm: 64,
        maxPortsPerVm: 4096,
        enableEndpointIndependentMapping: false,
        logConfig: { enable: natLog !== 'none', filter: natLog === 'all' ? 'ALL' : 'ERRORS_ONLY' },
      }),
    );
    const range = new GlobalAddress(
      ...this.child('peeringRange', {
        network: network.id,
        purpose: 'VPC_PEERING',
        addressType: 'INTERNAL',
        address: managedAddress,
        prefixLength: Number(managedPrefix),
      }),
    );
    const peering = new Connection(
      ...this.child('peering', {
        network: network.id,
        service: 'servicenetworking.googleapis.com',
        reservedPeeringRanges: [range.name],
        deletionPolicy: args.removal === 'destroy' ? 'ABANDON' : undefined,
      }),
    );

    this.networkId = network.id;
    this.subnetworkId = subnetwork.id;
    this.placement = {
      region,
      networkId: network.id,
      nodeCidr: parts.nodes,
      // The name by way of the peering: nothing can be placed there before it stands.
      peeringRangeName: peering.reservedPeeringRanges.apply(([first = '']) => first),
      peeringRangeCidr: parts.managed,
    };
    this.registerOutputs({ networkId: this.networkId, subnetworkId: this.subnetworkId });
  }
}
