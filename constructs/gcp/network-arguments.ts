import { ipv4SubnetProblems, ipv4Subnets, oneOf, REMOVALS, type Removal } from '../cloud';
import type { Problem } from '../contracts';
import { regionProblems } from './argument-forms';

/**
 * Parts of the network by how many bits they are narrower than it. With 110 pods to a node GKE gives each a /24, so
 * pods have by far the widest part: 128 nodes of a /16. `managed` is for what Google runs in networks of its own.
 */
const PART_PREFIXES = { pods: 1, nodes: 4, managed: 4, services: 4 } as const;

export type Part = keyof typeof PART_PREFIXES;

export const DEFAULT_CIDR = '10.0.0.0/16';

/** Arguments of a {@link Network} that do not name children. */
export interface NetworkSettings {
  /** Region of the subnetwork, which spans all its zones. */
  readonly region: string;
  /**
   * Addresses, /12 to /17. It must not overlap with networks that are peered with this one.
   * @default `10.0.0.0/16`
   */
  readonly cidr?: string;
  /**
   * What of the NAT gateway is logged: `errors` are connections that found no port; `all` costs by the gigabyte.
   * @default `errors`
   */
  readonly natLog?: 'errors' | 'all' | 'none';
  /**
   * The peering with Google's network can't be deleted while a deleted database's addresses are held, about four days;
   * `destroy` leaves it behind instead of failing. @default `retain`
   */
  readonly removal?: Removal;
}

/** What is wrong with the arguments of a {@link Network}. */
export function networkProblems({
  region,
  cidr = DEFAULT_CIDR,
  natLog,
  removal,
}: NetworkSettings): Problem[] {
  const malformed = ipv4SubnetProblems('cidr', cidr, [], 1);
  const prefix = Number(cidr.split('/')[1]);
  const unfit = {
    path: 'cidr',
    value: cidr,
    reason: 'is not a /12 to /17: pods need addresses, and wider leaves none for other networks',
    mend: 'write one such as 10.0.0.0/16',
  };
  return [
    ...regionProblems('region', region),
    ...malformed,
    ...(malformed.length === 0 && (prefix < 12 || prefix > 17) ? [unfit] : []),
    ...oneOf('natLog', natLog, ['errors', 'all', 'none']),
    ...oneOf('removal', removal, REMOVALS),
  ];
}

/** CIDR block of each part. None moves when parts are added after it. */
export function networkParts(cidr: string): Readonly<Record<Part, string>> {
  const prefix = Number(cidr.split('/')[1]);
  const tiers = Object.entries(PART_PREFIXES).map(([name, bits]) => ({ name, prefix: prefix + bits }));
  const blocks = ipv4Subnets(cidr, tiers, 1);
  const block = (part: Part) => blocks.get(part)?.[0] ?? '';
  return {
    pods: block('pods'),
    nodes: block('nodes'),
    managed: block('managed'),
    services: block('services'),
  };
}
