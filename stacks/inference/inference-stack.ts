import { Construct } from 'constructs';
import {
  type Connection,
  DisruptionBudget,
  type IsolatedWorkload,
  inferenceConnections,
  ModelStore,
  makeObjects,
  NetworkIsolation,
  PUBLIC_INTERNET,
  type Reach,
  Traffic,
} from '../../constructs/kubernetes';
import { PORTS } from '../../runtime/contract.cjs';
import type { InferenceSettings } from '../topology';
import { autoscale } from './autoscale';
import type { StackBacking } from './backing';
import { type InferenceWorkload, inferenceWorkloads } from './inference-workloads';
import { namespaceOf } from './namespace';
import { trafficProvider } from './traffic-provider';

export interface InferenceStackProps {
  /** The topology, with every default filled in. */
  readonly settings: InferenceSettings;
  readonly backing: StackBacking;
}

/**
 * A whole inference system: model store, workloads, autoscaling, budgets, network isolation and the way in, wired
 * to each other. It is what every foundation runs and what other stacks put their own parts beside.
 */
export class InferenceStack extends Construct {
  readonly modelStore: ModelStore;
  readonly workloads: readonly InferenceWorkload[];
  /** @default none with traffic `none` */
  readonly traffic: Traffic | undefined;
  /** Who may reach whom. @default empty without isolation */
  readonly reach: readonly Reach[];

  constructor(scope: Construct, id: string, { settings, backing }: InferenceStackProps) {
    super(scope, id);
    const { name } = settings;
    makeObjects(this, { namespace: settings.createNamespace ? namespaceOf(settings) : undefined });

    const named = settings.backing.storage;
    this.modelStore = new ModelStore(this, 'model-store', {
      name,
      storage: backing.storage,
      ...(named?.kind === 'existing-claim'
        ? { existingClaim: named.name }
        : { size: settings.modelStore.size.text }),
    });
    this.workloads = inferenceWorkloads(this, settings, backing, this.modelStore);
    for (const { workload, group, settings: role } of this.workloads) {
      autoscale(this, `${role.role}-autoscaling`, workload, role);
      if (role.disruption) {
        new DisruptionBudget(this, `${role.role}-disruption`, { workload: group, ...role.disruption });
      }
    }
    this.traffic = this.openTraffic(settings);
    this.reach = settings.network.isolation ? this.isolate(settings, backing) : [];
  }

  private openTraffic({ name, traffic, allow, shutdown }: InferenceSettings): Traffic | undefined {
    if (traffic.type === 'none') return undefined;
    const { affinity, timeouts } = traffic;
    return new Traffic(this, 'traffic', {
      name,
      identity: { application: 'polypod-runtime', instance: name, component: 'traffic' },
      hosts: traffic.hosts,
      backend: {
        service: name,
        port: PORTS.api,
        drainSeconds: shutdown.preStop.seconds + shutdown.drain.seconds,
      },
      affinity: { by: affinity.by, name: affinity.name, ttlSeconds: affinity.ttl.seconds },
      timeouts: { requestSeconds: timeouts.request.seconds, idleSeconds: timeouts.idle.seconds },
      provider: trafficProvider(traffic, allow),
    });
  }

  private isolate({ network, engine }: InferenceSettings, backing: StackBacking): readonly Reach[] {
    const nodes = this.workloads.map(({ workload }) => workload.name);
    const ofRole = (...roles: string[]) =>
      this.workloads
        .filter(({ settings }) => roles.includes(settings.role))
        .map(({ workload }) => workload.name);
    const wired = inferenceConnections({
      nodes,
      gateways: ofRole('all', 'gateway'),
      workers: ofRole('all', 'worker'),
      clients: this.traffic?.clients ?? [],
      metrics: network.metricsFrom,
      cache: backing.cache,
      database: backing.database,
      modelSource: { ...openAddresses(network.modelSource.cidrs), ports: network.modelSource.ports },
      modelSpansPods: engine.name !== 'llama.cpp' && engine.nodes > 1,
    });
    const further = network.egress.flatMap(({ cidrs, ports, why }) =>
      nodes.map((from): Connection => ({ from, to: { cidrs }, ports, why })),
    );
    const isolated: IsolatedWorkload[] = [
      ...this.workloads.map(({ group }) => group),
      ...backing.servers.map(({ workload }) => workload),
    ];
    const isolation = new NetworkIsolation(this, 'network', {
      workloads: isolated,
      connections: [...wired, ...further],
      dns: network.dns,
    });
    return isolation.reach;
  }
}

/** Everywhere means everywhere public: private addresses are neighbours, and the cloud's metadata server. */
function openAddresses(cidrs: readonly string[]) {
  const { cidrs: everywhere, except = [] } = PUBLIC_INTERNET;
  const families = new Set(cidrs.filter((cidr) => everywhere.includes(cidr)).map(isIpv6));
  const closed = except.filter((cidr) => families.has(isIpv6(cidr)));
  return { cidrs, ...(closed.length > 0 && { except: closed }) };
}

const isIpv6 = (cidr: string) => cidr.includes(':');
