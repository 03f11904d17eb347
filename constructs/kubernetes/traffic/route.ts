import type { Manifest } from '../overrides';
import type { Affinity, PublicPath, RouteBackend, RouteTimeouts } from './props';

/** What to route, with every default filled in: what the providers write their objects from. */
export interface Route {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  readonly paths: readonly PublicPath[];
  readonly backend: Required<RouteBackend>;
  readonly affinity: Required<Affinity>;
  readonly timeouts: Required<RouteTimeouts>;
}

/** Every object that one provider or another makes. */
export type TrafficObject =
  | 'gateway'
  | 'route'
  | 'redirect'
  | 'ingress'
  | 'backendTrafficPolicy'
  | 'clientTrafficPolicy'
  | 'gcpBackendPolicy'
  | 'routePolicy'
  | 'healthCheckPolicy';

export type TrafficManifests = { readonly [K in TrafficObject]?: Manifest | undefined };

/** Metadata of one of the route's objects. */
export function metadata(
  route: Route,
  name = route.name,
  annotations: Readonly<Record<string, string>> = {},
) {
  return {
    name,
    labels: { ...route.labels },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
  };
}
