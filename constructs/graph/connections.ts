import { type Model, podPort, type Workload } from '../checks/model';
import type { AddressBlock, PolicyPeer, PolicyPort } from '../checks/model/policy-rule';
import { policyRules } from '../checks/model/policy-rule';
import { selectorText, selects } from '../checks/model/selector';
import { serverUses } from '../plan/servers';

/** One end of a connection. */
export type End =
  | { readonly type: 'workload'; readonly workload: Workload }
  /** All pods of the policy's own namespace, or of every namespace. */
  | { readonly type: 'pods'; readonly of: 'namespace' | 'cluster' }
  /** Pods that the input does not hold. */
  | { readonly type: 'elsewhere'; readonly namespace: string }
  | { readonly type: 'addresses'; readonly blocks: readonly AddressBlock[] }
  | { readonly type: 'anyone' };

/** What a rule of a policy lets a workload's pods do. */
export interface Opening {
  readonly workload: Workload;
  readonly direction: 'ingress' | 'egress';
  readonly peer: End;
  /** Numbers, ranges and names as written; empty for every port. */
  readonly ports: readonly string[];
}

/** A connection that a workload is configured to make to another of the input. */
export interface Wiring {
  readonly from: Workload;
  readonly to: Workload;
  /** Port of the target's pods. @default nobody says */
  readonly port: number | undefined;
}

/** Everything that NetworkPolicies open for a workload, but the way to DNS. */
export function openingsOf(model: Model, workload: Workload): Opening[] {
  return workload.policies.flatMap((policy) =>
    (['ingress', 'egress'] as const)
      .filter((direction) => (direction === 'ingress' ? policy.isolatesIngress : policy.isolatesEgress))
      .flatMap((direction) =>
        policyRules(policy.object, direction)
          .filter(({ ports }) => !isDns(ports))
          .flatMap(({ peers, ports }): Opening[] => {
            const common = { workload, direction, ports: portTexts(ports) };
            if (peers.length === 0) return [{ ...common, peer: { type: 'anyone' } }];
            const blocks = peers.flatMap(({ ipBlock }) => ipBlock ?? []);
            const ends: End[] = peers
              .filter(({ ipBlock }) => !ipBlock)
              .flatMap((peer) => endsOf(model, peer, workload.namespace));
            if (blocks.length > 0) ends.push({ type: 'addresses', blocks });
            return ends.map((peer) => ({ ...common, peer }));
          }),
      ),
  );
}

const isDns = (ports: readonly PolicyPort[]) =>
  ports.length > 0 && ports.every(({ port }) => port === 53 || port === 'dns' || port === 'dns-tcp');

function portTexts(ports: readonly PolicyPort[]): string[] {
  if (ports.some(({ port }) => port === undefined)) return [];
  const texts = ports.map(({ port, endPort }) =>
    endPort !== undefined && endPort !== port ? `${port}–${endPort}` : String(port),
  );
  return [...new Set(texts)];
}

function endsOf(model: Model, peer: PolicyPeer, own: string): End[] {
  const { podSelector, namespaceSelector } = peer;
  const isAnyPod = !podSelector || podSelector.requirements.length === 0;
  if (!namespaceSelector) {
    if (isAnyPod) return [{ type: 'pods', of: 'namespace' }];
    const found = model.pods.select(podSelector, own);
    if (found.length > 0) return found.map((workload) => ({ type: 'workload', workload }));
    return [{ type: 'elsewhere', namespace: `pods ${selectorText(podSelector)}` }];
  }
  if (isAnyPod && namespaceSelector.requirements.length === 0) return [{ type: 'pods', of: 'cluster' }];
  const namespaces = [...new Set(model.workloads.map(({ namespace }) => namespace))].filter((name) =>
    selects(namespaceSelector, model.namespaceLabels(name)),
  );
  const everyPod = { requirements: [] };
  const found = namespaces.flatMap((name) => [...model.pods.select(podSelector ?? everyPod, name)]);
  if (found.length > 0) return found.map((workload) => ({ type: 'workload', workload }));
  return [{ type: 'elsewhere', namespace: namespaceText(peer) }];
}

function namespaceText({ podSelector, namespaceSelector }: PolicyPeer): string {
  const name = namespaceSelector?.requirements.find(
    ({ key, operator, values }) =>
      key === 'kubernetes.io/metadata.name' && operator === 'In' && values.length === 1,
  )?.values[0];
  if (name !== undefined) return name;
  const namespaces = namespaceSelector ? selectorText(namespaceSelector) : '';
  return podSelector && podSelector.requirements.length > 0
    ? `${selectorText(podSelector)} in ${namespaces}`
    : namespaces;
}

/** What workloads are configured to connect to, of the input itself. */
export function wiringsOf(workload: Workload): Wiring[] {
  const found = new Map<string, Wiring>();
  for (const container of workload.runningContainers) {
    for (const { service, port } of container.targets) {
      for (const to of service?.workloads ?? []) {
        if (to === workload) continue;
        const servicePort = port === undefined ? undefined : service?.port(port);
        const pods = servicePort ? podPort(servicePort, to) : port;
        const key = `${to.namespace}/${to.label}:${pods ?? ''}`;
        found.set(key, { from: workload, to, port: pods });
      }
    }
  }
  for (const { server } of serverUses(workload)) {
    const to = server.workload;
    if (!to || to === workload) continue;
    const key = `${to.namespace}/${to.label}:${server.port ?? ''}`;
    if (![...found.values()].some((one) => one.to === to)) {
      found.set(key, { from: workload, to, port: server.port });
    }
  }
  return [...found.values()];
}
