import { BlockList } from 'node:net';
import { addressFamily } from '../../contracts/cidr';
import { isPlaceholder } from '../../contracts/placeholder';
import { isObject, listAt, numberAt, objectsAt, pathTo, scalarText, textAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';
import { labelSelector, type Selector } from './selector';

/** Addresses of an `ipBlock`. */
export interface AddressBlock {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** One item of `from` or `to`: pods, the pods of namespaces, or addresses. */
export interface PolicyPeer {
  readonly path: string;
  /** @default every pod of the namespaces */
  readonly podSelector: Selector | undefined;
  /** @default the policy's own namespace */
  readonly namespaceSelector: Selector | undefined;
  readonly ipBlock: AddressBlock | undefined;
}

export interface PolicyPort {
  /** `TCP` where none is given. */
  readonly protocol: string;
  /** Number or name of a port of the pods. @default every port */
  readonly port: number | string | undefined;
  readonly endPort: number | undefined;
}

/** One rule of a NetworkPolicy. */
export interface PolicyRule {
  readonly path: string;
  /** Without any: everyone. */
  readonly peers: readonly PolicyPeer[];
  /** Without any: every port. */
  readonly ports: readonly PolicyPort[];
}

/** The rules of a NetworkPolicy in one direction. */
export function policyRules(
  { manifest }: KubernetesObject,
  direction: 'ingress' | 'egress',
): readonly PolicyRule[] {
  return objectsAt(manifest, 'spec', direction).map(({ item, index }) => {
    const path = pathTo('spec', direction, index);
    const field = direction === 'ingress' ? 'from' : 'to';
    return {
      path,
      peers: objectsAt(item, field).map((peer) => policyPeer(peer.item, pathTo(path, field, peer.index))),
      ports: objectsAt(item, 'ports').map((port) => policyPort(port.item)),
    };
  });
}

function policyPeer(item: JsonObject, path: string): PolicyPeer {
  const selector = (field: string) => (isObject(item[field]) ? labelSelector(item[field]) : undefined);
  const cidr = textAt(item, 'ipBlock', 'cidr');
  const except = listAt(item, 'ipBlock', 'except').filter((entry) => typeof entry === 'string');
  return {
    path,
    podSelector: selector('podSelector'),
    namespaceSelector: selector('namespaceSelector'),
    ipBlock: cidr === undefined ? undefined : { cidr, except },
  };
}

function policyPort(item: JsonObject): PolicyPort {
  const text = isPlaceholder(item.port) ? undefined : scalarText(item.port);
  return {
    protocol: textAt(item, 'protocol') ?? 'TCP',
    port: text === undefined || text === '' ? undefined : /^\d+$/.test(text) ? Number(text) : text,
    endPort: numberAt(item, 'endPort'),
  };
}

/** Whether a block holds an address. A block that is not known yet may hold any. */
export function blockHolds({ cidr, except }: AddressBlock, address: string): boolean {
  return (
    isPlaceholder(cidr) || (cidrHolds(cidr, address) && !except.some((inner) => cidrHolds(inner, address)))
  );
}

/** Where clusters take the addresses of their pods and Services from (RFC 1918). */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
/** A narrower block is meant for single hosts, not for a cluster's pods. */
const NARROWEST_POD_PREFIX = { 4: 24, 6: 112 };

/** Whether pods or Services of the cluster may have addresses in a block. */
export function blockMayHoldPods({ cidr, except }: AddressBlock): boolean {
  if (isPlaceholder(cidr)) return true;
  const [base = '', prefix = 0] = splitCidr(cidr);
  const family = addressFamily(base);
  if (family !== 4) return family === 6 && prefix <= NARROWEST_POD_PREFIX[6];
  if (prefix > NARROWEST_POD_PREFIX[4]) return false;
  // Carrier-grade NAT, where EKS may put pods; the wide blocks are judged by the private ranges in them.
  if (prefix >= 10 && cidrHolds('100.64.0.0/10', base)) return true;
  const isOpen = (range: string) => {
    const [start = '', length = 0] = splitCidr(range);
    const overlaps = cidrHolds(cidr, start) || cidrHolds(range, base);
    const [inner, innerLength] = prefix > length ? [base, prefix] : [start, length];
    const isExcepted = except.some(
      (entry) => cidrHolds(entry, inner) && (splitCidr(entry)[1] ?? 0) <= innerLength,
    );
    return overlaps && !isExcepted;
  };
  return PRIVATE_RANGES.some(isOpen);
}

/** Whether an address, of the same family, is inside a CIDR block. */
export function cidrHolds(cidr: string, address: string): boolean {
  const [base = '', prefix = -1] = splitCidr(cidr);
  const family = addressFamily(base);
  if (family === undefined || family !== addressFamily(address)) return false;
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(base, prefix, type);
  return block.check(address, type);
}

function splitCidr(cidr: string): [base: string, prefix: number] {
  const slash = cidr.indexOf('/');
  return slash === -1
    ? [cidr, addressFamily(cidr) === 6 ? 128 : 32]
    : [cidr.slice(0, slash), Number(cidr.slice(slash + 1))];
}
