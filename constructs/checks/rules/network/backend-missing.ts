import { isPlaceholder } from '../../../contracts/placeholder';
import { isOfOtherRelease } from '../../known/other-releases';
import { type Model, mapSelector, type Route, type Service } from '../../model';
import type { Finding, Rule } from '../../rule';

/** Ways from outside that lead nowhere. */
export const backendMissing: Rule = {
  id: 'network/backend-missing',
  severity: 'error',
  description:
    'An Ingress or route to a port that its Service does not have, or to a Service that is not there although others of its namespace are.',
  *check(model: Model) {
    const servicesIn = new Map<string, Set<string>>();
    for (const { namespace, name } of model.services) {
      const names = servicesIn.get(namespace);
      if (names) names.add(name);
      else servicesIn.set(namespace, new Set([name]));
    }
    const reported = new Set<string>();
    for (const route of model.routes) {
      const { object, backend } = route;
      if (backend.kind !== 'Service' || backend.name === '' || isPlaceholder(backend.name)) continue;
      const key = `${object.kind}/${object.namespace}/${object.name}/${backend.path}`;
      if (reported.has(key)) continue;
      const found = route.service
        ? portMissing(route, route.service)
        : serviceMissing(model, route, servicesIn.get(backend.namespace));
      if (!found) continue;
      reported.add(key);
      yield found;
    }
  },
};

function portMissing(
  { object, backend, servicePort }: Route,
  { name, type, ports }: Service,
): Finding | undefined {
  const { port } = backend;
  // A controller takes any port of an external name; OpenShift's routes may name the pods' port.
  if (servicePort || type === 'ExternalName' || isPlaceholder(port)) return undefined;
  if (object.kind === 'Route' && ports.some(({ targetPort }) => targetPort === port)) return undefined;
  // Only Gateway API requires a port; elsewhere the Service's only one is taken.
  if (port === undefined && object.group !== 'gateway.networking.k8s.io') return undefined;
  const names = ports.map(({ port: number, name: portName }) =>
    portName ? `${number} (${portName})` : `${number}`,
  );
  const has = names.length > 0 ? `has ${names.join(', ')}` : 'has no ports';
  return {
    object,
    path: backend.portPath,
    message:
      port === undefined
        ? `This leads to Service/${name} without saying to which port: the route is refused.`
        : `This leads to port ${port} of Service/${name}, which ${has}: every request ends in an error.`,
    fix:
      names.length > 0 ? `Name a port of the Service: ${names.join(' or ')}.` : 'Give the Service this port.',
  };
}

const MOST_NAMES = 5;

function serviceMissing(
  model: Model,
  { object, backend }: Route,
  others: ReadonlySet<string> | undefined,
): Finding | undefined {
  const { name, namespace, port } = backend;
  // `use-annotation` is an action of the AWS load balancer controller, and names no Service.
  if (others === undefined || port === 'use-annotation' || isOfOtherRelease(name)) return undefined;
  // Controllers make Services too, named after the custom resource: `chat-predictor`.
  if (model.controllerMayMake(mapSelector({ name }), namespace)) return undefined;
  const names: string[] = [];
  for (const other of others) if (names.push(other) === MOST_NAMES) break;
  const more = others.size - names.length;
  const shown = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return {
    object,
    path: backend.namePath,
    message: `This leads to Service/${name}, which is not there; namespace ${namespace} has ${shown}: every request ends in an error.`,
    fix: 'Name a Service that is there, or add this one.',
  };
}
