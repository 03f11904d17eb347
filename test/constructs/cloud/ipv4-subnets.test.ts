import { networkSubnets } from '../../../constructs/aws/network-arguments';
import { ipv4SubnetProblems, ipv4Subnets, type SubnetTier } from '../../../constructs/cloud';
import fc from '../../support/fuzz';

interface Range {
  readonly first: number;
  readonly last: number;
}

function range(cidr: string): Range {
  const [address = '', prefix = ''] = cidr.split('/');
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { first, last: first + 2 ** (32 - Number(prefix)) - 1 };
}

const dotted = (address: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** Networks of every width, aligned, over the whole address space. */
const network = fc
  .tuple(fc.integer({ min: 8, max: 24 }), fc.nat(2 ** 24 - 1))
  .map(([prefix, seed]) => `${dotted((seed % 2 ** prefix) * 2 ** (32 - prefix))}/${prefix}`);

const tiers = (cidr: string) =>
  fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }).map((bits) =>
    bits.map(
      (more, index): SubnetTier => ({
        name: `tier-${index}`,
        prefix: Math.min(30, Number(cidr.split('/')[1]) + more),
      }),
    ),
  );

const cut = network.chain((cidr) => fc.tuple(fc.constant(cidr), tiers(cidr), fc.integer({ min: 1, max: 6 })));

/** The subnets, or `undefined` where they do not fit. */
function tryCut(cidr: string, list: readonly SubnetTier[], slots: number) {
  try {
    return ipv4Subnets(cidr, list, slots);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

describe('ipv4Subnets', () => {
  it('stays inside the network, aligned, of the asked width, without overlap', () => {
    fc.assert(
      fc.property(cut, ([cidr, list, slots]) => {
        const subnets = tryCut(cidr, list, slots);
        if (subnets === undefined) return;
        const whole = range(cidr);
        const all = list.flatMap(({ name, prefix }) =>
          (subnets.get(name) ?? []).map((subnet) => ({ subnet, prefix, ...range(subnet) })),
        );
        expect(all).toHaveLength(list.length * slots);
        for (const { subnet, prefix, first, last } of all) {
          expect(subnet.endsWith(`/${prefix}`)).toBe(true);
          expect(first % 2 ** (32 - prefix)).toBe(0);
          expect(first >= whole.first && last <= whole.last).toBe(true);
        }
        all.sort((a, b) => a.first - b.first);
        for (const [index, { first }] of all.entries()) {
          if (index > 0) expect(first).toBeGreaterThan(all[index - 1]?.last ?? -1);
        }
      }),
    );
  });

  it('moves no subnet when a tier is added after the others', () => {
    fc.assert(
      fc.property(cut, ([cidr, list, slots]) => {
        const before = tryCut(cidr, list, slots);
        const after = tryCut(cidr, [...list, { name: 'later', prefix: 30 }], slots);
        if (before === undefined || after === undefined) return;
        for (const { name } of list) expect(after.get(name)).toEqual(before.get(name));
      }),
    );
  });

  it('fits whenever the widest tiers come first and there are addresses enough', () => {
    fc.assert(
      fc.property(cut, ([cidr, list, slots]) => {
        const widestFirst = [...list].sort((a, b) => a.prefix - b.prefix);
        const needed = list.reduce((sum, { prefix }) => sum + slots * 2 ** (32 - prefix), 0);
        const enough = needed <= 2 ** (32 - Number(cidr.split('/')[1]));
        expect(tryCut(cidr, widestFirst, slots) !== undefined).toBe(enough);
      }),
    );
  });

  it('reports a problem exactly where it would throw', () => {
    fc.assert(
      fc.property(cut, ([cidr, list, slots]) => {
        expect(ipv4SubnetProblems('cidr', cidr, list, slots).length > 0).toBe(
          tryCut(cidr, list, slots) === undefined,
        );
      }),
    );
  });

  it.each(['10.0.0.0', '10.0.0.1/16', '300.0.0.0/16', '10.0.0.0/33', 'fd00::/64', ''])(
    'refuses %p as a network',
    (text) => {
      expect(ipv4SubnetProblems('cidr', text, [], 1)).toHaveLength(1);
      expect(() => ipv4Subnets(text, [], 1)).toThrow(RangeError);
    },
  );
});

describe("AWS's network", () => {
  it('gives pods half of the addresses and data subnets of their own', () => {
    const subnets = networkSubnets('10.0.0.0/16');
    expect(subnets.get('private')).toEqual(['10.0.0.0/19', '10.0.32.0/19', '10.0.64.0/19', '10.0.96.0/19']);
    expect(subnets.get('public')).toEqual([
      '10.0.128.0/23',
      '10.0.130.0/23',
      '10.0.132.0/23',
      '10.0.134.0/23',
    ]);
    expect(subnets.get('isolated')).toEqual([
      '10.0.136.0/23',
      '10.0.138.0/23',
      '10.0.140.0/23',
      '10.0.142.0/23',
    ]);
  });
});
