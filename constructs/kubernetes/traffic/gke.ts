import { gatewayManifests } from './gateway-route';
import type { GkeProvider } from './props';
import { metadata, type Route, type TrafficManifests } from './route';

const API_VERSION = 'networking.gke.io/v1';

/** Where Google's proxies and health checks come from, for the external load balancers. */
export const GOOGLE_LOAD_BALANCER_CIDRS = ['130.211.0.0/22', '35.191.0.0/16'] as const;

/** Gateway API's own objects, and Google's policies on the Service. */
export function gkeManifests(route: Route, provider: GkeProvider): TrafficManifests {
  const { gateway: parent, className = 'gke-l7-global-external-managed', tls } = provider;
  const inCloud = tls !== undefined && 'certificateMap' in tls;
  return {
    ...gatewayManifests(route, {
      parent,
      className,
      tls: inCloud ? 'cloud' : tls,
      annotations: inCloud ? { 'networking.gke.io/certmap': tls.certificateMap } : {},
    }),
    gcpBackendPolicy: gcpBackendPolicy(route),
    healthCheckPolicy: healthCheckPolicy(route),
  };
}

/** Its timeout covers a whole stream; the default of 30 seconds would cut every long answer, and every WebSocket. */
function gcpBackendPolicy(route: Route) {
  const { affinity, backend, timeouts } = route;
  return {
    apiVersion: API_VERSION,
    kind: 'GCPBackendPolicy',
    metadata: metadata(route),
    spec: {
      default: {
        timeoutSec: timeouts.requestSeconds,
        connectionDraining: { drainingTimeoutSec: backend.drainSeconds },
        ...(affinity.by === 'off'
          ? {}
          : { sessionAffinity: { type: 'GENERATED_COOKIE', cookieTtlSec: affinity.ttlSeconds } }),
      },
      targetRef: { group: '', kind: 'Service', name: backend.service },
    },
  };
}

function healthCheckPolicy(route: Route) {
  return {
    apiVersion: API_VERSION,
    kind: 'HealthCheckPolicy',
    metadata: metadata(route),
    spec: {
      default: {
        checkIntervalSec: 5,
        timeoutSec: 5,
        healthyThreshold: 1,
        unhealthyThreshold: 2,
        config: {
          type: 'HTTP',
          httpHealthCheck: { portSpecification: 'USE_SERVING_PORT', requestPath: route.backend.healthPath },
        },
      },
      targetRef: { group: '', kind: 'Service', name: route.backend.service },
    },
  };
}
