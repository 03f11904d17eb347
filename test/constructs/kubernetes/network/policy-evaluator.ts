import { BlockList, isIPv4 } from 'node:net';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';

/** A pod, or a server outside the cluster. */
export type Node =
  | { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly address: string };

/**
 * Whether NetworkPolicies let a connection through, straight from the words of the API's specification: a pod that
 * no policy selects for a direction is open in it, policies add up, and both ends must agree.
 */
export function allowed(
  policies: readonly NetworkPolicy[],
  from: Node,
  to: Node,
  protocol: string,
  port: number,
): boolean {
  return (
    open(policies, 'Egress', from, to, protocol, port) && open(policies, 'Ingress', to, from, protocol, port)
  );
}

function open(
  policies: readonly NetworkPolicy[],
  direction: 'Ingress' | 'Egress',
  subject: Node,
  peer: Node,
  protocol: string,
  port: number,
): boolean {
  if ('address' in subject) return true;
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata?.namespace === subject.namespace &&
      spec?.policyTypes?.includes(direction) &&
      selects(spec.podSelector?.matchLabels, subject.labels),
  );
  if (selecting.length === 0) return true;
  const rules = selecting.flatMap(({ metadata, spec }) => {
    const namespace = metadata?.namespace ?? '';
    return direction === 'Ingress'
      ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports, namespace }))
      : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports, namespace }));
  });
  return rules.some(
    ({ peers, ports, namespace }) =>
      (!peers?.length || peers.some((one) => peerMatches(one, peer, namespace))) &&
      (!ports?.length || ports.some((one) => portMatches(one, protocol, port))),
  );
}

function peerMatches(rule: NetworkPolicyPeer, node: Node, policyNamespace: string): boolean {
  if (rule.ipBlock !== undefined) {
    const { cidr, except = [] } = rule.ipBlock;
    return (
      'address' in node && inBlock(cidr, node.address) && !except.some((hole) => inBlock(hole, node.address))
    );
  }
  if ('address' in node) return false;
  const namespaceMatches =
    rule.namespaceSelector === undefined
      ? node.namespace === policyNamespace
      : selects(rule.namespaceSelector.matchLabels, { 'kubernetes.io/metadata.name': node.namespace });
  return namespaceMatches && selects(rule.podSelector?.matchLabels, node.labels);
}

function portMatches(rule: NetworkPolicyPort, protocol: string, port: number): boolean {
  const first = Number(rule.port);
  return (rule.protocol ?? 'TCP') === protocol && port >= first && port <= (rule.endPort ?? first);
}

function selects(
  selector: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function inBlock(cidr: string, address: string): boolean {
  const [network = '', mask] = cidr.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  if (isIPv4(address) !== isIPv4(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(mask), family);
  return list.check(address, family);
}
