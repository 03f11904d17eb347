import { lookup } from 'node:dns/promises';
import type { Config } from '../config/config.js';

/**
 * Finds base URLs of peer ports by the headless Service of the configuration: DNS has an address for each pod. Nodes
 * that find each other so listen on the same port.
 */
export function peersByDns({
  cluster: { peerService },
  ports,
}: Pick<Config, 'cluster' | 'ports'>): () => Promise<readonly string[]> {
  if (peerService === undefined) return async () => [];
  return async () => {
    // As the system looks names up: the Service's is relative to the pod's namespace.
    const found = await lookup(peerService, { all: true });
    return found.map(({ address, family }) => {
      const host = family === 6 ? `[${address}]` : address;
      return `http://${host}:${ports.peer}`;
    });
  };
}
