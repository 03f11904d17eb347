import { BlockList, isIPv6 } from 'node:net';
import type { FastifyServerOptions } from 'fastify';
import type { Config } from '../config/config.js';

/** Whose word on where a request comes from is believed. */
export function trustedProxies({
  trustedProxies: addresses,
  proxyHops,
}: Config['http']): FastifyServerOptions['trustProxy'] {
  if (addresses.length === 0) return false;
  if (proxyHops === undefined) return addresses;
  const nearest = new BlockList();
  for (const address of addresses) {
    const [network = address, prefix] = address.split('/');
    const family = familyOf(network);
    if (prefix === undefined) nearest.addAddress(network, family);
    else nearest.addSubnet(network, Number(prefix), family);
  }
  return (address, hop) => (hop === 0 ? nearest.check(address, familyOf(address)) : hop < proxyHops);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
