import type { Fault, Parsed } from './units';

/** A block of addresses. */
export interface Cidr {
  /** As written: `10.0.16.0/20`. */
  readonly text: string;
  readonly family: 4 | 6;
  /** Number of leading bits that all its addresses share. */
  readonly prefix: number;
}

/** An address as a number. */
interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

const BITS = { 4: 32, 6: 128 } as const;

/** Reads an IPv4 or IPv6 CIDR block. Refuses single addresses, impossible masks and bits beyond the mask. */
export function parseCidr(input: string): Parsed<Cidr> {
  const text = input.trim();
  const [written = '', mask, ...rest] = text.split('/');
  const address = parseAddress(written);
  if (address === undefined || rest.length > 0) {
    return fault('is not a CIDR block', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32');
  }
  const { family, bits } = address;
  const alone = `${written}/${BITS[family]}`;
  if (mask === undefined) return fault('has no mask', `did you mean ${alone}, this one address?`);
  const prefix = /^\d{1,3}$/.test(mask) ? Number(mask) : Number.NaN;
  if (!(prefix >= 0 && prefix <= BITS[family])) {
    return fault(`has the mask /${mask}`, `a mask of IPv${family} is from /0 to /${BITS[family]}`);
  }
  const network = networkOf(address, prefix);
  if (network !== bits) {
    const block = `${formatAddress({ family, bits: network })}/${prefix}`;
    return fault(
      `has bits set beyond its mask of ${prefix}`,
      `did you mean ${block}, the whole block, or ${alone}, this one address?`,
    );
  }
  return { ok: true, value: { text, family, prefix } };
}

/** Whether every address of `inner` lies in `outer`. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  const [around, within] = [outer, inner].map(({ text }) => parseAddress(text.split('/')[0] ?? ''));
  if (around === undefined || within === undefined || around.family !== within.family) return false;
  return outer.prefix <= inner.prefix && networkOf(within, outer.prefix) === networkOf(around, outer.prefix);
}

/** Whether a text is an IPv4 or IPv6 address, without a mask, brackets or a zone. */
export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** Which kind of address a text is; `undefined` where it is none. */
export function addressFamily(text: string): 4 | 6 | undefined {
  return parseAddress(text)?.family;
}

/** `isIP` of `node:net` could tell as well; its regular expression takes 3 ms to compile, at every start. */
function parseAddress(text: string): Address | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (octets !== undefined) {
    if (octets.some((octet) => Number(octet) > 255 || String(Number(octet)) !== octet)) return undefined;
    return { family: 4, bits: octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n) };
  }
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array<string>(zeros).fill('0'), ...(after ?? [])];
  return { family: 6, bits: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) };
}

function networkOf({ family, bits }: Address, prefix: number): bigint {
  const shift = BigInt(BITS[family] - prefix);
  return (bits >> shift) << shift;
}

function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n].map((group) =>
    ((bits >> (group * 16n)) & 0xffffn).toString(16),
  );
  // The URL parser writes the canonical form of RFC 5952.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

const fault = (reason: string, mend: string): { ok: false; fault: Fault } => ({
  ok: false,
  fault: { reason, mend },
});
