import type { Manifest } from '../overrides';
import type { ParentGateway, SecretTls, Unencrypted } from './props';
import { metadata, type Route } from './route';

const API_VERSION = 'gateway.networking.k8s.io/v1';
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/** What differs between the implementations of Gateway API. */
export interface GatewayForm {
  readonly parent: ParentGateway | undefined;
  readonly className: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly addresses?: readonly { readonly type: string; readonly value: string }[];
  /** `cloud`: the annotations name the certificates. */
  readonly tls: SecretTls | Unencrypted | 'cloud' | undefined;
  /** `timeouts` of the HTTPRoute's rule, where the implementation honours them. */
  readonly routeTimeouts?: { readonly request: string };
}

/** The Gateway (unless there is one), the HTTPRoute, and the redirect from HTTP to HTTPS. */
export function gatewayManifests(route: Route, form: GatewayForm) {
  const secret = secretOf(form.tls);
  const encrypted = secret !== undefined || form.tls === 'cloud';
  const made = form.parent === undefined;
  const parent = form.parent ?? { name: route.name };
  const listeners = encrypted ? httpsListeners(route, secret) : [];
  const parentRefs =
    made && encrypted
      ? listeners.map(({ name }) => ({ name: parent.name, sectionName: name }))
      : [{ ...parent }];
  return {
    gateway: made ? gateway(route, form, listeners) : undefined,
    route: {
      apiVersion: API_VERSION,
      kind: 'HTTPRoute',
      metadata: metadata(route),
      spec: {
        parentRefs,
        hostnames: [...route.hosts],
        rules: [
          {
            matches: route.paths.map(({ type, path }) => ({ path: { type, value: path } })),
            backendRefs: [{ name: route.backend.service, port: route.backend.port }],
            ...(form.routeTimeouts === undefined ? {} : { timeouts: form.routeTimeouts }),
          },
        ],
      },
    },
    redirect: made && encrypted ? redirect(route) : undefined,
  } satisfies Record<string, Manifest | undefined>;
}

/** One listener a host: cert-manager and Gateway API both take a certificate's host from its listener. */
function httpsListeners(route: Route, secret: SecretTls | undefined) {
  const certificate =
    secret === undefined
      ? {}
      : { tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: secret.secretName }] } };
  return route.hosts.map((hostname, index) => ({
    name: route.hosts.length === 1 ? 'https' : `https-${index + 1}`,
    hostname,
    port: 443,
    protocol: 'HTTPS',
    allowedRoutes: { namespaces: { from: 'Same' } },
    ...certificate,
  }));
}

function gateway(route: Route, form: GatewayForm, https: readonly { readonly name: string }[]) {
  const annotations = { ...form.annotations, ...issuerAnnotation(secretOf(form.tls)) };
  return {
    apiVersion: API_VERSION,
    kind: 'Gateway',
    metadata: metadata(route, route.name, annotations),
    spec: {
      gatewayClassName: form.className,
      ...(form.addresses === undefined ? {} : { addresses: [...form.addresses] }),
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } },
        ...https,
      ],
    },
  };
}

/** The Secret with the certificate, if that is where it is. */
export function secretOf(tls: GatewayForm['tls']): SecretTls | undefined {
  return typeof tls === 'object' && 'secretName' in tls ? tls : undefined;
}

/** What tells cert-manager to fill the Secret, on a Gateway as on an Ingress. */
export function issuerAnnotation(secret: SecretTls | undefined): Record<string, string> {
  return {
    ...(secret?.clusterIssuer === undefined
      ? {}
      : { 'cert-manager.io/cluster-issuer': secret.clusterIssuer }),
    ...(secret?.issuer === undefined ? {} : { 'cert-manager.io/issuer': secret.issuer }),
  };
}

function redirect(route: Route) {
  return {
    apiVersion: API_VERSION,
    kind: 'HTTPRoute',
    metadata: metadata(route, `${route.name}-redirect`),
    spec: {
      parentRefs: [{ name: route.name, sectionName: 'http' }],
      hostnames: [...route.hosts],
      rules: [
        { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] },
      ],
    },
  };
}
