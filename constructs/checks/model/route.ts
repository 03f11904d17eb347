import { listAt, objectAt, objectsAt, pathTo, scalarText, textAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import type { Service, ServicePort } from './service';

/** One way from outside to a Service: a rule's path of an Ingress or route, and one of its backends. */
export interface Route {
  readonly object: KubernetesObject;
  readonly hosts: readonly string[];
  /** Path that it opens: `/`, `/api`. Routes without paths (TCP, TLS) open `/`. */
  readonly urlPath: string;
  /** `Exact`, `Prefix` (also PathPrefix), `RegularExpression` or `ImplementationSpecific`. */
  readonly pathType: string;
  /** Where the path that it opens stands in the route's object. */
  readonly matchPath: string;
  readonly backend: {
    /** `Service`, or another kind such as `InferencePool`. */
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
    /** Number or name. @default none given */
    readonly port: number | string | undefined;
    /** Path of the backend in the route's object, and of the fields in it that name the Service and its port. */
    readonly path: string;
    readonly namePath: string;
    readonly portPath: string;
  };
  /** The Service, if the input holds it. */
  readonly service: Service | undefined;
  /** Its port that the route names, if it has that. */
  readonly servicePort: ServicePort | undefined;
}

type Draft = Omit<Route, 'object' | 'service' | 'servicePort'>;

/** The ways that an Ingress or route opens; none for every other kind. */
export function routesOf(model: Model, object: KubernetesObject): Route[] {
  return drafts(object).map((draft) => {
    const { backend } = draft;
    const service = backend.kind === 'Service' ? model.service(backend.namespace, backend.name) : undefined;
    const servicePort = backend.port === undefined ? undefined : service?.port(backend.port);
    return { ...draft, object, service, servicePort };
  });
}

function drafts(object: KubernetesObject): Draft[] {
  switch (object.kind) {
    case 'Ingress':
      return ingress(object);
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TCPRoute':
    case 'TLSRoute':
    case 'UDPRoute':
      return object.group === 'gateway.networking.k8s.io' ? gatewayRoute(object) : [];
    case 'IngressRoute':
      return traefikRoute(object);
    case 'HTTPProxy':
      return contourProxy(object);
    case 'VirtualService':
      return istioVirtualService(object);
    case 'Route':
      return object.group === 'route.openshift.io' ? openshiftRoute(object) : [];
    default:
      return [];
  }
}

function ingress(object: KubernetesObject): Draft[] {
  const { manifest, namespace } = object;
  const backend = (value: JsonObject, path: string): Draft['backend'] | undefined => {
    const name = textAt(value, 'service', 'name') ?? textAt(value, 'serviceName');
    const port = objectAt(value, 'service', 'port');
    if (name === undefined) return undefined;
    const isOld = value.serviceName !== undefined; // extensions/v1beta1
    const portField = ['service', 'port', port.number === undefined ? 'name' : 'number'];
    return {
      kind: 'Service',
      name,
      namespace,
      port: portOf(port.number ?? port.name ?? value.servicePort),
      path,
      namePath: isOld ? pathTo(path, 'serviceName') : pathTo(path, 'service', 'name'),
      portPath: isOld ? pathTo(path, 'servicePort') : pathTo(path, ...portField),
    };
  };
  const found: Draft[] = [];
  for (const field of ['defaultBackend', 'backend']) {
    const to = backend(objectAt(manifest, 'spec', field), pathTo('spec', field));
    if (to) found.push({ hosts: [], urlPath: '/', pathType: 'Prefix', matchPath: to.path, backend: to });
  }
  for (const { item: rule, index } of objectsAt(manifest, 'spec', 'rules')) {
    for (const { item, index: position } of objectsAt(rule, 'http', 'paths')) {
      const path = pathTo('spec', 'rules', index, 'http', 'paths', position);
      const to = backend(objectAt(item, 'backend'), pathTo(path, 'backend'));
      if (!to) continue;
      found.push({
        hosts: [textAt(rule, 'host')].filter((host) => host !== undefined),
        urlPath: textAt(item, 'path') ?? '/',
        pathType: textAt(item, 'pathType') ?? 'ImplementationSpecific',
        matchPath: pathTo(path, 'path'),
        backend: to,
      });
    }
  }
  return found;
}

function gatewayRoute({ manifest, namespace }: KubernetesObject): Draft[] {
  const hosts = listAt(manifest, 'spec', 'hostnames').filter((host) => typeof host === 'string');
  return objectsAt(manifest, 'spec', 'rules').flatMap(({ item: rule, index }) => {
    const matches = objectsAt(rule, 'matches').map(({ item }) => objectAt(item, 'path'));
    return objectsAt(rule, 'backendRefs').flatMap(({ item, index: position }) =>
      (matches.length > 0 ? matches : [{}]).map((match, matchIndex) => ({
        hosts,
        urlPath: textAt(match, 'value') ?? '/',
        pathType: (textAt(match, 'type') ?? 'PathPrefix').replace('PathPrefix', 'Prefix'),
        matchPath: pathTo('spec', 'rules', index, 'matches', matchIndex, 'path', 'value'),
        backend: namedBackend(item, namespace, pathTo('spec', 'rules', index, 'backendRefs', position)),
      })),
    );
  });
}

function traefikRoute({ manifest, namespace }: KubernetesObject): Draft[] {
  return objectsAt(manifest, 'spec', 'routes').flatMap(({ item: route, index }) => {
    const match = textAt(route, 'match') ?? '';
    const path = /(Path|PathPrefix)\(`([^`]+)`/.exec(match);
    return objectsAt(route, 'services').map(({ item, index: position }) => ({
      hosts: [...match.matchAll(/Host\(`([^`]+)`/g)].flatMap(([, host]) => host ?? []),
      urlPath: path?.[2] ?? '/',
      pathType: path?.[1] === 'Path' ? 'Exact' : 'Prefix',
      matchPath: pathTo('spec', 'routes', index, 'match'),
      backend: namedBackend(item, namespace, pathTo('spec', 'routes', index, 'services', position)),
    }));
  });
}

