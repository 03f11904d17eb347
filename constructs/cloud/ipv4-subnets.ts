import type { Problem } from '../contracts';

/** An IPv4 block as numbers: first address and prefix length. */
interface Block {
  readonly first: number;
  readonly prefix: number;
}

/** One tier of subnets, one for each zone. */
export interface SubnetTier {
  readonly name: string;
  /** Prefix length of each of its subnets. */
  readonly prefix: number;
}

/**
 * Cuts a network into subnets: for each tier, in the given order, one for each of `slots` zones. A tier keeps its
 * addresses when tiers are added after it and when fewer zones than slots are used, because a subnet that moves is
 * a subnet that is replaced with all that stands in it. Give the widest tier first, so that nothing is wasted on
 * alignment.
 *
 * @param network CIDR block, such as `10.0.0.0/16`
 * @param slots zones that may ever be used
 * @returns CIDR blocks by tier, `slots` of each
 * @throws RangeError where they do not fit; {@link ipv4SubnetProblems} tells beforehand
 */
export function ipv4Subnets(
  network: string,
  tiers: readonly SubnetTier[],
  slots: number,
): Map<string, string[]> {
  const whole = parsed(network);
  if (whole === undefined) throw new RangeError(`${network} is not an IPv4 network`);
  const end = whole.first + size(whole.prefix);
  let next = whole.first;
  const subnets = new Map<string, string[]>();
  for (const { name, prefix } of tiers) {
    const step = size(prefix);
    const first = Math.ceil(next / step) * step;
    next = first + slots * step;
    if (next > end)
      throw new RangeError(`${network} has no room for ${slots} /${prefix} subnets of tier ${name}`);
    subnets.set(
      name,
      Array.from({ length: slots }, (_, slot) => `${dotted(first + slot * step)}/${prefix}`),
    );
  }
  return subnets;
}

/** Why a network can't be cut so, if it can't. */
export function ipv4SubnetProblems(
  path: string,
  network: string,
  tiers: readonly SubnetTier[],
  slots: number,
): Problem[] {
  if (parsed(network) === undefined) {
    const reason = 'is not an IPv4 network: four bytes and a prefix, with no address bits below the prefix';
    return [{ path, value: network, reason, mend: 'write one such as 10.0.0.0/16' }];
  }
  try {
    ipv4Subnets(network, tiers, slots);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const needed = tiers.reduce((sum, { prefix }) => sum + slots * size(prefix), 0);
    const widest = 32 - Math.ceil(Math.log2(needed));
    return [
      { path, value: network, reason: `is too small: ${error.message}`, mend: `write a /${widest} or wider` },
    ];
  }
}

function parsed(cidr: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return first % size(prefix) === 0 ? { first, prefix } : undefined;
}

/** Addresses in a block. Multiplication, not shifts: JavaScript's shifts are signed 32-bit. */
function size(prefix: number): number {
  return 2 ** (32 - prefix);
}

function dotted(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join('.');
}
