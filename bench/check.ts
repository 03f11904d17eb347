/**
 * What `polypod check` costs: 1,000 files of ten objects and ten times that, each as a whole process, beside a
 * process that does no more than parse the same files with js-yaml. And one object with half a million entries.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, median, report } from './figures';

const FILES = 1_000;
const FILES_A_NAMESPACE = 10;
const ROUNDS = 5;
const GOAL_SECONDS = 2.5;
/** Ten times the files may cost this many times the time: linear, with some room for collecting garbage. */
const GOAL_GROWTH = 12;
const ENTRIES = 500_000;
const GOAL_ENTRIES_SECONDS = 2;

const POLYPOD = join(__dirname, '../apps/polypod.js');
const PARSE_ONLY = `
const { readFileSync, readdirSync } = require('node:fs');
const { loadAll } = require(${JSON.stringify(require.resolve('js-yaml'))});
for (const file of readdirSync('.')) loadAll(readFileSync(file, 'utf8'));
`;

/** Ten objects of one application, as a chart would render them. Every tenth has a fault. */
function application(index: number): string {
  const name = `chat-${index}`;
  const namespace = `team-${Math.floor(index / FILES_A_NAMESPACE)}`;
  const accessMode = index % 10 === 0 ? 'ReadWriteOnce' : 'ReadWriteMany';
  const metadata = (suffix = '') => `metadata:
  name: ${name}${suffix}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/name: chat
    app.kubernetes.io/instance: ${name}
    app.kubernetes.io/managed-by: Helm`;
  const selector = `app.kubernetes.io/name: chat
      app.kubernetes.io/instance: ${name}`;
  const claim = (suffix: string, mode: string) => `apiVersion: v1
kind: PersistentVolumeClaim
${metadata(suffix)}
spec:
  accessModes: [${mode}]
  storageClassName: efs
  resources:
    requests:
      storage: 100Gi`;
  return `apiVersion: apps/v1
kind: StatefulSet
${metadata()}
spec:
  serviceName: ${name}-peers
  selector:
    matchLabels:
      ${selector}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: chat
        app.kubernetes.io/instance: ${name}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 60
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        fsGroup: 10001
        seccompProfile: { type: RuntimeDefault }
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              ${selector.replaceAll('\n', '\n        ')}
      containers:
        - name: engine
          image: vllm/vllm-openai:v0.11.0
          args: [--model, Qwen/Qwen3-8B, --port, "8000"]
          env:
            - { name: HF_HOME, value: /models }
            - { name: REDIS_URL, value: "redis://cache.example.com:6379" }
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: { name: ${name}-database, key: url }
          envFrom:
            - configMapRef: { name: ${name}-config }
          ports:
            - { name: http, containerPort: 8000 }
          startupProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 10
            failureThreshold: 90
          livenessProbe:
            httpGet: { path: /health, port: http }
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /v1/models, port: http }
          resources:
            requests: { cpu: "4", memory: 16Gi }
            limits: { memory: 16Gi, nvidia.com/gpu: 1 }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: models, mountPath: /models }
            - { name: data, mountPath: /data }
            - { name: config, mountPath: /etc/chat }
      volumes:
        - name: models
          persistentVolumeClaim: { claimName: ${name}-models }
        - name: data
          persistentVolumeClaim: { claimName: ${name}-data }
        - name: config
          configMap: { name: ${name}-config }
---
apiVersion: v1
kind: Service
${metadata()}
spec:
  selector:
      ${selector}
  ports:
    - { name: http, port: 80, targetPort: http }
---
apiVersion: v1
kind: Service
${metadata('-peers')}
spec:
  clusterIP: None
  selector:
      ${selector}
  ports:
    - { name: http, port: 8000, targetPort: http }
---
${claim('-models', 'ReadWriteMany')}
---
${claim('-data', accessMode)}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
${metadata()}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: StatefulSet, name: ${name} }
  minReplicas: 2
  maxReplicas: 6
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: 70 }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
${metadata()}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      ${selector}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
${metadata()}
spec:
  podSelector:
    matchLabels:
      ${selector}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels: { kubernetes.io/metadata.name: gateway }
      ports:
        - { protocol: TCP, port: http }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
${metadata()}
spec:
  ingressClassName: alb
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: ${name}
                port: { name: http }
---
apiVersion: v1
kind: ConfigMap
${metadata('-config')}
data:
  LOG_LEVEL: info
  POOL_SIZE: "10"
  config.yaml: |
    cache:
      host: cache.example.com
      port: 6379
    limits:
      requests: 100
`;
}

function writeFiles(folder: string, count: number): void {
  mkdirSync(folder);
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(folder, `chat-${index}.yaml`), application(index));
  }
}

function writeHugeMap(file: string): void {
  const entries = Array.from({ length: ENTRIES }, (_, index) => `  KEY_${index}: "value ${index}"\n`);
  writeFileSync(
    file,
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: huge }\ndata:\n${entries.join('')}`,
  );
}

function seconds(args: readonly string[], cwd: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, maxBuffer: 2 ** 30 });
  if (status !== 0 && status !== 1) throw new Error(`polypod check failed: ${stderr}`);
  return (performance.now() - start) / 1000;
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'polypod-bench-check-'));
  try {
    const one = join(folder, 'one');
    const ten = join(folder, 'ten');
    writeFiles(one, FILES);
    writeFiles(ten, FILES * 10);
    const parsing: number[] = [];
    const checking: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      parsing.push(seconds(['-e', PARSE_ONLY], one));
      checking.push(seconds([POLYPOD, 'check', '.'], one));
    }
    writeHugeMap(join(folder, 'huge.yaml'));
    const huge = Array.from({ length: ROUNDS }, () => seconds([POLYPOD, 'check', 'huge.yaml'], folder));
    const parse = median(parsing);
    const check = median(checking);
    const growth = seconds([POLYPOD, 'check', '.'], ten) / check;
    report('check', [
      figure('10,000 objects in 1,000 files', check, 's', GOAL_SECONDS),
      figure('ten times the files take', growth, '× the time', GOAL_GROWTH),
      figure('one ConfigMap of 500,000 entries', median(huge), 's', GOAL_ENTRIES_SECONDS),
      figure('beside parsing alone (js-yaml)', check / parse, '×'),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
