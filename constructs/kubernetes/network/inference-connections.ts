import { PORTS } from '../../../runtime/contract.cjs';
import type { CacheConnection, DatabaseConnection } from '../../contracts';
import { type Addresses, type Connection, connectionTo, type Party, type Pods } from './connection';

/** How the parts of an inference system are wired. Workloads stand by the names that `NetworkIsolation` knows. */
export interface InferenceWiring {
  /** Workloads that run the runtime, in any role; they all call each other on the peer port. */
  readonly nodes: readonly string[];
  /** Those of them that answer the API: the gateways, or the workload of role `all`. */
  readonly gateways: readonly string[];
  /** Those of them that load models: the workers, or the workload of role `all`. */
  readonly workers: readonly string[];
  /** Who sends requests in: the gateway controller's namespace, the load balancer's addresses. @default nobody */
  readonly clients?: readonly Party[];
  /** Who scrapes metrics, such as `{ namespace: 'monitoring' }`. @default nobody */
  readonly metrics?: Pods;
  /** @default none */
  readonly cache?: CacheConnection;
  readonly database: DatabaseConnection;
  /** Where workers download models, as a rule over HTTPS (443). @default nowhere: the models lie in the store */
  readonly modelSource?: Addresses & { readonly ports: readonly number[] };
  /** Whether one model spans several pods of a worker, which then talk on ports of their own choosing. @default false */
  readonly modelSpansPods?: boolean;
}

/** The connections that an inference system needs, derived from how it is wired. */
export function inferenceConnections(wiring: InferenceWiring): Connection[] {
  const { nodes, gateways, workers, clients = [], metrics, cache, database, modelSource } = wiring;
  return [
    ...gateways.flatMap((gateway) =>
      clients.map((from): Connection => ({ from, to: gateway, ports: [PORTS.api], why: 'public API' })),
    ),
    ...nodes.flatMap((from) =>
      nodes.map(
        (to): Connection => ({ from, to, ports: [PORTS.peer], why: 'generation, streams, hand-over' }),
      ),
    ),
    ...(metrics === undefined
      ? []
      : nodes.map((to): Connection => ({ from: metrics, to, ports: [PORTS.metrics], why: 'metrics' }))),
    ...(cache === undefined
      ? []
      : nodes.map((from) => connectionTo(from, cache.egress, 'streams, sessions, invalidation'))),
    ...nodes.map((from) => connectionTo(from, database.egress, 'registry, leases, stored responses')),
    ...(modelSource === undefined
      ? []
      : workers.map((from) => connectionTo(from, modelSource, 'model downloads'))),
    ...(wiring.modelSpansPods
      ? workers.map(
          (name): Connection => ({
            from: name,
            to: name,
            ports: [{ port: 1, endPort: 65_535 }],
            why: 'tensors between the pods of one model',
          }),
        )
      : []),
  ];
}
