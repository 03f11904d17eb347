import { checkManifests, type JsonObject } from '../../../constructs/checks';
import { pathSteps } from '../../../constructs/checks/json';
import { kubernetesObjects, Model } from '../../../constructs/checks/model';
import fc from '../../support/fuzz';

/** Field names that the model and the rules read, so that random trees reach deep into them. */
const FIELDS =
  `apiVersion kind metadata name namespace labels annotations ownerReferences spec template replicas selector
  matchLabels matchExpressions key operator values containers initContainers volumes volumeMounts mountPath subPath
  image command args env envFrom configMapRef secretRef valueFrom configMapKeyRef secretKeyRef prefix value ports
  containerPort port targetPort nodePort protocol livenessProbe readinessProbe startupProbe httpGet exec tcpSocket grpc
  initialDelaySeconds periodSeconds failureThreshold resources requests limits cpu memory storage lifecycle preStop
  terminationGracePeriodSeconds volumeClaimTemplates accessModes storageClassName volumeName volumeMode
  persistentVolumeClaim claimName emptyDir configMap secret projected sources items hostPath nfs csi driver ephemeral
  volumeClaimTemplate data stringData scaleTargetRef minReplicas maxReplicas minReplicaCount maxReplicaCount metrics
  triggers resource target type averageUtilization minAvailable maxUnavailable podSelector namespaceSelector policyTypes
  ingress egress from to ipBlock cidr rules host http paths path pathType backend service backendRefs hostnames matches
  parentRefs clusterIP serviceName strategy rollingUpdate maxSurge affinity podAntiAffinity topologySpreadConstraints
  securityContext capabilities serviceAccountName automountServiceAccountToken roleRef subjects verbs apiGroups
  leaderWorkerTemplate leaderTemplate workerTemplate size jobTemplate parallelism provisioner parameters tier skuName
  __proto__ constructor toString helm.sh/hook`.split(/\s+/);
const KINDS =
  `Deployment StatefulSet DaemonSet Job CronJob Pod ReplicaSet LeaderWorkerSet Rollout RayCluster Service Ingress
  HTTPRoute VirtualService IngressRoute NetworkPolicy PodDisruptionBudget HorizontalPodAutoscaler ScaledObject ConfigMap
  Secret PersistentVolumeClaim PersistentVolume StorageClass Namespace Role ClusterRole RoleBinding ClusterRoleBinding
  ServiceAccount CustomResourceDefinition List`.split(/\s+/);
const TEXTS = [
  '',
  'a',
  'data',
  '80',
  '1Gi',
  'ReadWriteOnce',
  'Always',
  'In',
  'Exists',
  '{{ x }}',
  '$(a)',
  'redis://a:b@c:99999/',
  'sqlite:////a.db',
  'ollama/ollama',
  'ghcr.io/open-webui/open-webui:latest',
  'a:b@c',
  'app=x',
  'nginx',
  '\u0000',
  'ß☃',
  '-c',
  'sh',
  '--model',
  'None',
  '100%',
];

const scalar = fc.oneof(
  fc.constantFrom<JsonObject[string]>(
    ...TEXTS,
    ...KINDS,
    null,
    true,
    false,
    0,
    1,
    2,
    -1,
    1e308,
    0.5,
    Number.MAX_SAFE_INTEGER,
  ),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: JsonObject[string] }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', maxDepth: 8 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('tree'), { maxKeys: 8 }),
  ),
}));
const anyManifest = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    apiVersion: fc.constantFrom('v1', 'apps/v1', 'x.io/v1', 'policy/v1'),
    metadata: tree,
    spec: tree,
    data: tree,
  })
  .map((manifest): JsonObject => manifest);

