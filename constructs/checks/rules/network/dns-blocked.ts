import { pathTo } from '../../json';
import {
  cidrHolds,
  type Destination,
  type Egress,
  egress,
  egressOf,
  type Model,
  type NetworkPolicy,
  opensPort,
  policyToMend,
  reaches,
  type Workload,
} from '../../model';
import type { Finding, Rule } from '../../rule';

type EgressRule = Egress['rules'][number];

/** Where clusters keep their DNS, by the labels of its pods. */
const DNS_PODS: readonly Destination[] = [
  // https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/
  { kind: 'pods', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, labelsAreKnown: false },
  // https://docs.redhat.com/en/documentation/openshift_container_platform/4.18/html/networking_operators/dns-operator
  { kind: 'pods', namespace: 'openshift-dns', labels: {}, labelsAreKnown: false },
];
/** Addresses that people open for DNS alone: NodeLocal DNSCache, and the tenth address of the Services' range. */
const DNS_ADDRESS = /^(?:169\.254\.\d+\.\d+|(?:\d+\.){3}10|fd00:[0-9a-f:]+|[0-9a-f:]+::a)(?:\/(?:32|128))?$/i;
const PORTS = [53, 5353]; // CoreDNS listens on 5353 in OpenShift
const PORT_NAMES = new Set(['dns', 'dns-tcp', 'dns-udp', 'domain']);
const PROTOCOLS = ['UDP', 'TCP'] as const;

/** Pods that cannot look up a name. */
export const dnsBlocked: Rule = {
  id: 'network/dns-blocked',
  severity: 'error',
  description:
    "Egress isolation without UDP and TCP 53 to the cluster's DNS: no name resolves, and every connection by name fails.",
  *check(model: Model) {
    const blocked = new Map<NetworkPolicy, { egress: Egress; who: Set<string> }>();
    const blame = (found: Egress | undefined, who: string) => {
      if (!found || missing(model, found).length === 0) return;
      const policy = attempt(model, found)?.policy ?? policyToMend(found);
      if (!policy) return;
      const known = blocked.get(policy) ?? { egress: found, who: new Set() };
      known.who.add(who);
      blocked.set(policy, known);
    };
    for (const workload of model.workloads) {
      if (!needsNoNames(workload)) blame(egressOf(model, workload), workload.label);
    }
    for (const [namespace, policies] of policiesWithoutPods(model))
      blame(egress(policies), `the pods of ${namespace}`);
    for (const [policy, { egress: found, who }] of blocked) yield finding(model, policy, found, [...who]);
  },
};

function finding(model: Model, policy: NetworkPolicy, found: Egress, who: readonly string[]): Finding {
  const protocols = missing(model, found);
  const tried = attempt(model, found);
  const isAll = protocols.length === PROTOCOLS.length;
  const names = who.length > 3 ? `${who.slice(0, 3).join(', ')} and ${who.length - 3} more` : who.join(', ');
  const reason = !tried
    ? ''
    : tried.field === 'to'
      ? `; ${tried.rule.path} opens port 53, but not towards the DNS in kube-system`
      : `; ${tried.rule.path} lacks ${protocols.join(' and ')}`;
  return {
    object: policy.object,
    path: tried ? pathTo(tried.rule.path, tried.field) : 'spec.egress',
    message: `This policy isolates the egress of ${names}, and nothing opens ${protocols.join(' and ')} port 53 to the cluster's DNS${reason}: ${isAll ? 'no name resolves there' : `DNS over ${protocols[0]} fails${protocols[0] === 'TCP' ? ', which long answers need' : ''}`}.`,
    fix: 'Add an egress rule for UDP and TCP port 53 to namespaceSelector {kubernetes.io/metadata.name: kube-system} with podSelector {k8s-app: kube-dns}.',
  };
}

/** Protocols in which no rule lets pods ask the DNS. */
function missing(model: Model, { rules }: Egress): string[] {
  return PROTOCOLS.filter(
    (protocol) => !rules.some((rule) => opensDnsPort(rule, protocol) && reachesDns(model, rule)),
  );
}

function opensDnsPort(rule: EgressRule, protocol: string): boolean {
  return PORTS.some((port) => opensPort(rule.ports, protocol, port, PORT_NAMES));
}

function reachesDns(model: Model, rule: EgressRule): boolean {
  if (rule.peers.length === 0) return true;
  return rule.peers.some((peer) => {
    const { ipBlock } = peer;
    if (ipBlock && (DNS_ADDRESS.test(ipBlock.cidr) || holdsNodeLocalDns(ipBlock.cidr))) return true;
    const isReached = DNS_PODS.some((pods) => reaches(model, { ...rule, peers: [peer] }, pods));
    return isReached && mayMeanDns(rule, peer);
  });
}

function holdsNodeLocalDns(cidr: string): boolean {
  return cidr.startsWith('169.254.') && cidrHolds(cidr, '169.254.20.10');
}

/** Pods that are named, but not as DNS, are others; so are namespaces whose label speaks of something else. */
function mayMeanDns(
  rule: EgressRule,
  { podSelector, namespaceSelector }: EgressRule['peers'][number],
): boolean {
  const words = podSelector?.requirements.filter(({ operator }) => operator === 'In') ?? [];
  if (words.length > 0 && !words.some(({ values }) => values.some((value) => /dns/i.test(value))))
    return false;
  const labels = namespaceSelector?.requirements.filter(({ operator }) => operator === 'In') ?? [];
  return opensByName(rule) || labels.every(({ values }) => values.some((value) => /system|dns/i.test(value)));
}

/** Whether a rule speaks of the DNS port, rather than of every port. */
function opensByName({ ports }: EgressRule): boolean {
  return ports.some(({ port }) => PORTS.some((dns) => dns === port) || PORT_NAMES.has(String(port)));
}

/** A rule that was meant for DNS but misses a protocol (`ports`) or the DNS itself (`to`). */
function attempt(model: Model, { rules }: Egress) {
  for (const rule of rules) {
    if (opensByName(rule) && reachesDns(model, rule)) return { rule, policy: rule.policy, field: 'ports' };
  }
  for (const rule of rules) {
    if (rule.ports.some(({ port }) => port === 53)) return { rule, policy: rule.policy, field: 'to' };
  }
  return undefined;
}

/** Pods that do not ask the cluster's DNS: a database or cache of one pod that is told no host connects to nobody. */
function needsNoNames({ runningContainers, replicas, podSpec }: Workload): boolean {
  if (podSpec.dnsPolicy === 'None' || podSpec.dnsPolicy === 'Default') return true;
  return (
    replicas.possible <= 1 &&
    runningContainers.length > 0 &&
    runningContainers.every(({ server, targets }) => server !== undefined && targets.length === 0)
  );
}

/** Policies of namespaces of whose pods the input shows none, if any has egress rules: all may select the same pods. */
function policiesWithoutPods(model: Model): Map<string, NetworkPolicy[]> {
  const inhabited = new Set(model.allWorkloads.map(({ namespace }) => namespace));
  const found = new Map<string, NetworkPolicy[]>();
  for (const policy of model.networkPolicies) {
    const { namespace } = policy.object;
    if (!policy.isolatesEgress || inhabited.has(namespace) || model.hasOtherPolicies(namespace)) continue;
    const known = found.get(namespace);
    if (known) known.push(policy);
    else found.set(namespace, [policy]);
  }
  for (const [namespace, policies] of found) {
    if (!egress(policies)?.rules.length) found.delete(namespace);
  }
  return found;
}
