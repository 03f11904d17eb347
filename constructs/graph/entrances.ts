import { listAt, objectsAt, scalarText, textAt } from '../checks/json';
import type { KubernetesObject } from '../checks/kubernetes-object';
import { type Model, podPort, type Service, type ServicePort, type Workload } from '../checks/model';
import type { EntranceBox } from './picture';

/** A way in, and the pods that it leads to. */
export interface Entrance {
  readonly box: EntranceBox;
  /** Ports that clients come to. */
  readonly ports: readonly string[];
  readonly backends: readonly { readonly workload: Workload; readonly port: number | undefined }[];
}

/** Gateways with their routes, Ingresses, and Services with an address of their own outside the cluster. */
export function entrancesOf(model: Model): Entrance[] {
  const found = new Map<string, Draft>();
  for (const { object, hosts, service, servicePort } of model.routes) {
    const gateway = gatewayOf(model, object);
    const draft = draftOf(found, gateway ?? object);
    for (const host of hosts) draft.hosts.add(host);
    if (service) addBackends(draft, service, servicePort);
  }
  for (const service of model.services) {
    if (service.type !== 'LoadBalancer' && service.type !== 'NodePort') continue;
    const draft = draftOf(found, service.object);
    for (const port of service.ports) addBackends(draft, service, port);
  }
  return [...found.values()].map(entrance);
}

interface Draft {
  readonly object: KubernetesObject;
  readonly hosts: Set<string>;
  readonly backends: Map<string, Entrance['backends'][number]>;
}

function draftOf(found: Map<string, Draft>, object: KubernetesObject): Draft {
  const id = idOf(object);
  const draft = found.get(id) ?? { object, hosts: new Set(), backends: new Map() };
  found.set(id, draft);
  return draft;
}

const idOf = ({ namespace, kind, name }: KubernetesObject) => `${namespace}/${kind}/${name}`;

function gatewayOf(model: Model, { manifest, namespace }: KubernetesObject): KubernetesObject | undefined {
  const [parent] = objectsAt(manifest, 'spec', 'parentRefs');
  const name = textAt(parent?.item, 'name');
  return name === undefined
    ? undefined
    : model.find('Gateway', textAt(parent?.item, 'namespace') ?? namespace, name);
}

function addBackends({ backends }: Draft, service: Service, servicePort: ServicePort | undefined): void {
  for (const workload of service.workloads) {
    const port = servicePort && podPort(servicePort, workload);
    backends.set(`${workload.namespace}/${workload.label}:${port ?? ''}`, { workload, port });
  }
}

function entrance({ object, hosts, backends }: Draft): Entrance {
  const { manifest, kind, name, namespace } = object;
  const className =
    textAt(manifest, 'spec', 'gatewayClassName') ?? textAt(manifest, 'spec', 'ingressClassName');
  const isService = kind === 'Service';
  const ports = isService
    ? objectsAt(manifest, 'spec', 'ports').map(({ item }) => scalarText(item.port) ?? '')
    : objectsAt(manifest, 'spec', 'listeners').map(({ item }) => scalarText(item.port) ?? '');
  const ofAlb = [
    ...(object.annotations['alb.ingress.kubernetes.io/listen-ports'] ?? '').matchAll(/"HTTPS?":\s*(\d+)/g),
  ].flatMap(([, port]) => port ?? []);
  const usual = listAt(manifest, 'spec', 'tls').length > 0 ? '443' : '80';
  return {
    box: {
      type: 'entrance',
      id: idOf(object),
      name,
      namespace,
      kind: isService ? `Service, ${textAt(manifest, 'spec', 'type')}` : kind,
      facts: [...hostTexts([...hosts]), ...(className === undefined ? [] : [`class ${className}`])],
    },
    ports: [...new Set([ports, ofAlb, kind === 'Ingress' ? [usual] : []].find(({ length }) => length > 0))],
    backends: [...backends.values()],
  };
}

function hostTexts(hosts: readonly string[]): string[] {
  const shown = hosts.slice(0, 2);
  return hosts.length > shown.length ? [...shown, `and ${hosts.length - shown.length} more hosts`] : shown;
}
