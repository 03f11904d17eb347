import { ApiObject, App } from 'cdk8s';
import { InferenceChart, inferenceTopology } from '../../../stacks/inference/inference-chart';
import { manifestsOf } from '../../support/strict-validation';

type Input = Parameters<typeof inferenceTopology>[0];

const MODEL = { name: 'tiny', source: 'hf:acme/tiny/tiny.gguf', size: '1Gi' };
const BACKING: Input['backing'] = {
  image: 'ghcr.io/acme/polypod-runtime:0.1.0',
  storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/models' },
  cache: 'local',
  database: 'local',
};
const ROLES = { gateway: {}, worker: { replicas: 3 }, controller: {} };

const chart = (change: Partial<Input> = {}) =>
  new InferenceChart(
    new App(),
    'chat',
    inferenceTopology({ name: 'chat', models: [MODEL], backing: BACKING, ...change }),
  );
const kinds = (change?: Partial<Input>) =>
  manifestsOf(chart(change)).map(({ kind, metadata }) => `${kind}/${metadata?.name}`);

test('one role: every object of a highly available system', () => {
  expect(kinds()).toEqual([
    'StatefulSet/chat-cache',
    'Service/chat-cache',
    'Service/chat-cache-headless',
    'StatefulSet/chat-database',
    'Service/chat-database',
    'Service/chat-database-headless',
    'Namespace/chat',
    'StorageClass/chat-nfs',
    'PersistentVolumeClaim/chat-models',
    'ServiceAccount/chat',
    'ConfigMap/chat-config',
    'Service/chat-peers',
    'Service/chat',
    'Service/chat-metrics',
    'StatefulSet/chat',
    'HorizontalPodAutoscaler/chat',
    'PodDisruptionBudget/chat',
    'NetworkPolicy/chat',
    'NetworkPolicy/chat-cache',
    'NetworkPolicy/chat-database',
  ]);
});

test('three roles share peers, and only workers mount models', () => {
  const manifests = manifestsOf(chart({ roles: ROLES }));
  const peers = manifests.filter(
    ({ kind, metadata }) => kind === 'Service' && metadata?.name?.endsWith('-peers'),
  );
  expect(peers).toHaveLength(1);
  const mounting = manifests.filter((manifest) =>
    JSON.stringify(manifest).includes('"claimName":"chat-models"'),
  );
  expect(mounting.map(({ metadata }) => metadata?.name)).toEqual(['chat-worker']);
});

test('every workload reaches exactly what it is wired to', () => {
  const { reach } = chart({ roles: ROLES }).stack;
  const cache = reach.filter(({ port }) => port === 6379);
  expect(new Set(cache.map(({ from, port }) => `${from.name}:${port}`))).toEqual(
    new Set(['chat-worker:6379', 'chat-gateway:6379', 'chat-controller:6379']),
  );
  const downloads = reach.filter(({ port }) => port === 443);
  expect(downloads.map(({ from }) => from.name)).toEqual(['chat-worker']);
});

test('models come from public addresses only, over one protocol too', () => {
  const cidrs = ['0.0.0.0/0'];
  const { reach } = chart({ network: { modelSource: { cidrs } } }).stack;
  const [download] = reach.filter(({ port }) => port === 443);
  expect(download?.to).toMatchObject({
    blocks: [{ cidr: '0.0.0.0/0', except: expect.arrayContaining(['10.0.0.0/8']) }],
  });
});

test('without isolation there are no policies, without a namespace of its own no Namespace', () => {
  const made = kinds({ network: { isolation: false }, createNamespace: false });
  expect(made.filter((name) => /^(NetworkPolicy|Namespace)/.test(name))).toEqual([]);
});

test('a fixed number of pods has replicas and no autoscaler', () => {
  const manifests = manifestsOf(chart({ replicas: 2 }));
  expect(manifests.some(({ kind }) => kind === 'HorizontalPodAutoscaler')).toBe(false);
  expect(
    manifests.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata?.name === 'chat'),
  ).toMatchObject({
    spec: { replicas: 2 },
  });
});

test('a fault that is put into the chart stops the synth, and names the rule', () => {
  const app = new App({ outdir: '/nonexistent' });
  const faulty = new InferenceChart(
    app,
    'chat',
    inferenceTopology({ name: 'chat', models: [MODEL], backing: BACKING }),
  );
  new ApiObject(faulty, 'disk', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk' },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'gp3',
      resources: { requests: { storage: '1Gi' } },
    },
  });
  expect(() => app.synth()).toThrow('storage/class-cannot-share');
});
