import { BlockList, isIP } from 'node:net';
import type { Fault, Parsed } from './units';

/** A block of addresses. */
export interface Cidr {
  /** As written: `10.0.16.0/20`. */
  readonly text: string;
  readonly family: 4 | 6;
  /** Number of leading bits that all its addresses share. */
  readonly prefix: number;
}

/** Reads an IPv4 or IPv6 CIDR block. Refuses single addresses, impossible masks and bits beyond the mask. */
export function parseCidr(input: string): Parsed<Cidr> {
  const [address = '', mask, ...rest] = input.trim().split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) {
    return fault('is not a CIDR block', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32');
  }
  const bits = family === 4 ? 32 : 128;
  if (mask === undefined) return fault('has no mask', `did you mean ${address}/${bits}, this one address?`);
  const prefix = /^\d{1,3}$/.test(mask) ? Number(mask) : Number.NaN;
  if (!(prefix >= 0 && prefix <= bits)) {
    return fault(`has the mask /${mask}`, `a mask of IPv${family} is from /0 to /${bits}`);
  }
  const network = networkOf(address, family as 4 | 6, prefix);
  if (network !== toBits(address, family as 4 | 6)) {
    return fault(
      `has bits set beyond its mask of ${prefix}`,
      `did you mean ${fromBits(network, family as 4 | 6)}/${prefix}, the whole block, or ${address}/${bits}, this one address?`,
    );
  }
  return { ok: true, value: { text: input.trim(), family: family as 4 | 6, prefix } };
}

/** Whether every address of `inner` lies in `outer`. Both must be valid. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  const list = new BlockList();
  const family = outer.family === 4 ? 'ipv4' : 'ipv6';
  const addressOf = (cidr: Cidr) => cidr.text.slice(0, cidr.text.indexOf('/'));
  list.addSubnet(addressOf(outer), outer.prefix, family);
  return list.check(addressOf(inner), family);
}

function networkOf(address: string, family: 4 | 6, prefix: number): bigint {
  const shift = BigInt((family === 4 ? 32 : 128) - prefix);
  return (toBits(address, family) >> shift) << shift;
}

function toBits(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const hex = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${hex(a, b)}:${hex(c, d)}`;
  });
  const [head = '', tail = ''] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = plain.includes('::') ? 8 - groups(head).length - groups(tail).length : 0;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function fromBits(bits: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  return groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
}

const fault = (reason: string, mend: string): { ok: false; fault: Fault } => ({
  ok: false,
  fault: { reason, mend },
});
