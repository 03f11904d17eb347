import { formatDuration } from '../../contracts/units';
import { GATEWAY_GROUP, gatewayManifests } from './gateway-route';
import type { GatewayApiProvider } from './props';
import { metadata, type Route, type TrafficManifests } from './route';

const API_VERSION = 'gateway.envoyproxy.io/v1alpha1';

/** Gateway API's own objects, and Envoy Gateway's policies for what it leaves open. */
export function gatewayApiManifests(route: Route, provider: GatewayApiProvider): TrafficManifests {
  const { implementation = 'envoy-gateway', className = 'envoy', gateway, tls } = provider;
  const manifests = gatewayManifests(route, {
    parent: gateway,
    className,
    tls,
    routeTimeouts: { request: formatDuration(route.timeouts.requestSeconds) },
  });
  if (implementation === 'other') return manifests;
  return {
    ...manifests,
    backendTrafficPolicy: backendTrafficPolicy(route, provider.maxStreams ?? 10_000),
    // It belongs to the whole Gateway, of which there can be one policy: an existing Gateway's owner writes it.
    clientTrafficPolicy: gateway === undefined ? clientTrafficPolicy(route) : undefined,
  };
}

/** No `retry`: Envoy Gateway then never sends a request twice, and a generation is not idempotent. */
function backendTrafficPolicy(route: Route, maxStreams: number) {
  const { by, name, ttlSeconds } = route.affinity;
  const input =
    by === 'cookie'
      ? { type: 'Cookie', cookie: { name, ttl: formatDuration(ttlSeconds), attributes: { SameSite: 'Lax' } } }
      : { type: 'Header', header: { name } };
  return {
    apiVersion: API_VERSION,
    kind: 'BackendTrafficPolicy',
    metadata: metadata(route),
    spec: {
      targetRefs: [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', name: route.name }],
      // Streams differ in length by orders of magnitude: where nothing sticks, the least busy pod is the best.
      loadBalancer:
        by === 'off' ? { type: 'LeastRequest' } : { type: 'ConsistentHash', consistentHash: input },
      timeout: { tcp: { connectTimeout: '10s' } },
      circuitBreaker: {
        maxConnections: maxStreams,
        maxPendingRequests: maxStreams,
        maxParallelRequests: maxStreams,
      },
    },
  };
}

function clientTrafficPolicy(route: Route) {
  const idle = formatDuration(route.timeouts.idleSeconds);
  return {
    apiVersion: API_VERSION,
    kind: 'ClientTrafficPolicy',
    metadata: metadata(route),
    spec: {
      targetRefs: [{ group: GATEWAY_GROUP, kind: 'Gateway', name: route.name }],
      timeout: { http: { idleTimeout: idle, streamIdleTimeout: idle } },
    },
  };
}
