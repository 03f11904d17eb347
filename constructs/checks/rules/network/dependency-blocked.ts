import { addressFamily, isAddress } from '../../../contracts/cidr';
import {
  type Container,
  type Destination,
  type Egress,
  egressOf,
  type Model,
  opensPort,
  podPort,
  policyToMend,
  reaches,
  type ServicePort,
  type Target,
  type Workload,
} from '../../model';
import type { Rule } from '../../rule';

/** One way that a connection may take: to these pods or this host, and their port. */
interface Way {
  readonly destination: Destination;
  readonly port: number;
  readonly protocol: string | undefined;
  /** Names of this port. @default unknown */
  readonly portNames?: ReadonlySet<string>;
}

/** Ports that Services commonly map to another port of their pods. */
const MAPPED_PORTS = new Set([80, 443]);

/** Pods told to use what their policies keep them from. */
export const dependencyBlocked: Rule = {
  id: 'network/dependency-blocked',
  severity: 'error',
  description: 'Egress isolation that blocks a host and port that the pod is configured to use.',
  *check(model: Model) {
    const reported = new Set<string>();
    // Told its own public address, an application does not connect to it.
    const ownHosts = new Set(model.routes.flatMap(({ hosts }) => hosts));
    for (const workload of model.workloads) {
      const egress = egressOf(model, workload);
      const policy = egress && policyToMend(egress);
      if (!egress || !policy) continue;
      for (const container of workload.containers) {
        for (const target of container.targets) {
          const { host, port, setting } = target;
          const key = `${policy.object.namespace}/${policy.object.name} ${workload.label} ${host}:${port}`;
          if (port === undefined || ownHosts.has(host) || reported.has(key)) continue;
          const ways = waysTo(workload, target, port);
          if (ways.length === 0 || ways.some((way) => isOpen(model, egress, way, host))) continue;
          reported.add(key);
          yield {
            object: policy.object,
            path: 'spec.egress',
            message: `${workload.label} is told to use ${host}:${port} (${setting.name}), and no rule of its ${egress.policies.length > 1 ? `${egress.policies.length} policies` : 'policy'} lets it ${goal(ways, port)}: every connection times out.`,
            fix: `Add an egress rule ${ruleFor(ways, port)}.`,
          };
        }
      }
    }
  },
};

function isOpen(model: Model, { rules }: Egress, way: Way, host: string): boolean {
  return rules.some((rule) => {
    if (!reaches(model, rule, way.destination)) return false;
    if (opensPort(rule.ports, way.protocol, way.port, way.portNames)) return true;
    // Which port of its pods a Service leads to that the input does not hold can't be known of these.
    const isUnseen = way.destination.kind === 'pods' && way.portNames === undefined;
    const [name = ''] = host.split('.');
    const isNamed = rule.peers.some(({ podSelector }) =>
      podSelector?.requirements.some(({ values }) => values.includes(name)),
    );
    return (
      isUnseen && (isNamed || (MAPPED_PORTS.has(way.port) && rule.peers.every(({ ipBlock }) => !ipBlock)))
    );
  });
}

/** The ways to a target; none where nothing is certain, or where a pod only talks to itself. */
function waysTo(workload: Workload, { host, service, isInCluster }: Target, port: number): Way[] {
  if (service?.selector) {
    // Policies see the pods' port, since a Service's address is replaced before.
    const servicePort = service.port(port);
    if (service.workloads.includes(workload) && !(service.isHeadless && workload.replicas.possible > 1))
      return [];
    if (service.workloads.length > 0)
      return service.workloads.flatMap((to) => wayToPods(to, servicePort, port));
    const number = typeof servicePort?.targetPort === 'number' ? servicePort.targetPort : port;
    const destination = {
      kind: 'pods',
      namespace: service.namespace,
      labels: service.selector,
      labelsAreKnown: false,
    } as const;
    return [{ destination, port: number, protocol: servicePort?.protocol }];
  }
  const address = host.replace(/^\[|\]$/g, '');
  if (isAddress(address)) return [{ destination: { kind: 'address', address }, port, protocol: undefined }];
  if (!service && isInCluster) {
    const namespace = namespaceOf(host, workload.namespace);
    return [
      {
        destination: { kind: 'pods', namespace, labels: {}, labelsAreKnown: false },
        port,
        protocol: undefined,
      },
    ];
  }
  return [{ destination: { kind: 'host' }, port, protocol: undefined }];
}

function wayToPods(to: Workload, servicePort: ServicePort | undefined, port: number): Way[] {
  const number = servicePort ? podPort(servicePort, to) : port;
  // A name that the pods lack leads nowhere; that is another fault.
  if (number === undefined) return [];
  const names = to.runningContainers.flatMap(({ ports }: Container) =>
    ports.flatMap(({ port: one, name }) => (one === number && name !== undefined ? [name] : [])),
  );
  return [
    {
      destination: { kind: 'pods', namespace: to.namespace, labels: to.podLabels, labelsAreKnown: true },
      port: number,
      protocol: servicePort?.protocol,
      portNames: new Set(names),
    },
  ];
}

/** The namespace that a cluster's host name speaks of: `db`, `db.data`, `db.data.svc`, `db-0.db.data.svc`. */
function namespaceOf(host: string, own: string): string {
  const labels = host.replace(/\.svc(?:\.[a-z0-9.-]+)?$/, '').split('.');
  return labels.length > 1 ? (labels.at(-1) ?? own) : own;
}

function goal(ways: readonly Way[], port: number): string {
  const [way] = ways;
  const toPort = way && way.port !== port ? ` on their port ${way.port}` : '';
  return way?.destination.kind === 'pods' ? `reach those pods${toPort}` : 'out to there';
}

function ruleFor([way]: readonly Way[], port: number): string {
  const to = `port ${way?.port ?? port}`;
  if (way?.destination.kind === 'address')
    return `for ${to} to ipBlock ${way.destination.address}/${addressFamily(way.destination.address) === 6 ? 128 : 32}`;
  if (way?.destination.kind !== 'pods') return `for ${to} to an ipBlock with that host's addresses`;
  const labels = Object.entries(way.destination.labels).map(([key, value]) => `${key}: ${value}`);
  const pods =
    labels.length > 0 ? `podSelector {${labels.slice(0, 3).join(', ')}}` : 'a podSelector of those pods';
  return `for ${to} to ${pods} in namespace ${way.destination.namespace} (namespaceSelector by kubernetes.io/metadata.name)`;
}
