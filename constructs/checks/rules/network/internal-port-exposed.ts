import { internalPurpose } from '../../known/ports';
import { isPrivateEntrance } from '../../known/private-entrances';
import { type Container, type Model, podPort, type Route, type Service, type ServicePort } from '../../model';
import type { Rule } from '../../rule';

/** Ports for machines of the same system that everybody can reach. */
export const internalPortExposed: Rule = {
  id: 'network/internal-port-exposed',
  severity: 'error',
  description:
    'A port for metrics, peers or administration on a LoadBalancer, NodePort, Ingress or HTTPRoute.',
  *check(model: Model) {
    for (const service of model.services) {
      const { object, type } = service;
      if ((type !== 'LoadBalancer' && type !== 'NodePort') || isPrivateEntrance(object)) continue;
      for (const port of service.ports) {
        const purpose = purposeOf(service, port);
        if (purpose === undefined) continue;
        yield {
          object,
          path: port.path,
          message: `This ${type} opens port ${portText(port)}, which is for ${purpose}, to whoever reaches ${type === 'NodePort' ? 'a node' : 'the load balancer'}.`,
          fix: 'Move this port to a Service of type ClusterIP of its own.',
        };
      }
    }
    const reported = new Set<string>();
    for (const route of model.routes) {
      const { object, backend } = route;
      const key = `${object.kind}/${object.namespace}/${object.name}/${backend.path}`;
      const purpose = reported.has(key) || isPrivateEntrance(object) ? undefined : routePurpose(route);
      if (purpose === undefined) continue;
      reported.add(key);
      yield {
        object,
        path: backend.portPath,
        message: `This ${object.kind} leads to port ${route.servicePort ? portText(route.servicePort) : backend.port} of Service/${backend.name}, which is for ${purpose}: everybody who reaches ${route.hosts[0] ?? 'it'} has it.`,
        fix: 'Remove this backend; what is inside the cluster reaches the port by its Service.',
      };
    }
  },
};

function routePurpose({ service, servicePort, backend }: Route): string | undefined {
  if (service && servicePort) return purposeOf(service, servicePort);
  // Of a Service that the input does not hold, only a port's name says anything.
  return typeof backend.port === 'string' ? internalPurpose(backend.port, undefined) : undefined;
}

/** What a Service's port is for, if that is something internal. */
function purposeOf(service: Service, port: ServicePort): string | undefined {
  const targetName = typeof port.targetPort === 'string' ? port.targetPort : undefined;
  const named = internalPurpose(port.name, undefined) ?? internalPurpose(targetName, undefined);
  if (named !== undefined) return named;
  const [workload] = service.workloads;
  const number = workload
    ? podPort(port, workload)
    : typeof port.targetPort === 'number'
      ? port.targetPort
      : port.port;
  const container = workload?.runningContainers.find(({ ports }) =>
    ports.some(({ port: one }) => one === number),
  );
  const ownName = container?.ports.find(({ port: one }) => one === number)?.name;
  const ownPurpose =
    internalPurpose(ownName, undefined) ?? separateMetrics(workload?.runningContainers ?? [], number);
  if (ownPurpose !== undefined) return ownPurpose;
  // A number alone may deceive: a program may serve its public pages there, and nothing else. Of pods that the input
  // does not hold, the name has the last word.
  const isOnlyPort = container ? container.ports.length === 1 : !workload || service.ports.length === 1;
  const name = port.name ?? targetName ?? ownName ?? '';
  const isPublic = PUBLIC_NAMES.test(name) || (isOnlyPort && WEB_NAMES.test(name));
  return isPublic ? undefined : internalPurpose(undefined, number);
}

/** Metrics, peers and administration are none of these; they may well be `http`. */
const PUBLIC_NAMES = /^(?:https|h2c|grpc|ws|ui|api|public|ingress|gateway)(?:$|[-_.\d])|[-_](?:api|ui)$/i;
const WEB_NAMES = /^(?:http2?|web|app|server|main)(?:$|[-_.\d])|[-_](?:https?|web)$/i;

/** A port that an engine or application has for its metrics alone. */
function separateMetrics(containers: readonly Container[], port: number | undefined): string | undefined {
  const isMetrics = containers.some(
    ({ engine }) => engine?.metrics && engine.metrics.port !== engine.port && engine.metrics.port === port,
  );
  return isMetrics ? 'metrics' : undefined;
}

function portText({ name, port }: ServicePort): string {
  return name === undefined ? `${port}` : `${port} (${name})`;
}
