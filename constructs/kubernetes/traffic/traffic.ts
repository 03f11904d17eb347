import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { PATHS, PUBLIC_PATHS, SECONDS } from '../../../runtime/contract.cjs';
import { InvalidInputError } from '../../contracts';
import { type Identity, labels, nameProblems } from '../labels';
import { makeObjects, type Overrides } from '../objects';
import { awsAlbManifests } from './aws-alb';
import { AGC_STREAM_IDLE_SECONDS, azureAgcManifests } from './azure-agc';
import { gatewayApiManifests } from './envoy-gateway';
import { GOOGLE_LOAD_BALANCER_CIDRS, gkeManifests } from './gke';
import { nginxIngressManifests } from './nginx-ingress';
import { providerProblems, routeProblems } from './problems';
import type {
  Affinity,
  PublicPath,
  RouteBackend,
  RouteTimeouts,
  TrafficClient,
  TrafficProvider,
} from './props';
import type { Route, TrafficManifests, TrafficObject } from './route';
import { trafficWarnings } from './warnings';

/** Hosts, what answers them, and what brings requests there. */
export interface TrafficProps {
  /** Name of the route, its Gateway and its policies. */
  readonly name: string;
  /** Whom the objects belong to. */
  readonly identity: Identity;
  /** Host names that clients use; `*.` may lead one. */
  readonly hosts: readonly string[];
  /** The Service that answers. */
  readonly backend: RouteBackend;
  /** What is opened; nothing else is. @default the runtime's public paths: API, WebSocket, chat page, login */
  readonly paths?: readonly PublicPath[];
  /** @default a cookie, for an hour */
  readonly affinity?: Affinity;
  /** @default an hour, for the whole and for silence: streams are long, and the usual 60 seconds cut them */
  readonly timeouts?: RouteTimeouts;
  /** What stands before the cluster, and its own settings. */
  readonly provider: TrafficProvider;
  /** Patches, by object. */
  readonly overrides?: Overrides<TrafficObject>;
}

/**
 * Lets clients outside the cluster in: a Gateway API route or an Ingress, with what the provider in front needs for
 * affinity, long streams, TLS, health and draining. WebSockets need nothing: all of the providers upgrade. A POST is
 * never sent twice, since a generation is not idempotent.
 *
 * A leaving pod is taken out of the endpoints while its preStop sleep lets every proxy learn of it, then hands its
 * streams over; `backend.drainSeconds` is the sum of the two, for which load balancers keep its connections.
 *
 * Throws an `InvalidInputError` for a public host without TLS, paths that open metrics, and times or affinities that
 * the provider can't do.
 */
export class Traffic extends Construct {
  private readonly provider: TrafficProvider;
  /** Those of the objects that the provider calls for. */
  readonly objects: { readonly [K in TrafficObject]?: ApiObject };
  /** What works, yet whoever runs it should know; also on the construct's node as metadata `warning`. */
  readonly warnings: readonly string[];

  constructor(scope: Construct, id: string, props: TrafficProps) {
    super(scope, id);
    const { provider } = props;
    const route = routeOf(props);
    const problems = [
      ...nameProblems('name', props.name),
      ...routeProblems(route, provider),
      ...providerProblems(route, provider),
    ];
    this.objects = makeObjects(this, manifestsOf(route, provider), props.overrides, problems);
    this.provider = provider;
    this.warnings = trafficWarnings(route, provider);
    for (const warning of this.warnings) this.node.addMetadata('warning', warning);
  }

  /** Who sends requests to the pods, for `NetworkIsolation`. Throws where nobody has said it. */
  get clients(): readonly TrafficClient[] {
    const client = clientOf(this.provider);
    if (client !== undefined) return [client];
    throw new InvalidInputError(this.node.path, [
      {
        path: 'provider.loadBalancerCidrs',
        value: undefined,
        reason: 'is missing, so network policies would keep the load balancer out',
        mend: "name the load balancer's subnets",
      },
    ]);
  }
}

function routeOf(props: TrafficProps): Route {
  const { backend, affinity, timeouts, provider } = props;
  return {
    name: props.name,
    labels: labels(props.identity),
    hosts: props.hosts,
    paths: props.paths ?? PUBLIC_PATHS,
    backend: {
      service: backend.service,
      port: backend.port,
      targetPort: backend.targetPort ?? backend.port,
      healthPath: backend.healthPath ?? PATHS.ready,
      drainSeconds: backend.drainSeconds ?? SECONDS.preStop + SECONDS.drain,
    },
    affinity: {
      by: affinity?.by ?? 'cookie',
      name: affinity?.name ?? 'polypod-session',
      ttlSeconds: affinity?.ttlSeconds ?? 3600,
    },
    timeouts: {
      requestSeconds: timeouts?.requestSeconds ?? 3600,
      idleSeconds: timeouts?.idleSeconds ?? (provider.type === 'azure-agc' ? AGC_STREAM_IDLE_SECONDS : 3600),
    },
  };
}

function manifestsOf(route: Route, provider: TrafficProvider): TrafficManifests {
  switch (provider.type) {
    case 'gateway-api':
      return gatewayApiManifests(route, provider);
    case 'aws-alb':
      return awsAlbManifests(route, provider);
    case 'gke':
      return gkeManifests(route, provider);
    case 'azure-agc':
      return azureAgcManifests(route, provider);
    case 'nginx-ingress':
      return nginxIngressManifests(route, provider);
  }
}

function clientOf(provider: TrafficProvider): TrafficClient | undefined {
  switch (provider.type) {
    case 'gateway-api':
      return provider.from ?? { namespace: 'envoy-gateway-system' };
    case 'nginx-ingress':
      return provider.from ?? { namespace: 'ingress-nginx' };
    case 'gke':
      return { cidrs: provider.loadBalancerCidrs ?? GOOGLE_LOAD_BALANCER_CIDRS };
    default:
      return provider.loadBalancerCidrs && { cidrs: provider.loadBalancerCidrs };
  }
}
