import type { AddressBlock } from '../checks/model/policy-rule';
import type { Server } from '../plan/servers';
import type { OutsideBox } from './picture';

/** A database, cache or broker that the input does not hold. */
export function serverBox({ key, product, kind, host }: Server): OutsideBox {
  const what = kind === 'vector database' ? 'database' : kind;
  return { type: 'outside', id: `server ${key}`, what, name: product, facts: [host] };
}

/** Another namespace, or pods that the input does not hold. */
export function namespaceBox(namespace: string): OutsideBox {
  const isName = /^[a-z0-9-]+$/.test(namespace);
  return {
    type: 'outside',
    id: `elsewhere ${namespace}`,
    what: 'namespace',
    name: isName ? namespace : 'Pods elsewhere',
    facts: isName ? [] : [namespace],
  };
}

/** Addresses that a policy names. */
export function addressesBox(blocks: readonly AddressBlock[]): OutsideBox {
  const isEverywhere = blocks.some(({ cidr }) => cidr === '0.0.0.0/0' || cidr === '::/0');
  const excepts = blocks.some(({ except }) => except.length > 0);
  const text = blocksText(blocks);
  return {
    type: 'outside',
    id: `addresses ${isEverywhere} ${excepts} ${text}`,
    what: 'addresses',
    name: isEverywhere ? 'Internet' : 'Addresses',
    facts: [isEverywhere ? (excepts ? 'but no private addresses' : 'and every private address') : text],
  };
}

export function blocksText(blocks: readonly AddressBlock[]): string {
  const [first = { cidr: '' }, ...others] = blocks;
  return others.length > 0 ? `${first.cidr} and ${others.length} more` : first.cidr;
}
