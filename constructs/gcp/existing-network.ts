import { getGlobalAddress } from '@pulumi/gcp/compute/getGlobalAddress';
import { getSubnetwork } from '@pulumi/gcp/compute/getSubnetwork';
import type { InvokeOptions } from '@pulumi/pulumi';
import { allFit, lookUp, refuse } from '../cloud';
import { InvalidInputError, type Problem } from '../contracts';
import type { ClusterPlace } from './cluster-arguments';
import type { ServicePlacement } from './service-access';

/** A network that exists, by its subnets. */
export interface ExistingNetworkArgs {
  /** A subnetwork of the region, with a way to the internet. */
  readonly subnetwork: string;
  /** Names of its secondary ranges. @default `pods` and `services` */
  readonly podsRangeName?: string;
  readonly servicesRangeName?: string;
  /** Name of the range that is allocated to private service access. */
  readonly peeringRange: string;
}

/** What is needed of a network, whoever made it. */
export interface ExistingNetwork {
  readonly place: ClusterPlace;
  readonly placement: ServicePlacement;
}

/**
 * Finds the subnetwork for a new cluster, and refuses one that it could not live in: without the ranges for pods and
 * services, without private access to Google's APIs, or without a range for managed services in the same VPC.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingNetwork(
  args: ExistingNetworkArgs,
  region: string,
  options?: InvokeOptions,
): Promise<ExistingNetwork> {
  const { subnetwork, podsRangeName = 'pods', servicesRangeName = 'services' } = args;
  const { found, peering } = await allFit('network', [], {
    found: lookUp('subnetwork', subnetwork, () => getSubnetwork({ name: subnetwork, region }, options)),
    peering: peeringRange(args.peeringRange, options),
  });
  const problems: Problem[] = [];
  const ranges = found.secondaryIpRanges.map(({ rangeName }) => rangeName);
  for (const [path, range] of Object.entries({ podsRangeName, servicesRangeName })) {
    if (ranges.includes(range)) continue;
    const reason = `is no secondary range of ${subnetwork} (it has ${ranges.join(', ') || 'none'})`;
    problems.push({ path, value: range, reason, mend: 'add it, or name another' });
  }
  if (!found.privateIpGoogleAccess) {
    const reason = "has no private access to Google's APIs, from which images come";
    problems.push({ path: 'subnetwork', value: subnetwork, reason, mend: 'turn it on' });
  }
  const networkId = networkIdOf(found.network);
  problems.push(...sameNetwork(args.peeringRange, peering.networkId, networkId));
  refuse('network', problems);
  return {
    place: { networkId, subnetworkId: found.id, podsRangeName, servicesRangeName },
    placement: {
      region,
      networkId,
      nodeCidr: found.ipCidrRange,
      peeringRangeName: args.peeringRange,
      peeringRangeCidr: peering.cidr,
    },
  };
}

/** `projects/…` of a URL or of what is that already. */
export function networkIdOf(link: string): string {
  return link.replace(/^https?:\/\/.*?\/(?=projects\/)/, '');
}

/** The range of private service access, with its VPC. */
export async function peeringRange(
  name: string,
  options?: InvokeOptions,
): Promise<{ readonly cidr: string; readonly networkId: string }> {
  const found = await lookUp('peeringRange', name, () => getGlobalAddress({ name }, options));
  if (found.purpose !== 'VPC_PEERING') {
    const reason = 'is not allocated to private service access (its purpose is not VPC_PEERING)';
    throw new InvalidInputError('peeringRange', [
      { path: 'peeringRange', value: name, reason, mend: 'name the range that is' },
    ]);
  }
  return { cidr: `${found.address}/${found.prefixLength}`, networkId: networkIdOf(found.network) };
}

/** Why a range of another VPC can't be used. */
export function sameNetwork(name: string, rangeNetworkId: string, networkId: string): Problem[] {
  if (rangeNetworkId === networkId) return [];
  const reason = `is allocated in ${rangeNetworkId}, and the nodes are in ${networkId}`;
  return [{ path: 'peeringRange', value: name, reason, mend: 'name a range of that VPC' }];
}
