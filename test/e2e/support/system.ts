import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { polypod } from '../../support/polypod';
import { type ClusterObject, get, kubectl, list, tryKubectl, until } from './kubectl';

/** Label of every namespace that the suite makes. It never touches another. */
export const SUITE_LABEL = 'polypod.dev/e2e';

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

/** One topology, synthesized by the command, applied, and seen to its Ready pods. */
export class System {
  readonly name = 'chat';
  readonly namespace: string;
  /** Where pods find the API. */
  readonly url: string;

  constructor(readonly options: SystemOptions) {
    this.namespace = options.namespace;
    this.url = `http://${this.name}.${this.namespace}.svc:8080`;
  }

  /** The topology: the flagship on three pods, with the demonstration model and everything inside the namespace. */
  topology(further: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const { namespace, clientNamespace, image, storageClass, topology } = this.options;
    return {
      kind: 'Inference',
      name: this.name,
      namespace,
      models: [{ name: 'demo', source: 'demo:', size: '1M', contextLength: 2048, sequences: 16 }],
      replicas: { min: 3, max: 3 },
      resources: { requests: { cpu: '100m', memory: '512Mi' } },
      network: {
        clientsFrom: [{ namespace: clientNamespace, podLabels: { app: 'client' } }],
        metricsFrom: { namespace: clientNamespace, podLabels: { app: 'scraper' } },
      },
      backing: {
        image,
        storage: { kind: 'existing-class', name: storageClass },
        cache: 'local',
        database: 'local',
      },
      ...topology,
      ...further,
    };
  }

  /** The manifests of the topology, as `polypod synth` writes them. */
  manifests(further: Readonly<Record<string, unknown>> = {}): string {
    return this.withFile(further, (file, folder) => {
      const { status, stderr } = polypod(['synth', file, '-o', folder]);
      if (status !== 0) throw new Error(`polypod synth: ${stderr}`);
      return readFileSync(join(folder, 'topology.k8s.yaml'), 'utf8');
    });
  }

  private withFile<T>(
    further: Readonly<Record<string, unknown>>,
    use: (file: string, folder: string) => T,
  ): T {
    const folder = mkdtempSync(join(tmpdir(), 'polypod-e2e-'));
    try {
      const file = join(folder, 'topology.yaml');
      // JSON is YAML.
      writeFileSync(file, JSON.stringify(this.topology(further)));
      return use(file, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Makes the namespace and its Secrets, and applies the manifests. */
  create(): void {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: this.namespace,
        labels: { [SUITE_LABEL]: 'system', 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    };
    kubectl(['create', '-f', '-'], JSON.stringify(namespace));
    kubectl(
      ['create', '-f', '-'],
      this.withFile({}, (file) => polypod(['secrets', file]).stdout),
    );
    this.apply();
  }

  /** Server-side, with unknown fields refused. */
  apply(further: Readonly<Record<string, unknown>> = {}): string {
    return kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], this.manifests(further));
  }

  /** Waits until so many nodes, and cache and database, are Ready and of the newest revision. */
  async ready(replicas = 3, seconds = 240): Promise<void> {
    await until(`ready with ${replicas} pods`, seconds, () => {
      const sets = list<StatefulSet>(['statefulsets', '-n', this.namespace]);
      return (
        sets.length === 3 &&
        sets.every((set) => isRolledOut(set, set.metadata.name === this.name ? replicas : 1))
      );
    });
  }

  /** The runtime's pods by ordinal. */
  pods(): readonly Pod[] {
    return list<Pod>(['pods', '-n', this.namespace, '-l', `app.kubernetes.io/name=polypod-runtime`]).toSorted(
      (a, b) => a.metadata.name.localeCompare(b.metadata.name),
    );
  }

  statefulSet(name = this.name): StatefulSet {
    return get(['statefulset', name, '-n', this.namespace]);
  }

  /** A pod's answer to `GET path` on one of its own ports. */
  ask(pod: string, path: string, port = 8080): string {
    const script = `fetch('http://127.0.0.1:${port}${path}').then(async (r) => process.stdout.write(await r.text()))`;
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

  remove(): void {
    tryKubectl(['delete', 'namespace', this.namespace, '--wait=true', '--timeout=120s']);
  }
}

export interface StatefulSet extends ClusterObject {
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly currentRevision: string;
    readonly updateRevision: string;
  };
}

export interface Pod extends ClusterObject {
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly podIP: string;
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

function isRolledOut({ metadata, status }: StatefulSet, replicas: number): boolean {
  return (
    status.observedGeneration === metadata.generation &&
    status.readyReplicas === replicas &&
    status.updatedReplicas === replicas
  );
}
