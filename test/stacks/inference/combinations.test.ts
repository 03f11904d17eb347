/** Whatever a topology combines: it synthesizes, validates strictly, and has no finding. */
import { App } from 'cdk8s';
import { checkManifests } from '../../../constructs/checks';
import { InferenceChart } from '../../../stacks/inference/inference-chart';
import { type InferenceInput, validateTopology } from '../../../stacks/topology';
import { strictFaults } from '../../support/strict-validation';

type Part = Partial<InferenceInput>;
type Backing = NonNullable<InferenceInput['backing']>;

const GGUF: InferenceInput['models'] = [
  {
    name: 'qwen2.5-7b',
    source: 'hf:bartowski/Qwen2.5-7B-Instruct-GGUF/Qwen2.5-7B-Instruct-Q4_K_M.gguf',
    size: '4.7G',
  },
];
const SAFETENSORS: InferenceInput['models'] = [
  { name: 'qwen2.5-7b', source: 'hf:Qwen/Qwen2.5-7B-Instruct', size: '15.3G', revision: 'main' },
];

const engines: readonly Part[] = [
  { models: GGUF, engine: { name: 'llama.cpp' } },
  { models: GGUF, engine: { name: 'llama.cpp', accelerator: 'cuda', gpu: { count: 1 } } },
  { models: GGUF, engine: { name: 'llama-server' } },
  { models: GGUF, engine: { name: 'llama-server', gpu: {} } },
  { models: GGUF, engine: { name: 'ollama' } },
  { models: GGUF, engine: { name: 'ollama', gpu: { resource: 'amd.com/gpu' } } },
  { models: SAFETENSORS, engine: { name: 'vllm' } },
  { models: SAFETENSORS, engine: { name: 'vllm', nodes: 2, gpu: { count: 8 } } },
  { models: SAFETENSORS, engine: { name: 'sglang', gpu: { count: 2, sharedMemory: '16Gi' } } },
  { models: SAFETENSORS, engine: { name: 'sglang', nodes: 3 } },
  { models: [{ name: 'demo', source: 'demo:', size: '2Mi' }], engine: { name: 'llama.cpp', threads: 2 } },
];

const queue = { signal: 'queue', prometheusAddress: 'http://prometheus.monitoring.svc:9090' } as const;
const pods: readonly Part[] = [
  {},
  { replicas: 1 },
  { replicas: 4 },
  { replicas: { min: 1, max: 5 } },
  { replicas: { min: 1, max: 3 }, autoscaling: queue },
  { replicas: { min: 2, max: 6 }, autoscaling: queue },
  { roles: { gateway: {}, worker: {}, controller: {} } },
  { roles: { gateway: { replicas: 1 }, worker: { replicas: 1 }, controller: { replicas: 1 } } },
  { roles: { gateway: { replicas: { min: 3, max: 9 } }, worker: { autoscaling: queue }, controller: {} } },
];

const storages: readonly Backing['storage'][] = [
  { kind: 'efs', fileSystemId: 'fs-0123456789abcdef0' },
  { kind: 'filestore', tier: 'zonal' },
  {
    kind: 'filestore',
    tier: 'regional',
    network: 'llm',
    connectMode: 'PRIVATE_SERVICE_ACCESS',
    throughput: { aggregate: '1G' },
  },
  { kind: 'filestore', tier: 'enterprise', className: 'models' },
  { kind: 'azure-files' },
  { kind: 'azure-files', sku: 'PremiumV2_LRS', resourceGroup: 'llm', storageAccount: 'models1' },
  { kind: 'nfs', server: '10.0.0.9', path: '/exports/models' },
  { kind: 'existing-class', name: 'cephfs' },
  { kind: 'existing-claim', name: 'models', size: '1Ti' },
];

const tls = { secretName: 'chat-tls' };
const hosts = ['chat.acme.dev', 'llm.acme.dev'];
const traffics: readonly Part[] = [
  {},
  { traffic: { type: 'gateway-api', hosts, tls: { ...tls, clusterIssuer: 'letsencrypt' } } },
  {
    traffic: {
      type: 'gateway-api',
      hosts: ['*.acme.dev'],
      gateway: { name: 'public', namespace: 'edge', sectionName: 'https' },
      affinity: { by: 'header', name: 'x-session' },
      timeouts: { request: '2h', idle: '5m' },
    },
  },
  {
    traffic: {
      type: 'aws-alb',
      hosts,
      certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
      loadBalancerCidrs: ['10.0.0.0/18'],
    },
  },
  {
    traffic: {
      type: 'aws-alb',
      hosts: ['chat.acme.internal'],
      scheme: 'internal',
      loadBalancerCidrs: ['10.0.0.0/18', 'fd00::/56'],
      affinity: { by: 'off' },
    },
  },
  { traffic: { type: 'gke', hosts, certificateMap: 'chat' } },
  { traffic: { type: 'gke', hosts, tls, className: 'gke-l7-rilb', loadBalancerCidrs: ['10.9.0.0/23'] } },
  {
    traffic: {
      type: 'azure-agc',
      hosts,
      tls,
      applicationLoadBalancer: { name: 'alb', namespace: 'alb' },
      loadBalancerCidrs: ['10.1.0.0/24'],
    },
  },
  { traffic: { type: 'azure-agc', hosts, gateway: { name: 'agc' }, loadBalancerCidrs: ['10.1.0.0/24'] } },
];

