import { type Input, type Output, output } from '@pulumi/pulumi';
import { known, matches } from '../cloud';
import type { Problem } from '../contracts';
import { regionProblems } from './argument-forms';

/** Where managed services stand: all behind private service access, a peering with Google's network. */
export interface ServicePlacement {
  /** Region of nodes and services. */
  readonly region: string;
  /** The VPC, `projects/PROJECT/global/networks/NETWORK`. */
  readonly networkId: Input<string>;
  /** Addresses of the nodes: Filestore admits no other. */
  readonly nodeCidr: Input<string>;
  /** Name of the range that is allocated to private service access. */
  readonly peeringRangeName: Input<string>;
  /** Its addresses, for the pods' egress rules. */
  readonly peeringRangeCidr: Input<string>;
}

/** What is wrong with a placement. */
export function placementProblems(placement: ServicePlacement): Problem[] {
  const cidr = { reason: 'is not an IPv4 network', mend: 'write one such as 10.0.144.0/20' };
  return [
    ...regionProblems('placement.region', placement.region),
    ...matches('placement.networkId', placement.networkId, /^projects\/[^/]+\/global\/networks\/[^/]+$/, {
      reason: 'is not the id of a network',
      mend: 'write projects/PROJECT/global/networks/NETWORK',
    }),
    ...matches(
      'placement.peeringRangeName',
      placement.peeringRangeName,
      /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
      {
        reason: 'is not the name of an allocated range',
        mend: 'write one such as google-managed-services-default',
      },
    ),
    ...matches('placement.nodeCidr', placement.nodeCidr, CIDR, cidr),
    ...matches('placement.peeringRangeCidr', placement.peeringRangeCidr, CIDR, cidr),
  ];
}

/** What pods' egress rules must open for a service at one TCP port. Which address it gets, nobody can choose. */
export function serviceEgress(
  { peeringRangeCidr }: ServicePlacement,
  port: number,
): { readonly cidrs: readonly (string | Output<string>)[]; readonly ports: readonly number[] } {
  return { cidrs: [known(peeringRangeCidr) ?? output(peeringRangeCidr)], ports: [port] };
}

const CIDR = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
