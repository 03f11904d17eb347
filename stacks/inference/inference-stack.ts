import { Construct } from 'constructs';
import {
  type Connection,
  type DatabaseBackup,
  type IsolatedWorkload,
  inferenceConnections,
  ModelStore,
  NetworkIsolation,
  PUBLIC_INTERNET,
  type Reach,
  type Traffic,
} from '../../constructs/kubernetes';
import { PORTS } from '../../runtime/contract.cjs';
import { backUp } from '../system/back-up';
import type { StackBacking } from '../system/backing';
import { makeNamespace } from '../system/namespace';
import { observe } from '../system/observe';
import { scaleAndProtect } from '../system/pods';
import type { SystemProps, SystemStack } from '../system/system';
import { openTraffic } from '../system/traffic';
import type { InferenceSettings } from '../topology';
import { accessConnections } from './access';
import { type InferenceWorkload, inferenceWorkloads } from './inference-workloads';

/**
 * A whole inference system: model store, workloads, autoscaling, budgets, network isolation and the way in, wired
 * to each other. It is what every foundation runs and what other stacks put their own parts beside.
 */
export class InferenceStack extends Construct implements SystemStack {
  readonly modelStore: ModelStore;
  readonly workloads: readonly InferenceWorkload[];
  /** @default none with traffic `none` */
  readonly traffic: Traffic | undefined;
  /** Who may reach whom. @default empty without isolation */
  readonly reach: readonly Reach[];
  /** @default none unless the topology asks for it */
  readonly backup: DatabaseBackup | undefined;

  constructor(scope: Construct, id: string, { settings, backing }: SystemProps<InferenceSettings>) {
    super(scope, id);
    const { name } = settings;
    makeNamespace(this, settings, backing);

    const named = settings.backing.storage;
    this.modelStore = new ModelStore(this, 'model-store', {
      name,
      storage: backing.storage,
      ...(named?.kind === 'existing-claim'
        ? { existingClaim: named.name }
        : { size: settings.sharedFiles.size.text }),
    });
    this.workloads = inferenceWorkloads(this, settings, backing, this.modelStore);
    for (const { workload, group, settings: role } of this.workloads)
      scaleAndProtect(this, workload, role, group);
    this.traffic = openTraffic(this, settings, { application: 'polypod-runtime', port: PORTS.api });
    this.backup = backUp(this, settings, backing);
    observe(this, settings, {
      sized: this.workloads,
      backing,
      claims: [this.modelStore.claimName],
      nodes: this.workloads.map(({ workload }) => workload),
    });
    this.reach = settings.network.isolation ? this.isolate(settings, backing) : [];
  }

  get pods() {
    return [...this.workloads.map(({ construct }) => construct), ...(this.backup ? [this.backup] : [])];
  }

  private isolate(settings: InferenceSettings, backing: StackBacking): readonly Reach[] {
    const { network, engine } = settings;
    const nodes = this.workloads.map(({ workload }) => workload.name);
    const ofRole = (...roles: string[]) =>
      this.workloads
        .filter(({ settings }) => roles.includes(settings.role))
        .map(({ workload }) => workload.name);
    const wired = inferenceConnections({
      nodes,
      gateways: ofRole('all', 'gateway'),
      workers: ofRole('all', 'worker'),
      clients: [...(this.traffic?.clients ?? []), ...network.clientsFrom],
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
      ...(this.backup?.workloads ?? []),
    ];
    const isolation = new NetworkIsolation(this, 'network', {
      workloads: isolated,
      connections: [
        ...wired,
        ...accessConnections(settings, ofRole('all', 'gateway')),
        ...further,
        ...(this.backup?.connections ?? []),
      ],
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
