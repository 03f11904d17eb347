import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { LoadResult, Plan } from '../load/tally';
import { SUITE_LABEL } from './applied-topology';
import { get, kubectl, tryKubectl, until } from './kubectl';

const PROGRAMS = join(__dirname, '../load');

/** The namespace that load and probes come from: another one than the system's. */
export class Clients {
  constructor(
    readonly namespace: string,
    private readonly image: string,
    private readonly node: string,
  ) {}

  create(): void {
    const objects = [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: this.namespace,
          labels: { [SUITE_LABEL]: 'clients', 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'load', namespace: this.namespace },
        data: { 'client.js': bundled('client.ts'), 'model-hub.js': bundled('model-hub.ts') },
      },
    ];
    for (const object of objects) kubectl(['create', '-f', '-'], JSON.stringify(object));
  }

  /** Starts clients in a pod, and waits until they have seen the system undisturbed. */
  async load(plan: Plan): Promise<Load> {
    const name = `load-${randomBytes(3).toString('hex')}`;
    this.pod(
      name,
      { app: 'client' },
      ['node', '/load/client.js'],
      [{ name: 'PLAN', value: JSON.stringify(plan) }],
      { resources: SHARE },
    );
    const load = new Load(this.namespace, name);
    await until('loaded', 120, () => load.progress().ready);
    return load;
  }

  /** A pod that waits, to ask things from. */
  async idle(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    this.pod(name, labels, ['node', '-e', 'setInterval(() => {}, 1e6)'], []);
    kubectl(['wait', '-n', this.namespace, `pod/${name}`, '--for=condition=Ready', '--timeout=60s']);
  }

  /** A web server in a pod behind a Service, both of this name, which runs one of the bundled programs. */
  async serve(
    name: string,
    port: number,
    program: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<void> {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: this.namespace },
      spec: { selector: { app: name }, ports: [{ port }] },
    };
    kubectl(['create', '-f', '-'], JSON.stringify(service));
    const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
    this.pod(name, { app: name }, ['node', `/load/${program}`], env);
    kubectl(['wait', '-n', this.namespace, `pod/${name}`, '--for=condition=Ready', '--timeout=60s']);
  }

  /** Whether the cluster can get an image: tried with a pod that uses it and does nothing. */
  async canHave(image: string): Promise<boolean> {
    const name = `image-${randomBytes(3).toString('hex')}`;
    this.pod(name, { app: 'client' }, ['true'], [], { image });
    let had: boolean | undefined;
    await until(`known whether ${image} can be had`, IMAGE_PULL_SECONDS, () => {
      const { status } = get<ImagePod>(['pod', name, '-n', this.namespace]);
      const state = status.containerStatuses?.[0]?.state ?? {};
      if (state.running ?? state.terminated) had = true;
      const reason = state.waiting?.reason ?? '';
      if (/^(ErrImage|ImagePull|ErrImageNeverPull|InvalidImageName)/.test(reason)) had = false;
      // Its files are there, though it has no such program, or another user.
      if (/^(CreateContainer|RunContainer|CrashLoop)/.test(reason)) had = true;
      return had !== undefined;
    });
    kubectl(['delete', 'pod', '-n', this.namespace, name, '--wait=false']);
    return had === true;
  }

  private pod(
    name: string,
    labels: Readonly<Record<string, string>>,
    command: readonly string[],
    env: readonly { name: string; value: string }[],
    { image = this.image, resources = {} }: { readonly image?: string; readonly resources?: object } = {},
  ): void {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: this.namespace, labels },
      spec: {
        nodeName: this.node,
        automountServiceAccountToken: false,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'client',
            image,
            command,
            env,
            resources,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'load', mountPath: '/load', readOnly: true }],
          },
        ],
        volumes: [{ name: 'load', configMap: { name: 'load' } }],
      },
    };
    kubectl(['create', '-f', '-'], JSON.stringify(pod));
  }

  /** Whatever a failed test left running. */
  stopAll(): void {
    kubectl(['delete', 'pod', '-n', this.namespace, '-l', 'app=client', '--wait=false']);
  }

  remove(): void {
    tryKubectl(['delete', 'namespace', this.namespace, '--wait=false']);
  }
}

/** One of the programs of `load/`, as a single file. */
function bundled(program: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(PROGRAMS, program)],
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** Without a share of its own, load would stand still whenever the system is busy, and measure itself. */
const SHARE = { requests: { cpu: '250m', memory: '64Mi' } };

const IMAGE_PULL_SECONDS = 300;

interface ImagePod {
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly state: {
        readonly running?: object;
        readonly terminated?: object;
        readonly waiting?: { readonly reason?: string };
      };
    }[];
  };
}

/** Clients that are asking. */
export class Load {
  constructor(
    private readonly namespace: string,
    private readonly pod: string,
  ) {}

  progress(): LoadResult {
    return this.call('/progress');
  }

  /** Lets open answers end. */
  stop(): LoadResult {
    const result = this.call('/stop');
    kubectl(['delete', 'pod', '-n', this.namespace, this.pod, '--wait=false']);
    return result;
  }

  private call(path: string): LoadResult {
    const script = `fetch('http://127.0.0.1:9999${path}').then(async (r) => process.stdout.write(await r.text()))`;
    return JSON.parse(kubectl(['exec', '-n', this.namespace, this.pod, '--', 'node', '-e', script]));
  }
}
