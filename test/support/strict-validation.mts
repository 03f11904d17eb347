/**
 * Validates manifests against the schemas of Kubernetes and of custom resources. They come as ES modules only, so
 * this runs as a process of its own: manifests on standard input, one list of faults for each on standard output.
 */
import { text } from 'node:stream/consumers';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}
type ModelClass = new (data: unknown) => { validate(): void };

/** Packages that hold the schemas of a group. */
const PACKAGES: readonly (readonly [group: RegExp, name: string])[] = [
  [/^keda\.sh$/, '@kubernetes-models/keda'],
  [/^gateway\.networking\.k8s\.io$/, '@kubernetes-models/gateway-api'],
  [/^gateway\.envoyproxy\.io$/, '@kubernetes-models/envoy-gateway'],
  [/^monitoring\.coreos\.com$/, '@kubernetes-models/prometheus-operator'],
  [/^([^.]*|[a-z]+\.k8s\.io|rbac\.authorization\.k8s\.io)$/, 'kubernetes-models'],
];

/** Fields of the schemas that came after Kubernetes 1.28, the oldest that manifests are for. */
const AFTER_1_28 = [
  /\.(preStop|postStart)\.sleep$/, // 1.29
  /^\.spec\.trafficDistribution$/, // 1.30
  /\.appArmorProfile$/, // 1.30
  /\.recursiveReadOnly$/, // 1.30
  /\.supplementalGroupsPolicy$/, // 1.31
  /\.initContainers\.\d+\.restartPolicy$/, // 1.29
  /\.lifecycle\.stopSignal$/, // 1.33
  /\.volumeAttributesClassName$/, // 1.29
];

async function faultsOf(manifest: Manifest): Promise<string[]> {
  if (manifest.kind === 'LeaderWorkerSet') return leaderWorkerSetFaults(manifest);
  const shape = SHAPES[`${manifest.apiVersion}/${manifest.kind}`];
  if (shape !== undefined) {
    const { apiVersion: _, kind: __, ...fields } = manifest;
    return shapeFaults(fields, shape, '');
  }
  const parts = manifest.apiVersion.split('/');
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  const name = PACKAGES.find(([pattern]) => pattern.test(group))?.[1];
  if (name === undefined) return [`no schema is known for ${manifest.apiVersion} ${manifest.kind}`];
  const path = [name, manifest.apiVersion, manifest.kind].join('/');
  const module: Record<string, ModelClass | undefined> = await import(path);
  const Model = module[manifest.kind];
  if (Model === undefined) return [`${path} has no ${manifest.kind}`];
  return modelFaults(Model, manifest);
}

/**
 * A validator says what is wrong with the fields that it knows, and is silent about the others. It reads every field
 * that it knows, so what it leaves unread is unknown.
 */
function modelFaults(Model: ModelClass, manifest: Manifest): string[] {
  const model = new Model(manifest);
  const paths = new Set<string>();
  const unread = new Set<string>();
  const faults: string[] = [];
  try {
    model.validate.call(watched(model, '', paths, unread));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  const newer = [...paths].filter((path) => AFTER_1_28.some((pattern) => pattern.test(path)));
  return [
    ...faults,
    ...[...unread].map((path) => `${path} is unknown`),
    ...newer.map((path) => `${path} is not in Kubernetes 1.28`),
  ];
}

/** A view of a value that notes which of its fields are there, and which were never read. */
function watched<T>(value: T, path: string, paths: Set<string>, unread: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const key of Object.keys(value)) {
    paths.add(`${path}.${key}`);
    unread.add(`${path}.${key}`);
  }
  return new Proxy(value, {
    get(target, key, receiver) {
      const field: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return field;
      unread.delete(`${path}.${key}`);
      return watched(field, `${path}.${key}`, paths, unread);
    },
  });
}

/** Written down from the custom resource definition of LeaderWorkerSet v1: what the constructs use of it. */
const LEADER_WORKER_SET = {
  metadata: 'any',
  spec: {
    replicas: 'number',
    startupPolicy: ['LeaderCreated', 'LeaderReady'],
    rolloutStrategy: {
      type: ['RollingUpdate'],
      rollingUpdateConfiguration: { partition: 'number', maxUnavailable: 'number', maxSurge: 'number' },
    },
    leaderWorkerTemplate: {
      size: 'number',
      restartPolicy: ['RecreateGroupOnPodRestart', 'RecreateGroupAfterStart', 'None'],
      leaderTemplate: 'any',
      workerTemplate: 'any',
    },
  },
} as const;

