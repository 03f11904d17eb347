import { GATEWAY_GROUP, gatewayManifests } from './gateway-route';
import type { AzureAgcProvider } from './props';
import { metadata, type Route, type TrafficManifests } from './route';

const API_VERSION = 'alb.networking.azure.io/v1';

/** Seconds of silence after which Application Gateway for Containers cuts a stream; it has no setting for it. */
export const AGC_STREAM_IDLE_SECONDS = 300;

/** Gateway API's own objects, and the policies of the ALB controller. */
export function azureAgcManifests(route: Route, provider: AzureAgcProvider): TrafficManifests {
  const { gateway: parent, applicationLoadBalancer: balancer, tls } = provider;
  return {
    ...gatewayManifests(route, {
      parent,
      className: 'azure-alb-external',
      tls,
      annotations:
        balancer === undefined
          ? {}
          : 'resourceId' in balancer
            ? { 'alb.networking.azure.io/alb-id': balancer.resourceId }
            : {
                'alb.networking.azure.io/alb-namespace': balancer.namespace,
                'alb.networking.azure.io/alb-name': balancer.name,
              },
      ...(balancer !== undefined && 'frontend' in balancer
        ? { addresses: [{ type: 'alb.networking.azure.io/alb-frontend', value: balancer.frontend }] }
        : {}),
    }),
    routePolicy: routePolicy(route),
    healthCheckPolicy: healthCheckPolicy(route),
  };
}

/** Its timeout covers a whole stream; the default is 60 seconds. */
function routePolicy(route: Route) {
  const { affinity, timeouts } = route;
  return {
    apiVersion: API_VERSION,
    kind: 'RoutePolicy',
    metadata: metadata(route),
    spec: {
      targetRef: { group: GATEWAY_GROUP, kind: 'HTTPRoute', name: route.name },
      default: {
        timeouts: { routeTimeout: `${timeouts.requestSeconds}s` },
        ...(affinity.by === 'off'
          ? {}
          : {
              sessionAffinity: {
                affinityType: 'application-cookie',
                cookieName: affinity.name,
                cookieDuration: `${affinity.ttlSeconds}s`,
              },
            }),
      },
    },
  };
}

function healthCheckPolicy(route: Route) {
  return {
    apiVersion: API_VERSION,
    kind: 'HealthCheckPolicy',
    metadata: metadata(route),
    spec: {
      targetRef: { group: '', kind: 'Service', name: route.backend.service },
      default: {
        interval: '5s',
        timeout: '5s',
        healthyThreshold: 1,
        unhealthyThreshold: 2,
        port: route.backend.targetPort,
        protocol: 'HTTP',
        http: { path: route.backend.healthPath, match: { statusCodes: [{ start: 200, end: 299 }] } },
      },
    },
  };
}
