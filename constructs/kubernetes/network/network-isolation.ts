import { type ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type {
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from 'kubernetes-types/networking/v1';
import type { Problem } from '../../contracts';
import { makeObjects, type Overrides, throwProblems } from '../objects';
import type { Connection, IsolatedWorkload } from './connection';
import {
  type Endpoint,
  portRange,
  type Reach,
  type ResolvedConnection,
  reachOf,
  resolveConnection,
} from './endpoint';
import { connectionProblems, namespaceProblems, workloadProblems } from './problems';

/** Where the cluster's DNS answers. */
export interface ClusterDns {
  /** @default `kube-system` */
  readonly namespace?: string;
  /** @default `k8s-app: kube-dns`, which CoreDNS carries as well */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** Port of the DNS pods, UDP and TCP. @default 53; OpenShift's is 5353 */
  readonly port?: number;
  /**
   * Whether NodeLocal DNSCache runs, which answers on an address of the node; a text is that address.
   * @default false; `true` is 169.254.20.10
   */
  readonly nodeLocal?: boolean | string;
}

/** Who is cut off, and what may happen nevertheless. */
export interface NetworkIsolationProps {
  /** Whom to cut off. Each gets one policy of its own name. */
  readonly workloads: readonly IsolatedWorkload[];
  /** What may happen nevertheless. @default nothing but DNS */
  readonly connections?: readonly Connection[];
  /** Where names are resolved; `false` leaves the workloads without DNS. @default kube-dns or CoreDNS in kube-system */
  readonly dns?: ClusterDns | false;
  /** Patches, by the workload's name. The table of who reaches whom knows nothing of them. */
  readonly overrides?: Overrides;
}

/**
 * Cuts workloads off the network, in both directions, but for the connections named. A connection between two of
 * them opens both: the sender's egress and the receiver's ingress.
 *
 * Probes need no connection (a node always reaches its own pods), nor do volumes (the node mounts them). A network
 * plugin that enforces policies is needed: EKS's, GKE's and AKS's must be switched on, k3s' is.
 *
 * @example
 * new NetworkIsolation(this, 'network', {
 *   workloads: [web.workload, worker.workload],
 *   connections: [
 *     { from: { namespace: 'envoy-gateway-system' }, to: 'web', ports: [8080], why: 'public API' },
 *     { from: 'web', to: 'worker', ports: [4001], why: 'generation' },
 *     connectionTo('web', cache.connection.egress, 'sessions'),
 *     { from: 'worker', to: PUBLIC_INTERNET, ports: [443], why: 'model downloads' },
 *   ],
 * });
 */
export class NetworkIsolation extends Construct {
  /** The policies, by the workload's name. */
  readonly networkPolicies: Readonly<Record<string, ApiObject>>;
  /** Who may reach whom, where at least one of the two is isolated here. All else is dropped. */
  readonly reach: readonly Reach[];

  constructor(scope: Construct, id: string, props: NetworkIsolationProps) {
    super(scope, id);
    const { workloads, connections = [], dns = {} } = props;
    const namespace = Chart.of(this).namespace;
    const problems = [
      ...workloadProblems(workloads),
      ...(namespace === undefined ? namespaceProblems(workloads, connections) : []),
      ...connections.flatMap((connection, index) =>
        connectionProblems(`connections[${index}]`, connection, workloads),
      ),
    ];
    const resolving = dns === false ? [] : workloads.map(({ name }) => dnsConnections(dns, name));
    const [ofOne = []] = resolving;
    problems.push(...ofOne.flatMap((connection) => connectionProblems('dns', connection, workloads)));
    throwProblems(this, problems);

    const resolved = [...connections, ...resolving.flat()].map((connection) =>
      resolveConnection(connection, workloads, namespace),
    );
    problems.push(...resolved.slice(0, connections.length).flatMap(unrelatedProblems));
    this.reach = resolved.flatMap(reachOf);
    const policies = workloads.map(
      (workload) => [workload.name, policyOf(workload, resolved, namespace)] as const,
    );
    this.networkPolicies = makeObjects(this, Object.fromEntries(policies), props.overrides, problems);
  }
}

function dnsConnections(dns: ClusterDns, from: string): Connection[] {
  const {
    namespace = 'kube-system',
    podLabels = { 'k8s-app': 'kube-dns' },
    port = 53,
    nodeLocal = false,
  } = dns;
  // DNS turns to TCP where an answer is too long for a datagram.
  const onPort = (number: number): Connection['ports'] => [
    { port: number, protocol: 'UDP' },
    { port: number, protocol: 'TCP' },
  ];
  const pods: Connection = { from, to: { namespace, podLabels }, ports: onPort(port), why: 'DNS' };
  if (nodeLocal === false) return [pods];
  const address = nodeLocal === true ? '169.254.20.10' : nodeLocal;
  const cidrs = [`${address}/${address.includes(':') ? 128 : 32}`];
  return [pods, { from, to: { cidrs }, ports: onPort(53), why: 'NodeLocal DNSCache' }];
}

function unrelatedProblems(resolved: ResolvedConnection, index: number): Problem[] {
  if (resolved.sources.length + resolved.destinations.length > 0) return [];
  return [
    {
      path: `connections[${index}]`,
      value: `${resolved.from.name} → ${resolved.to.name}`,
      reason: 'has no isolated workload at either end, so no policy here can allow it',
      mend: 'name one of the workloads by its name, or remove the connection',
    },
  ];
}

function policyOf(
  workload: IsolatedWorkload,
  connections: readonly ResolvedConnection[],
  chartNamespace?: string,
) {
  const namespace = workload.namespace ?? chartNamespace;
  const incoming = connections.filter(({ destinations }) => destinations.includes(workload));
  const outgoing = connections.filter(({ sources }) => sources.includes(workload));
  const why = [
    ...incoming.map(
      ({ from, connection }) => `from ${from.name} to ${portsText(connection)}: ${connection.why}`,
    ),
    ...outgoing.map(({ to, connection }) => `to ${to.name} ${portsText(connection)}: ${connection.why}`),
  ];
  const ingress = incoming.map(
    ({ from, connection }): NetworkPolicyIngressRule => ({
      from: peersOf(from, namespace),
      ports: policyPorts(connection),
    }),
  );
  const egress = outgoing.map(
    ({ to, connection }): NetworkPolicyEgressRule => ({
      to: peersOf(to, namespace),
      ports: policyPorts(connection),
    }),
  );
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: workload.name,
      ...(workload.namespace === undefined ? {} : { namespace: workload.namespace }),
      labels: { ...workload.selector, 'app.kubernetes.io/managed-by': 'polypod' },
      annotations: {
        'polypod.dev/why': why.length === 0 ? 'nothing may reach it, and it reaches nothing' : why.join('\n'),
      },
    },
    spec: {
      podSelector: { matchLabels: { ...workload.selector } },
      policyTypes: ['Ingress', 'Egress'],
      ...(ingress.length === 0 ? {} : { ingress }),
      ...(egress.length === 0 ? {} : { egress }),
    },
  } satisfies NetworkPolicy;
}

function peersOf(endpoint: Endpoint, policyNamespace: string | undefined): NetworkPolicyPeer[] {
  if (endpoint.kind === 'addresses') {
    return endpoint.blocks.map(({ cidr, except }) => ({
      ipBlock: { cidr, ...(except === undefined ? {} : { except: [...except] }) },
    }));
  }
  const { namespace, podLabels } = endpoint;
  const podSelector = podLabels === undefined ? {} : { podSelector: { matchLabels: { ...podLabels } } };
  if (podLabels !== undefined && namespace === policyNamespace) return [podSelector];
  return [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace ?? '' } },
      ...podSelector,
    },
  ];
}

function policyPorts({ ports }: Connection): NetworkPolicyPort[] {
  return ports.map(portRange);
}

function portsText({ ports }: Connection): string {
  return ports
    .map(portRange)
    .map(({ protocol, port, endPort }) => `${port}${endPort === undefined ? '' : `-${endPort}`}/${protocol}`)
    .join(', ');
}
