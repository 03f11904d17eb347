import type { Input } from '@pulumi/pulumi';
import { ipv4SubnetProblems, ipv4Subnets, matches, oneOf } from '../cloud';
import type { Problem } from '../contracts';
import { type Tags, tagProblems } from './tags';

/** Addresses of a network that names none. */
export const DEFAULT_CIDR = '10.0.0.0/16';
/** Services of the cluster; DNS answers at the tenth address. */
export const SERVICE_CIDR = '172.20.0.0/16';
/** Pods have addresses of their own, which only the cluster knows (CNI overlay). */
export const POD_CIDR = '10.244.0.0/16';

/** Subnets span zones in Azure, so one of each kind is enough. */
const TIERS = [
  { name: 'nodes', prefix: 20 },
  { name: 'endpoints', prefix: 24 },
] as const;

/** How nodes reach the internet. */
export type Outbound = 'load-balancer' | 'nat-gateway';
export const OUTBOUND: readonly Outbound[] = ['load-balancer', 'nat-gateway'];

/** Arguments of a {@link Network} that do not name children. */
export interface NetworkSettings {
  readonly resourceGroupName: Input<string>;
  readonly location: Input<string>;
  /**
   * Addresses, a /16. It must not overlap with networks that are peered with this one, nor with the cluster's pods
   * (10.244.0.0/16) and services (172.20.0.0/16).
   * @default `10.0.0.0/16`
   */
  readonly cidr?: string;
  /**
   * The way out, for models and images: `load-balancer` is the cluster's own, over all zones and free but for traffic;
   * `nat-gateway` has a fixed address and far more connections, costs by the hour and by the gigabyte, and lies in one
   * zone: when that is lost, nothing can be downloaded.
   * @default `load-balancer`
   */
  readonly outbound?: Outbound;
  readonly tags?: Tags;
}

/** What is wrong with the arguments of a {@link Network}, wherever it is placed. */
export function networkProblems(args: Omit<NetworkSettings, 'resourceGroupName' | 'location'>): Problem[] {
  const { cidr = DEFAULT_CIDR } = args;
  const cidrProblems = ipv4SubnetProblems('cidr', cidr, TIERS, 1);
  if (cidrProblems.length === 0 && !cidr.endsWith('/16')) {
    const reason = 'is not a /16';
    cidrProblems.push({ path: 'cidr', value: cidr, reason, mend: 'write one such as 10.0.0.0/16' });
  }
  for (const [taken, by] of [
    [SERVICE_CIDR, 'services'],
    [POD_CIDR, 'pods'],
  ] as const) {
    if (cidr !== taken) continue;
    const reason = `overlaps with the addresses of the cluster's ${by} (${taken})`;
    cidrProblems.push({ path: 'cidr', value: cidr, reason, mend: 'write another, such as 10.0.0.0/16' });
  }
  return [...cidrProblems, ...oneOf('outbound', args.outbound, OUTBOUND), ...tagProblems(args.tags)];
}

/** A network's subnets: one for nodes, one for the services' private endpoints. */
export function networkSubnets(cidr: string): { readonly nodes: string; readonly endpoints: string } {
  const subnets = ipv4Subnets(cidr, TIERS, 1);
  return { nodes: subnets.get('nodes')?.[0] ?? '', endpoints: subnets.get('endpoints')?.[0] ?? '' };
}

/** Regions by the name that the API has for them. */
export function locationProblems(path: string, location: Input<string> | undefined): Problem[] {
  return matches(path, location, /^[a-z]+\d?$/, {
    reason: 'is not the name of a region',
    mend: 'write one such as westeurope, without spaces and capitals',
  });
}