/** A sound set of objects, of which a few fields are replaced by random trees. */
const sound = (): JsonObject[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'app',
      namespace: 'n',
      labels: { app: 'a' },
      annotations: { 'polypod.dev/sessions': 'true' },
    },
    spec: {
      replicas: 3,
      serviceName: 'app',
      selector: { matchLabels: { app: 'a' } },
      template: {
        metadata: { labels: { app: 'a' }, annotations: { 'polypod.dev/drain-seconds': '20' } },
        spec: {
          serviceAccountName: 'app',
          terminationGracePeriodSeconds: 30,
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'a' } } },
              ],
            },
          },
          topologySpreadConstraints: [
            {
              topologyKey: 'topology.kubernetes.io/zone',
              maxSkew: 1,
              labelSelector: { matchLabels: { app: 'a' } },
            },
          ],
          securityContext: { runAsNonRoot: true, runAsUser: 10001 },
          initContainers: [{ name: 'i', image: 'busybox:1', restartPolicy: 'Always' }],
          containers: [
            {
              name: 'c',
              image: 'vllm/vllm-openai:v0.11.0',
              command: ['sh', '-c', 'exec vllm serve Qwen/Qwen3-8B --port 8000'],
              args: ['-c', 'max_connections=50'],
              ports: [{ name: 'http', containerPort: 8000 }],
              env: [
                { name: 'REDIS_URL', value: 'redis://u:p@cache:6379/0' },
                { name: 'P', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
              ],
              envFrom: [{ configMapRef: { name: 'conf' } }],
              livenessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 5 },
              readinessProbe: { tcpSocket: { port: 8000 } },
              startupProbe: { exec: { command: ['true'] }, failureThreshold: 3 },
              lifecycle: { preStop: { exec: { command: ['sleep', '10'] } } },
              resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { 'nvidia.com/gpu': 1 } },
              volumeMounts: [
                { name: 'models', mountPath: '/root/.cache/huggingface' },
                { name: 'conf', mountPath: '/etc/app', subPath: 'x.yaml' },
              ],
            },
          ],
          volumes: [
            {
              name: 'conf',
              projected: {
                sources: [{ configMap: { name: 'conf', items: [{ key: 'x.yaml', path: 'x.yaml' }] } }],
              },
            },
            { name: 'own', persistentVolumeClaim: { claimName: 'data' } },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'models' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'n' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gp3' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app', namespace: 'n' },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'a' },
      ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30000 }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'conf', namespace: 'n' },
    data: { 'x.yaml': 'db: { host: db, port: 5432 }', POOL_SIZE: '10' },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'n' },
    stringData: { k: 'v' },
    data: { b: 'aGVsbG8=' },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'n' },
    spec: {
      scaleTargetRef: { kind: 'StatefulSet', name: 'app' },
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'n' },
    spec: {
      minAvailable: '50%',
      selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] },
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'n' },
    spec: {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            { namespaceSelector: { matchLabels: { name: 'x' } }, podSelector: {} },
            { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
          ],
          ports: [{ port: 53, protocol: 'UDP', endPort: 60 }],
        },
      ],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'i',
      namespace: 'n',
      annotations: { 'nginx.ingress.kubernetes.io/affinity': 'cookie' },
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'a.example',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'app', port: { number: 80 } } } },
            ],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'r', namespace: 'n' },
    spec: {
      hostnames: ['b.example'],
      rules: [
        { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'app', port: 80 }] },
      ],
    },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'cr' },
    rules: [{ apiGroups: ['*'], resources: ['secrets'], verbs: ['*'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'crb' },
    roleRef: { kind: 'ClusterRole', name: 'cr' },
    subjects: [{ kind: 'ServiceAccount', name: 'app', namespace: 'n' }],
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'sc' },
    provisioner: 'filestore.csi.storage.gke.io',
    parameters: { tier: 'standard' },
  },
];
const damaged = fc.array(fc.tuple(fc.nat(), tree), { minLength: 1, maxLength: 4 }).map((replacements) => {
  const objects = sound();
  for (const [position, value] of replacements) {
    const fields = objects.flatMap(fieldsOf);
    const field = fields[position % fields.length];
    // A copy, since the next replacement may fall into this one.
    if (field) Object.defineProperty(field.parent, field.key, { value: structuredClone(value) });
  }
  return objects;
});

function fieldsOf(value: JsonObject[string]): { parent: JsonObject; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as JsonObject;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...fieldsOf(parent[key])]);
}

/** Reads everything that the model has to offer. */
function readAll(model: Model): number {
  let read = 0;
  for (const workload of model.allWorkloads) {
    read += workload.replicas.possible + workload.services.length + workload.volumes.length;
    read += model.budgetsOf(workload).length + model.policiesOf(workload).length;
    for (const container of workload.containers) {
      read += container.settings.all.length + container.targets.length + container.mounts.length;
      read += [
        container.livenessProbe,
        container.readinessProbe,
        container.startupProbe,
        container.loadedModel,
      ].length;
      read += container.request('cpu') ?? container.limit('memory') ?? 0;
    }
  }
  return read + model.routes.length + [...model.claims()].length;
}

const MINUTES = 5 * 60_000;

test(
  'any trees as manifests: no rule throws, and every path can be followed',
  () => {
    fc.assert(
      fc.property(fc.array(anyManifest, { maxLength: 6 }), (manifests) => {
        readAll(
          new Model(kubernetesObjects(manifests.map((manifest) => ({ manifest, origin: { file: '' } })))),
        );
        for (const { path, message, fix } of checkManifests(manifests).findings) {
          // Plain comparisons: there are hundreds of thousands, and expect() takes longer than the rules.
          if (pathSteps(path).length === 0) throw new Error(`no path: ${message}`);
          if (/undefined|\[object|NaN/.test(`${message}${fix}`)) throw new Error(`${message} ${fix}`);
        }
      }),
      { numRuns: 2000 },
    );
  },
  MINUTES,
);

test(
  'a sound set with a few fields replaced by anything: no rule throws, and twice gives the same',
  () => {
    fc.assert(
      fc.property(damaged, (manifests) => {
        readAll(
          new Model(kubernetesObjects(manifests.map((manifest) => ({ manifest, origin: { file: '' } })))),
        );
        const read = () =>
          JSON.stringify(
            checkManifests(manifests).findings.map(({ rule, path, message }) => [rule, path, message]),
          );
        expect(read()).toBe(read());
      }),
      { numRuns: 2000 },
    );
  },
  MINUTES,
);

test.each(Object.getOwnPropertyNames(Object.prototype))('%s is a name like any other', (name) => {
  const metadata = { name: 'a', namespace: 'n', annotations: { [name]: name }, labels: { [name]: name } };
  const service = { type: 'LoadBalancer', selector: { [name]: name }, ports: [{ name, port: 80 }] };
  const claim = { accessModes: ['ReadWriteOnce'], storageClassName: name };
  expect(() =>
    checkManifests([
      { apiVersion: 'v1', kind: 'Service', metadata, spec: service },
      { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { ingressClassName: name } },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: claim },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [name]: `${name}://a:1` } },
    ]),
  ).not.toThrow();
});