function contourProxy({ manifest, namespace }: KubernetesObject): Draft[] {
  const host = textAt(manifest, 'spec', 'virtualhost', 'fqdn');
  return objectsAt(manifest, 'spec', 'routes').flatMap(({ item: route, index }) =>
    objectsAt(route, 'services').map(({ item, index: position }) => ({
      hosts: host === undefined ? [] : [host],
      urlPath: textAt(route, 'conditions', 0, 'prefix') ?? '/',
      pathType: 'Prefix',
      matchPath: pathTo('spec', 'routes', index, 'conditions', 0, 'prefix'),
      backend: namedBackend(item, namespace, pathTo('spec', 'routes', index, 'services', position)),
    })),
  );
}

const ISTIO_MATCHES = { Prefix: 'prefix', Exact: 'exact', RegularExpression: 'regex' };

/** Only routes through a gateway lead in from outside; those of the mesh alone do not. */
function istioVirtualService({ manifest, namespace }: KubernetesObject): Draft[] {
  if (listAt(manifest, 'spec', 'gateways').every((gateway) => gateway === 'mesh')) return [];
  const hosts = listAt(manifest, 'spec', 'hosts').filter((host) => typeof host === 'string');
  return objectsAt(manifest, 'spec', 'http').flatMap(({ item: rule, index }) =>
    objectsAt(rule, 'route').map(({ item, index: position }) => {
      const uri = objectAt(rule, 'match', 0, 'uri');
      const [name = '', inNamespace = namespace] = (textAt(item, 'destination', 'host') ?? '').split('.');
      const [pathType = 'Prefix', field = 'prefix'] =
        Object.entries(ISTIO_MATCHES).find(([, name]) => textAt(uri, name)) ?? [];
      const path = pathTo('spec', 'http', index, 'route', position, 'destination');
      return {
        hosts,
        urlPath: textAt(uri, field) ?? '/',
        pathType,
        matchPath: pathTo('spec', 'http', index, 'match', 0, 'uri', field),
        backend: {
          kind: 'Service',
          name,
          namespace: inNamespace,
          port: portOf(objectAt(item, 'destination', 'port').number),
          path,
          namePath: pathTo(path, 'host'),
          portPath: pathTo(path, 'port', 'number'),
        },
      };
    }),
  );
}

function openshiftRoute({ manifest, namespace }: KubernetesObject): Draft[] {
  const host = textAt(manifest, 'spec', 'host');
  return [
    {
      hosts: host === undefined ? [] : [host],
      urlPath: textAt(manifest, 'spec', 'path') ?? '/',
      pathType: 'Prefix',
      matchPath: 'spec.path',
      backend: {
        kind: textAt(manifest, 'spec', 'to', 'kind') ?? 'Service',
        name: textAt(manifest, 'spec', 'to', 'name') ?? '',
        namespace,
        port: portOf(objectAt(manifest, 'spec', 'port').targetPort),
        path: 'spec.to',
        namePath: 'spec.to.name',
        portPath: 'spec.port.targetPort',
      },
    },
  ];
}

/** A backend whose kind, name, namespace and port stand side by side. */
function namedBackend(item: JsonObject, namespace: string, path: string): Draft['backend'] {
  return {
    kind: textAt(item, 'kind') ?? 'Service',
    name: textAt(item, 'name') ?? '',
    namespace: textAt(item, 'namespace') ?? namespace,
    port: portOf(item.port),
    path,
    namePath: pathTo(path, 'name'),
    portPath: pathTo(path, 'port'),
  };
}

function portOf(value: JsonObject[string]): number | string | undefined {
  const text = scalarText(value);
  if (text === undefined || text === '') return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}
