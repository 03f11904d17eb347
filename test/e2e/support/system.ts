import { AppliedTopology, type RolledWorkload } from './applied-topology';
import { type ClusterObject, get, kubectl, list, until } from './kubectl';

export interface SystemOptions {
  readonly namespace: string;
  /** Namespace of those who may ask it things. */
  readonly clientNamespace: string;
  /** The runtime's image, there already. */
  readonly image: string;
  /** Storage class with ReadWriteMany. */
  readonly storageClass: string;
  /** Laid over the topology of the suite. */
  readonly topology?: Readonly<Record<string, unknown>>;
}

/** The flagship with the demonstration model and everything inside the namespace. */
export class System extends AppliedTopology {
  readonly name = 'chat';
  /** Where pods find the API. */
  readonly url: string;

  constructor(readonly options: SystemOptions) {
    super(options.namespace, { ...flagship(options), ...options.topology });
    this.url = `http://chat.${options.namespace}.svc:8080`;
  }

  /** Waits until so many nodes, and cache and database, are Ready and of the newest revision. */
  override async ready(seconds = 240, replicas?: number): Promise<void> {
    await super.ready(seconds);
    if (replicas === undefined) return;
    await until(
      `ready with ${replicas} pods`,
      seconds,
      () => this.pods().filter(isReady).length === replicas,
    );
  }

  /** The runtime's pods by name. */
  pods(): readonly Pod[] {
    return list<Pod>(['pods', '-n', this.namespace, '-l', 'app.kubernetes.io/name=polypod-runtime']).toSorted(
      (a, b) => a.metadata.name.localeCompare(b.metadata.name),
    );
  }

  statefulSet(name = this.name): RolledWorkload {
    return get(['statefulset', name, '-n', this.namespace]);
  }

  /** Keeps the pods of a StatefulSet on a node from now on. */
  pin(statefulSet: string, node: string): void {
    const spec = { template: { spec: { nodeSelector: { 'kubernetes.io/hostname': node } } } };
    kubectl(['patch', 'statefulset', statefulSet, '-n', this.namespace, '-p', JSON.stringify({ spec })]);
  }

  /** A pod's answer to `GET path` on one of its own ports. */
  ask(pod: string, path: string, port = 8080): string {
    return this.inPod(
      pod,
      `fetch('http://127.0.0.1:${port}${path}').then(async (r) => process.stdout.write(await r.text()))`,
    );
  }

  /** Runs a script in a pod of the runtime, and returns what it printed. */
  inPod(pod: string, script: string): string {
    return kubectl(['exec', '-n', this.namespace, pod, '-c', 'runtime', '--', 'node', '-e', script]);
  }

  /** Sum of a metric over the pods that answer. */
  metric(name: string): number {
    return this.pods()
      .flatMap(({ metadata }) => {
        try {
          return this.ask(metadata.name, '/metrics', 9090).split('\n');
        } catch {
          return [];
        }
      })
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Streams that a pod generates at the moment; 0 where it does not answer. */
  streamsOn(pod: string): number {
    try {
      return JSON.parse(this.ask(pod, '/api/v1/health/detailed')).streams;
    } catch {
      return 0;
    }
  }
}

function flagship({ clientNamespace, image, storageClass }: SystemOptions) {
  return {
    kind: 'Inference',
    name: 'chat',
    models: [DEMO_MODEL],
    replicas: { min: 3, max: 3 },
    resources: SMALL,
    network: openTo(clientNamespace),
    // Shorter than the defaults, which wait for load balancers outside: it is harder, and takes less time.
    shutdown: { preStop: '4s', drain: '10s' },
    update: { minReady: '4s' },
    backing: {
      image,
      storage: { kind: 'existing-class', name: storageClass },
      cache: 'local',
      database: 'local',
    },
  };
}

/** Made by the runtime itself, so that nothing has to be fetched. */
export const DEMO_MODEL = { name: 'demo', source: 'demo:', size: '1M', contextLength: 2048, sequences: 16 };

/** So little that a machine with two cores bears a whole system. */
export const SMALL = { requests: { cpu: '100m', memory: '512Mi' } };

/** Lets in the suite's own clients and its scraper. */
export const openTo = (clientNamespace: string) => ({
  clientsFrom: [{ namespace: clientNamespace, podLabels: { app: 'client' } }],
  metricsFrom: { namespace: clientNamespace, podLabels: { app: 'scraper' } },
});

export interface Pod extends ClusterObject {
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly podIP: string;
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
