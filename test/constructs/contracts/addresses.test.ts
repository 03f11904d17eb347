import { BlockList, isIP } from 'node:net';
import { cidrContains, parseCidr } from '../../../constructs/contracts/cidr';
import {
  dnsLabelFault,
  dnsSubdomainFault,
  hostNameFault,
  labelKeyFault,
  labelValueFault,
} from '../../../constructs/contracts/names';
import fc from '../../support/fuzz';

function cidr(text: string) {
  const parsed = parseCidr(text);
  if (!parsed.ok) throw new Error(parsed.fault.reason);
  return parsed.value;
}

describe('parseCidr', () => {
  test.each([
    ['10.0.0.0/16', 4, 16],
    ['0.0.0.0/0', 4, 0],
    ['10.1.2.3/32', 4, 32],
    ['2001:db8::/32', 6, 32],
    ['::/0', 6, 0],
    ['::ffff:10.0.0.0/104', 6, 104],
  ])('reads %s', (text, family, prefix) => {
    expect(parseCidr(text)).toEqual({ ok: true, value: { text, family, prefix } });
  });

  test.each([
    ['999.0.0.0/99', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32'],
    ['010.0.0.0/8', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32'],
    ['2001:db8::1::/64', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32'],
    ['[::]/0', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32'],
    ['10.0.0.1', 'did you mean 10.0.0.1/32, this one address?'],
    ['2001:db8::1', 'did you mean 2001:db8::1/128, this one address?'],
    ['10.0.0.0/33', 'a mask of IPv4 is from /0 to /32'],
    ['10.0.0.0/', 'a mask of IPv4 is from /0 to /32'],
    ['10.0.3.7/16', 'did you mean 10.0.0.0/16, the whole block, or 10.0.3.7/32, this one address?'],
    ['2001:db8::1/64', 'did you mean 2001:db8::/64, the whole block, or 2001:db8::1/128, this one address?'],
    ['10.0.0.0/8/8', 'write an address and a mask, such as 10.0.0.0/16 or 2001:db8::/32'],
  ])('refuses %s: %s', (text, mend) => {
    expect(parseCidr(text)).toMatchObject({ ok: false, fault: { mend } });
  });

  test('suggests a block that it accepts, and that holds the address', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 0, max: 32 }), (octets, mask) => {
        const address = octets.join('.');
        const parsed = parseCidr(`${address}/${mask}`);
        const text = parsed.ok ? parsed.value.text : (/mean (\S+),/.exec(parsed.fault.mend)?.[1] ?? '');
        expect(cidrContains(cidr(text), cidr(`${address}/32`))).toBe(true);
        expect(cidr(text).prefix).toBe(mask);
      }),
    );
  });
});

test('blocks of IPv6 are what node:net makes of them', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, mask) => {
      const parsed = parseCidr(`${address}/${mask}`);
      const text = parsed.ok ? parsed.value.text : (/mean (\S+),/.exec(parsed.fault.mend)?.[1] ?? '');
      const list = new BlockList();
      const [network = ''] = text.split('/');
      expect(isIP(network)).toBe(6);
      list.addSubnet(network, mask, 'ipv6');
      expect(list.check(address, 'ipv6')).toBe(true);
      expect(cidrContains(cidr(text), cidr(`${address}/128`))).toBe(true);
    }),
  );
});

test('cidrContains tells whether a whole block lies in another', () => {
  expect(cidrContains(cidr('10.0.0.0/8'), cidr('10.1.0.0/16'))).toBe(true);
  expect(cidrContains(cidr('10.1.0.0/16'), cidr('10.0.0.0/8'))).toBe(false);
  expect(cidrContains(cidr('10.0.0.0/8'), cidr('11.0.0.0/16'))).toBe(false);
  expect(cidrContains(cidr('::/0'), cidr('10.0.0.0/16'))).toBe(false);
  expect(cidrContains(cidr('2001:db8::/32'), cidr('2001:db8:0:1::/64'))).toBe(true);
  expect(cidrContains(cidr('2001:db8::/32'), cidr('2001:db9::/64'))).toBe(false);
});

describe('names', () => {
  test('a DNS label', () => {
    expect(dnsLabelFault('chat-1')).toBeUndefined();
    expect(dnsLabelFault('a'.repeat(63))).toBeUndefined();
    expect(dnsLabelFault('a'.repeat(64))).toBeDefined();
    expect(dnsLabelFault('My Chat')?.mend).toBe('did you mean my-chat?');
    expect(dnsLabelFault('-chat-')?.mend).toBe('did you mean chat?');
    expect(dnsLabelFault('')?.mend).toBe('write a name such as chat-1');
  });

  test('a DNS subdomain', () => {
    expect(dnsSubdomainFault('tls.example.com')).toBeUndefined();
    expect(dnsSubdomainFault('a..b')).toBeDefined();
    expect(dnsSubdomainFault('a_b')?.mend).toBe('did you mean a-b?');
  });

  test('a host name', () => {
    expect(hostNameFault('chat.example.com')).toBeUndefined();
    expect(hostNameFault('*.example.com', { wildcard: true })).toBeUndefined();
    expect(hostNameFault('*.example.com')).toBeDefined();
    expect(hostNameFault('https://chat.example.com/v1')?.mend).toBe('did you mean chat.example.com?');
    expect(hostNameFault('chat.example.com:443')?.mend).toBe('did you mean chat.example.com?');
    expect(hostNameFault('Chat.Example.com')?.mend).toBe('did you mean chat.example.com?');
  });

  test('a label', () => {
    expect(labelKeyFault('example.com/team')).toBeUndefined();
    expect(labelKeyFault('example.com/a/b')).toBeDefined();
    expect(labelKeyFault('-team')).toBeDefined();
    expect(labelValueFault('')).toBeUndefined();
    expect(labelValueFault('v'.repeat(64))).toBeDefined();
  });
});
