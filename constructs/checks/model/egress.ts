import type { Model } from './model';
import type { NetworkPolicy } from './policy';
import {
  blockHolds,
  blockMayHoldPods,
  type PolicyPeer,
  type PolicyPort,
  type PolicyRule,
  policyRules,
} from './policy-rule';
import { maySelect } from './selector';
import type { Workload } from './workload';

/** Where a connection goes to. */
export type Destination =
  | {
      readonly kind: 'pods';
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
      /** False where the pods may have labels that the input does not show. */
      readonly labelsAreKnown: boolean;
    }
  | { readonly kind: 'address'; readonly address: string }
  /** A host outside the cluster, whose address nobody can know from manifests. */
  | { readonly kind: 'host' };

/** The policies that isolate a workload's egress, and what they open together. */
export interface Egress {
  /** Never empty. */
  readonly policies: readonly NetworkPolicy[];
  readonly rules: readonly EgressRule[];
}

export interface EgressRule extends PolicyRule {
  readonly policy: NetworkPolicy;
}

/**
 * The egress of a workload's pods, if NetworkPolicies isolate it. `undefined` too where nobody can know what is open:
 * policies of other kinds (Cilium's, Calico's) have a say, or the pods use the node's network.
 */
export function egressOf(model: Model, workload: Workload): Egress | undefined {
  if (workload.podSpec.hostNetwork === true || model.hasOtherPolicies(workload.namespace)) return undefined;
  return egress(workload.policies.filter(({ isolatesEgress }) => isolatesEgress));
}

/** What policies open together; `undefined` where they isolate nothing. */
export function egress(policies: readonly NetworkPolicy[]): Egress | undefined {
  if (policies.length === 0) return undefined;
  const rules = policies.flatMap((policy) =>
    policyRules(policy.object, 'egress').map((rule) => ({ ...rule, policy })),
  );
  return { policies, rules };
}

/** Whether a rule lets connections to a destination through, on some port; in doubt it does. */
export function reaches(model: Model, rule: EgressRule, destination: Destination): boolean {
  return rule.peers.length === 0 || rule.peers.some((peer) => peerHolds(model, rule, peer, destination));
}

function peerHolds(model: Model, rule: EgressRule, peer: PolicyPeer, destination: Destination): boolean {
  if (peer.ipBlock) {
    if (destination.kind === 'address') return blockHolds(peer.ipBlock, destination.address);
    return destination.kind === 'host' || blockMayHoldPods(peer.ipBlock);
  }
  if (destination.kind !== 'pods') return false;
  const { namespace, labels, labelsAreKnown } = destination;
  const isNamespace = peer.namespaceSelector
    ? maySelect(
        peer.namespaceSelector,
        model.namespaceLabels(namespace),
        model.find('Namespace', '', namespace) !== undefined,
      )
    : namespace === rule.policy.object.namespace;
  return (
    isNamespace && (peer.podSelector === undefined || maySelect(peer.podSelector, labels, labelsAreKnown))
  );
}

/** Whether a rule opens a port. Names are those of the destination's ports; where those are unknown, any may be it. */
export function opensPort(
  ports: readonly PolicyPort[],
  protocol: string | undefined,
  port: number,
  names?: ReadonlySet<string>,
): boolean {
  if (ports.length === 0) return true;
  return ports.some((open) => {
    if (protocol !== undefined && open.protocol !== protocol) return false;
    if (open.port === undefined) return true;
    if (typeof open.port === 'string') return names?.has(open.port) ?? true;
    return port >= open.port && port <= (open.endPort ?? open.port);
  });
}

/**
 * The policy to mend where several isolate the same pods: one that has egress rules before one that only denies, one
 * for few workloads before one for many.
 */
export function policyToMend({ policies, rules }: Egress): NetworkPolicy | undefined {
  const withRules = new Set(rules.map(({ policy }) => policy));
  const candidates = withRules.size > 0 ? [...withRules] : policies;
  return candidates.reduce<NetworkPolicy | undefined>(
    (best, policy) => (best && best.workloads.length <= policy.workloads.length ? best : policy),
    undefined,
  );
}
