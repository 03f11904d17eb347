import {
  PrivateDnsZoneGroup,
  type PrivateDnsZoneGroupArgs,
} from '@pulumi/azure-native/network/privateDnsZoneGroup';
import { PrivateEndpoint, type PrivateEndpointArgs } from '@pulumi/azure-native/network/privateEndpoint';
import { PrivateZone, type PrivateZoneArgs } from '@pulumi/azure-native/privatedns/privateZone';
import {
  VirtualNetworkLink,
  type VirtualNetworkLinkArgs,
} from '@pulumi/azure-native/privatedns/virtualNetworkLink';
import type { Input, Resource } from '@pulumi/pulumi';
import { CloudComponent, type Transforms } from '../cloud';
import type { ServicePlacement } from './service-placement';
import { componentTags, type Tags } from './tags';

export interface PrivateAccessArgs {
  readonly placement: ServicePlacement;
  /** Id of the service. */
  readonly serviceId: Input<string>;
  /** Azure's word for the part of the service that is reached, such as `file`. */
  readonly group: string;
  /** Zone that Azure prescribes for the service. */
  readonly zoneName: string;
  /** That zone, where the network has it already: it can only have one of a name. @default made here */
  readonly privateDnsZoneId?: Input<string>;
  readonly tags?: Tags;
  readonly transform?: Transforms<PrivateAccessChildren>;
}

export interface PrivateAccessChildren {
  privateZone: PrivateZoneArgs;
  zoneLink: VirtualNetworkLinkArgs;
  privateEndpoint: PrivateEndpointArgs;
  zoneGroup: PrivateDnsZoneGroupArgs;
}

/**
 * A service's address in the network: a private endpoint, and a DNS zone in which the service's public name means that
 * address, so that its certificate fits. Costs by the hour and by the gigabyte.
 */
export class PrivateAccess extends CloudComponent<PrivateAccessChildren> {
  /** Before them, the name means the public address, where nobody answers. */
  readonly ready: readonly Resource[];

  /** @param parent the service's component, after which the children are named */
  constructor(name: string, args: PrivateAccessArgs, parent: Resource) {
    super('polypod:azure:PrivateAccess', name, [], args.transform, { parent });
    const { placement, zoneName } = args;
    const { resourceGroupName, location } = placement;
    const tags = componentTags(name, args.tags);

    const endpoint = new PrivateEndpoint(
      ...this.child('privateEndpoint', {
        resourceGroupName,
        location,
        subnet: { id: placement.endpointSubnetId },
        privateLinkServiceConnections: [
          { name: args.group, privateLinkServiceId: args.serviceId, groupIds: [args.group] },
        ],
        tags,
      }),
    );
    const ready: Resource[] = [endpoint];
    let privateDnsZoneId = args.privateDnsZoneId;
    if (privateDnsZoneId === undefined) {
      const zone = new PrivateZone(
        ...this.child('privateZone', {
          resourceGroupName,
          privateZoneName: zoneName,
          location: 'global',
          tags,
        }),
      );
      ready.push(
        new VirtualNetworkLink(
          ...this.child('zoneLink', {
            resourceGroupName,
            privateZoneName: zone.name,
            location: 'global',
            virtualNetwork: { id: placement.virtualNetworkId },
            registrationEnabled: false,
            tags,
          }),
        ),
      );
      privateDnsZoneId = zone.id;
    }
    const group = new PrivateDnsZoneGroup(
      ...this.child('zoneGroup', {
        resourceGroupName,
        privateEndpointName: endpoint.name,
        privateDnsZoneGroupName: 'default',
        privateDnsZoneConfigs: [{ name: zoneName.replaceAll('.', '-'), privateDnsZoneId }],
      }),
    );
    this.ready = [...ready, group];
    this.registerOutputs({ endpointId: endpoint.id });
  }
}
