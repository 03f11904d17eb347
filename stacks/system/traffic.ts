import type { Construct } from 'constructs';
import { type PublicPath, Traffic } from '../../constructs/kubernetes';
import type { SystemSettings } from '../topology/settings';
import { trafficProvider } from './traffic-provider';

/** What answers clients. */
export interface Entrance {
  /** Label `app.kubernetes.io/name` of the route. */
  readonly application: string;
  /** Port of the Service, and of its pods. */
  readonly port: number;
  /** @default the topology's name */
  readonly service?: string;
  /** Path that says 200 while a pod takes new work. @default the runtime's */
  readonly healthPath?: string;
  /** What is opened. @default the runtime's public paths */
  readonly paths?: readonly PublicPath[];
}

/** Lets clients in as the topology says it; nothing is made where they stay out. */
export function openTraffic(
  scope: Construct,
  { name, traffic, allow, shutdown }: SystemSettings,
  { application, port, service = name, healthPath, paths }: Entrance,
): Traffic | undefined {
  if (traffic.type === 'none') return undefined;
  const { affinity, timeouts } = traffic;
  return new Traffic(scope, 'traffic', {
    name,
    identity: { application, instance: name, component: 'traffic' },
    hosts: traffic.hosts,
    paths,
    backend: {
      service,
      port,
      healthPath,
      drainSeconds: shutdown.preStop.seconds + shutdown.drain.seconds,
    },
    affinity: { by: affinity.by, name: affinity.name, ttlSeconds: affinity.ttl.seconds },
    timeouts: { requestSeconds: timeouts.request.seconds, idleSeconds: timeouts.idle.seconds },
    provider: trafficProvider(traffic, allow),
  });
}

/** Base URL for clients: where the hosts lead to, or the Service inside the cluster. */
export function baseUrl(
  { name, namespace, traffic, allow }: SystemSettings,
  port: number,
  service = name,
): string {
  if (traffic.type === 'none') return `http://${service}.${namespace}.svc.cluster.local:${port}`;
  const { tls } = trafficProvider(traffic, allow);
  const isPlain = typeof tls === 'object' && 'unencrypted' in tls;
  return `${isPlain ? 'http' : 'https'}://${traffic.hosts[0]?.replace('*', name)}`;
}

/** A command that asks a system, from outside or through a port-forward. */
export function commandFor(
  settings: SystemSettings,
  port: number,
  call: (baseUrl: string) => string,
  service = settings.name,
): string {
  if (settings.traffic.type !== 'none') return call(baseUrl(settings, port, service));
  return `kubectl -n ${settings.namespace} port-forward service/${service} ${port}:${port} & sleep 2; ${call(`http://127.0.0.1:${port}`)}`;
}