type Shape = 'any' | 'text' | 'number' | readonly string[] | { readonly [field: string]: Shape };

const targetRef = { group: 'text', kind: 'text', name: 'text', namespace: 'text' } as const;

/** Custom resources without a package of schemas, by `apiVersion/kind`: what the constructs use of them, written down by hand. */
const SHAPES: Readonly<Record<string, Shape>> = {
  // https://github.com/GoogleCloudPlatform/gke-gateway-api
  'networking.gke.io/v1/GCPBackendPolicy': {
    metadata: 'any',
    spec: {
      default: {
        timeoutSec: 'number',
        connectionDraining: { drainingTimeoutSec: 'number' },
        sessionAffinity: { type: ['CLIENT_IP', 'GENERATED_COOKIE', 'NONE'], cookieTtlSec: 'number' },
        securityPolicy: 'text',
      },
      targetRef,
    },
  },
  'networking.gke.io/v1/HealthCheckPolicy': {
    metadata: 'any',
    spec: {
      default: {
        checkIntervalSec: 'number',
        timeoutSec: 'number',
        healthyThreshold: 'number',
        unhealthyThreshold: 'number',
        config: {
          type: ['HTTP'],
          httpHealthCheck: { portSpecification: ['USE_SERVING_PORT'], requestPath: 'text' },
        },
      },
      targetRef,
    },
  },
  // https://learn.microsoft.com/azure/application-gateway/for-containers/api-specification-kubernetes
  'alb.networking.azure.io/v1/RoutePolicy': {
    metadata: 'any',
    spec: {
      default: {
        timeouts: { routeTimeout: 'text' },
        sessionAffinity: {
          affinityType: ['application-cookie', 'managed-cookie'],
          cookieName: 'text',
          cookieDuration: 'text',
        },
      },
      targetRef,
    },
  },
  'alb.networking.azure.io/v1/HealthCheckPolicy': {
    metadata: 'any',
    spec: {
      default: {
        interval: 'text',
        timeout: 'text',
        healthyThreshold: 'number',
        unhealthyThreshold: 'number',
        port: 'number',
        protocol: ['HTTP', 'HTTPS'],
        http: { host: 'text', path: 'text', match: { statusCodes: 'any' } },
      },
      targetRef,
    },
  },
};

async function leaderWorkerSetFaults(manifest: Manifest): Promise<string[]> {
  const { apiVersion, kind, ...fields } = manifest;
  const templates = templatesOf(fields);
  const metadata = fields.metadata;
  const inside = await Promise.all(
    templates.map((template) => faultsOf({ apiVersion: 'v1', kind: 'PodTemplate', metadata, template })),
  );
  const version =
    apiVersion === 'leaderworkerset.x-k8s.io/v1' ? [] : [`${apiVersion} is not known for ${kind}`];
  return [...version, ...shapeFaults(fields, LEADER_WORKER_SET, ''), ...inside.flat()];
}

function templatesOf(fields: object): unknown[] {
  const template = at(at(fields, 'spec'), 'leaderWorkerTemplate');
  return [at(template, 'leaderTemplate'), at(template, 'workerTemplate')].filter((one) => one !== undefined);
}

function at(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}

function shapeFaults(value: unknown, shape: Shape, path: string): string[] {
  if (shape === 'any') return [];
  if (shape === 'number') return Number.isInteger(value) ? [] : [`${path} must be a whole number`];
  if (shape === 'text') return typeof value === 'string' ? [] : [`${path} must be text`];
  if (Array.isArray(shape))
    return shape.includes(value) ? [] : [`${path} must be one of ${shape.join(', ')}`];
  if (typeof value !== 'object' || value === null) return [`${path} must be a map`];
  return Object.entries(value).flatMap(([field, inner]) => {
    const known: Shape | undefined = Reflect.get(shape, field);
    return known === undefined
      ? [`${path}.${field} is unknown`]
      : shapeFaults(inner, known, `${path}.${field}`);
  });
}

const manifests: Manifest[] = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(manifests.map(faultsOf))));
