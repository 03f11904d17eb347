import { listAt, objectAt, objectsAt, textAt, valueAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';

/** Annotations of Services, Ingresses and routes that keep a client on its pod. */
const ANNOTATIONS: readonly (readonly [name: RegExp, value: RegExp])[] = [
  // https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#session-affinity
  [/^nginx\.ingress\.kubernetes\.io\/affinity$/, /^cookie$/],
  [/^nginx\.ingress\.kubernetes\.io\/upstream-hash-by$/, /./],
  [/^nginx\.(?:org|com)\/sticky-cookie-services$/, /./],
  [/^nginx\.org\/lb-method$/, /hash/],
  // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#target-group-attributes
  [/^alb\.ingress\.kubernetes\.io\/target-group-attributes$/, /stickiness\.enabled=true/],
  [/^service\.beta\.kubernetes\.io\/aws-load-balancer-target-group-attributes$/, /stickiness\.enabled=true/],
  // https://azure.github.io/application-gateway-kubernetes-ingress/annotations/#cookie-based-affinity
  [/^appgw\.ingress\.kubernetes\.io\/cookie-based-affinity$/, /^true$/],
  // https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
  [/^traefik\.ingress\.kubernetes\.io\/service\.sticky\.cookie(?:\.name)?$/, /^(?!false).+/],
  [/^traefik\.ingress\.kubernetes\.io\/affinity$/, /^true$/],
  // https://haproxy-ingress.github.io/docs/configuration/keys/#affinity, https://www.haproxy.com/documentation/kubernetes-ingress/
  [/^(?:haproxy-ingress\.github\.io|ingress\.kubernetes\.io)\/affinity$/, /^cookie$/],
  [/^haproxy\.org\/cookie-persistence$/, /./],
  [/^haproxy\.org\/load-balance$/, /^(?:source|hdr|uri|url_param)/],
  // https://developer.konghq.com/kubernetes-ingress-controller/reference/annotations/
  [/^konghq\.com\/upstream-policy$/, /./],
];

/** Whether a Service, Ingress or route by itself keeps a client on the pod that it first reached. */
export function hasAffinity({ manifest, annotations, kind, group }: KubernetesObject): boolean {
  const isAnnotated = Object.entries(annotations).some(([name, value]) =>
    ANNOTATIONS.some(([known, sticky]) => known.test(name) && sticky.test(value)),
  );
  if (isAnnotated) return true;
  const spec = objectAt(manifest, 'spec');
  switch (kind) {
    case 'Service':
      return spec.sessionAffinity === 'ClientIP';
    case 'HTTPRoute':
    case 'GRPCRoute':
      return objectsAt(spec, 'rules').some(({ item }) => item.sessionPersistence !== undefined);
    case 'IngressRoute':
      return objectsAt(spec, 'routes').some(({ item }) =>
        objectsAt(item, 'services').some(({ item: service }) => service.sticky !== undefined),
      );
    case 'HTTPProxy':
      return objectsAt(spec, 'routes').some(({ item }) =>
        /^(?:Cookie|RequestHash)$/.test(textAt(item, 'loadBalancerPolicy', 'strategy') ?? ''),
      );
    case 'Route':
      // OpenShift's router sets a cookie unless it is told not to.
      return (
        group === 'route.openshift.io' &&
        annotations['haproxy.router.openshift.io/disable_cookies'] !== 'true'
      );
    default:
      return false;
  }
}

/** What a policy object makes sticky: the kind and name of a Service, route, Gateway or BackendConfig. */
export interface AffinityPolicy {
  readonly kind: string;
  readonly name: string;
}

/** The targets of a policy object that asks for affinity; none for every other object. */
export function affinityTargets({ kind, manifest, name }: KubernetesObject): AffinityPolicy[] {
  const spec = objectAt(manifest, 'spec');
  switch (kind) {
    case 'BackendConfig': // https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration#session_affinity
      return isSticky(textAt(spec, 'sessionAffinity', 'affinityType')) ? [{ kind, name }] : [];
    case 'GCPBackendPolicy':
      return isSticky(textAt(spec, 'default', 'sessionAffinity', 'type')) ? targetRefs(spec) : [];
    case 'BackendTrafficPolicy': // https://gateway.envoyproxy.io/docs/tasks/traffic/load-balancing/
      return textAt(spec, 'loadBalancer', 'type') === 'ConsistentHash' ? targetRefs(spec) : [];
    case 'RoutePolicy': // Azure Application Gateway for Containers
      return valueAt(spec, 'default', 'sessionAffinity') === undefined ? [] : targetRefs(spec);
    case 'BackendLBPolicy':
    case 'XBackendTrafficPolicy':
      return spec.sessionPersistence === undefined ? [] : targetRefs(spec);
    case 'DestinationRule': // https://istio.io/latest/docs/reference/config/networking/destination-rule/
      return valueAt(spec, 'trafficPolicy', 'loadBalancer', 'consistentHash') === undefined
        ? []
        : [{ kind: 'Service', name: (textAt(spec, 'host') ?? '').split('.')[0] ?? '' }];
    default:
      return [];
  }
}

function isSticky(type: string | undefined): boolean {
  return type !== undefined && type !== 'NONE';
}

function targetRefs(spec: JsonObject): AffinityPolicy[] {
  return [objectAt(spec, 'targetRef'), ...listAt(spec, 'targetRefs')].flatMap((reference) => {
    const kind = textAt(reference, 'kind');
    const name = textAt(reference, 'name');
    return kind !== undefined && name !== undefined ? [{ kind, name }] : [];
  });
}
