import type { Input } from '@pulumi/pulumi';
import { ipv4SubnetProblems, ipv4Subnets, oneOf, type SubnetTier } from '../cloud';
import type { Problem } from '../contracts';
import { type Tags, tagProblems } from './tags';

/** Zones that addresses are kept for. A region has three to six; most accounts use three. */
const SLOTS = 4;

/**
 * Nodes and pods take their addresses from the private tier: with the VPC CNI every pod has one of its own, so it
 * is by far the widest. The VPC must be a /18 or wider.
 */
const TIER_PREFIXES = { private: 3, public: 7, isolated: 7 } as const;

export type Tier = keyof typeof TIER_PREFIXES;

/** Arguments of a {@link Network} that do not name children. */
export interface NetworkSettings {
  /** Region of the zones, for endpoint names. */
  readonly region: Input<string>;
  /** Availability zones, two to four; three survive the loss of one without overload. Their order never changes. */
  readonly zones: readonly string[];
  /**
   * Addresses, /16 to /18. It must not overlap with networks that are peered with this one, nor with the cluster's
   * services (172.20.0.0/16).
   * @default `10.0.0.0/16`
   */
  readonly cidr?: string;
  /**
   * NAT gateways, for models and images from the internet: `per-zone`, so that the loss of a zone leaves the
   * others connected and no traffic crosses zones; or `single`, which costs a third and is one zone's hostage.
   * Each costs by the hour and by the gigabyte.
   * @default `per-zone`
   */
  readonly nat?: 'per-zone' | 'single';
  /**
   * Private endpoints for ECR, so that images do not pass the NAT gateways. Each of two costs by the hour and zone.
   * The gateway endpoint for S3, where ECR keeps layers, is free and always there.
   * @default false
   */
  readonly registryEndpoints?: boolean;
  readonly tags?: Tags;
}

/** What is wrong with the arguments of a {@link Network}. */
export function networkProblems(args: NetworkSettings): Problem[] {
  const { zones, cidr = DEFAULT_CIDR } = args;
  const problems: Problem[] = [];
  if (zones.length < 2 || zones.length > SLOTS) {
    const reason =
      'is not a list of two to four zones: EKS and RDS need two, and addresses are kept for four';
    problems.push({ path: 'zones', value: zones, reason, mend: 'name three zones of the region' });
  }
  if (new Set(zones).size < zones.length) {
    problems.push({ path: 'zones', value: zones, reason: 'names a zone twice', mend: 'name each zone once' });
  }
  const cidrProblems = ipv4SubnetProblems('cidr', cidr, [], SLOTS);
  const prefix = Number(cidr.split('/')[1]);
  if (cidrProblems.length === 0 && (prefix < 16 || prefix > 18)) {
    const reason = 'is not a /16, /17 or /18: AWS allows no wider one, and pods need addresses';
    cidrProblems.push({ path: 'cidr', value: cidr, reason, mend: 'write one such as 10.0.0.0/16' });
  }
  if (cidr.startsWith('172.20.')) {
    const reason = "overlaps with the addresses of the cluster's services (172.20.0.0/16)";
    cidrProblems.push({ path: 'cidr', value: cidr, reason, mend: 'write another, such as 10.0.0.0/16' });
  }
  return [
    ...problems,
    ...cidrProblems,
    ...oneOf('nat', args.nat, ['per-zone', 'single']),
    ...tagProblems(args.tags),
  ];
}

/** A VPC's subnets by tier: `private` for nodes and pods, `public` for load balancers, `isolated` for data. */
export function networkSubnets(cidr: string): Map<Tier, string[]> {
  const prefix = Number(cidr.split('/')[1]);
  const tiers = Object.entries(TIER_PREFIXES).map(
    ([name, bits]): SubnetTier => ({ name, prefix: prefix + bits }),
  );
  return ipv4Subnets(cidr, tiers, SLOTS) as Map<Tier, string[]>;
}

/** Addresses of a {@link Network} that names none. */
export const DEFAULT_CIDR = '10.0.0.0/16';