const cidrs = ['10.0.64.0/20'];
const caches: readonly Backing['cache'][] = [
  'local',
  { host: 'cache.acme.internal', cidrs, maxConnections: 65_000 },
  {
    host: 'cache.acme.internal',
    port: 10_000,
    mode: 'cluster',
    ca: { configMapName: 'cache-ca' },
    credentials: { secretName: 'cache' },
    cidrs: ['2001:db8::/64'],
  },
  { host: 'valkey', tls: false, pods: { labels: { app: 'valkey' } } },
  { host: 'valkey.data.svc', pods: { labels: { app: 'valkey' }, namespace: 'data', port: 16_379 } },
];

const credentials = { secretName: 'database' };
const databases: readonly Backing['database'][] = [
  'local',
  { host: 'db.acme.internal', credentials, maxConnections: 5000, cidrs },
  {
    host: 'pg-rw.data.svc',
    tls: 'off',
    credentials,
    maxConnections: 5000,
    pods: { labels: { 'cnpg.io/cluster': 'pg' }, namespace: 'data' },
  },
  { host: '10.0.64.40', ca: { configMapName: 'ca' }, credentials, maxConnections: 5000, cidrs },
];

const rest: readonly Part[] = [
  {},
  { namespace: 'llm', createNamespace: false, labels: { 'acme.dev/team': 'ml' } },
  { connections: { database: 3, cache: 4 } },
  {
    network: {
      dns: { nodeLocal: true },
      metricsFrom: { namespace: 'observability', podLabels: { app: 'prometheus' } },
      egress: [{ cidrs: ['10.8.0.0/16'], ports: [443, 8443], why: 'a mirror of models' }],
    },
  },
  { spread: { zones: 'off', nodes: 'required' } },
  { spread: { zones: 'required', nodes: 'off' }, disruption: { maxUnavailable: '25%' } },
  { update: { partition: 0, minReady: '0s' }, shutdown: { drain: '10m' } },
  { startup: { limit: '3h' }, modelStore: { uid: 20_000, gid: 20_001 } },
  {
    security: {
      huggingFaceToken: { secretName: 'hf' },
      trustedCa: { configMapName: 'acme-ca' },
      clusterSecret: { secretName: 'shared', key: 'value' },
      imagePullSecrets: ['registry'],
    },
  },
  {
    scheduling: {
      nodeSelector: { 'acme.dev/pool': 'llm' },
      tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
    },
  },
  { profile: 'enterprise', startup: { limit: '4h' } },
];

const DIMENSIONS = [engines, pods, storages, traffics, caches, databases, rest] as const;
/** A prime that no dimension is longer than. */
const PRIME = 11;

/**
 * Orthogonal array: row `i × PRIME + j` has `(j + (column − 1) × i) mod PRIME` in each column and `i` in the first, so
 * that every two columns hold every pair of values.
 */
const rows = Array.from({ length: PRIME ** 2 }, (_, row) =>
  DIMENSIONS.map((values, column) => {
    const [i, j] = [Math.floor(row / PRIME), row % PRIME];
    return (column === 0 ? i : (j + (column - 1) * i) % PRIME) % values.length;
  }),
);

function topology(row: readonly number[]): InferenceInput {
  const [engine = 0, pod = 0, storage = 0, traffic = 0, cache = 0, database = 0, other = 0] = row;
  return {
    kind: 'Inference',
    name: 'chat',
    models: GGUF,
    ...engines[engine],
    ...pods[pod],
    ...traffics[traffic],
    ...rest[other],
    backing: {
      image: 'ghcr.io/acme/polypod-runtime:0.1.0',
      storage: storages[storage],
      cache: caches[cache],
      database: databases[database],
    },
  };
}

const manifests = (input: InferenceInput) =>
  new InferenceChart(new App(), 'chat', validateTopology(input, 'combination')).toJson();

test('no dimension is longer than the prime', () => {
  expect(Math.max(...DIMENSIONS.map(({ length }) => length))).toBeLessThanOrEqual(PRIME);
});

test.each(rows)('engine %i, pods %i, storage %i, traffic %i, cache %i, database %i, rest %i', (...row) => {
  const { findings } = checkManifests(manifests(topology(row)));
  expect(findings.map(({ rule, path, message }) => `${rule} ${path} ${message}`)).toEqual([]);
});

test('all of them validate strictly', () => {
  expect(strictFaults(rows.flatMap((row) => manifests(topology(row))))).toEqual([]);
}, 60_000);
