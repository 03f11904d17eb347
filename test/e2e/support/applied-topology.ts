import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { polypod } from '../../support/polypod';
import { type ClusterObject, kubectl, list, tryKubectl, until } from './kubectl';

/** Label of every namespace that the suite makes. It never touches another. */
export const SUITE_LABEL = 'polypod.dev/e2e';

type Fields = Readonly<Record<string, unknown>>;

/** Any topology in a namespace of its own: synthesized by the command, applied, and seen to its Ready pods. */
export class AppliedTopology {
  constructor(
    readonly namespace: string,
    private readonly document: Fields,
  ) {}

  /** The topology, with some fields replaced. */
  topology(further: Fields = {}): Fields {
    return { ...this.document, namespace: this.namespace, ...further };
  }

  /** The manifests of the topology, as `polypod synth` writes them; `command` is another version's. */
  manifests(further: Fields = {}, command?: string): string {
    return this.withFile(further, (file, folder) => {
      const { status, stderr } = polypod(['synth', file, '-o', folder], { command });
      if (status !== 0) throw new Error(`polypod synth: ${stderr}`);
      return readFileSync(join(folder, 'topology.k8s.yaml'), 'utf8');
    });
  }

  private withFile<T>(further: Fields, use: (file: string, folder: string) => T): T {
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

  createNamespace(): void {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: this.namespace,
        labels: { [SUITE_LABEL]: 'system', 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    };
    kubectl(['create', '-f', '-'], JSON.stringify(namespace));
  }

  createSecrets(): void {
    const secrets = this.withFile({}, (file) => polypod(['secrets', file]).stdout);
    if (secrets !== '') kubectl(['create', '-f', '-'], secrets);
  }

  /** Makes the namespace and its Secrets, and applies the manifests. */
  create(): void {
    this.createNamespace();
    this.createSecrets();
    this.apply();
  }

  /** Server-side, with unknown fields refused. */
  apply(further: Fields = {}): string {
    return applyStrictly(this.manifests(further));
  }

  /** Waits until all that runs is Ready, of the newest revision and in the number that is asked for. */
  async ready(seconds = 240): Promise<void> {
    await until(`ready: ${this.namespace}`, seconds, () => this.workloads().every(isRolledOut));
  }

  protected workloads(): readonly RolledWorkload[] {
    return list<RolledWorkload>(['statefulsets,deployments', '-n', this.namespace]);
  }

  /** Begins to delete it; the suite's end waits for that. */
  remove(): void {
    tryKubectl(['delete', 'namespace', this.namespace, '--wait=false']);
  }
}

/** Server-side, with unknown fields refused. */
export const applyStrictly = (manifests: string, ...options: readonly string[]): string =>
  kubectl(['apply', '--server-side', '--validate=strict', ...options, '-f', '-'], manifests);

/** A StatefulSet or a Deployment. */
export interface RolledWorkload extends ClusterObject {
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    /** Of a StatefulSet. */
    readonly currentRevision?: string;
  };
}

const isRolledOut = ({ metadata, spec, status }: RolledWorkload): boolean =>
  status.observedGeneration === metadata.generation &&
  (status.readyReplicas ?? 0) === spec.replicas &&
  (status.updatedReplicas ?? 0) === spec.replicas;
