import { App } from 'cdk8s';
import type { AnythingLlmInput } from '../../stacks/anything-llm/schema';
import type { DbgptInput } from '../../stacks/dbgpt/schema';
import type { MemosInput } from '../../stacks/memos/schema';
import type { StreamingChatInput } from '../../stacks/streaming-chat/schema';
import { type SystemTopology, type TopologyInput, validateTopology } from '../../stacks/topology';
import { topologyChart } from '../../stacks/topology-chart';
import { manifestsOf, strictFaults } from '../support/strict-validation';

type Backing = NonNullable<MemosInput['backing']>;

const storages: readonly Backing['storage'][] = [
  { kind: 'efs', fileSystemId: 'fs-0123456789abcdef0' },
  { kind: 'filestore', tier: 'regional' },
  { kind: 'azure-files' },
  { kind: 'nfs', server: '10.0.0.9', path: '/exports' },
  { kind: 'existing-class', name: 'cephfs' },
  { kind: 'existing-claim', name: 'files' },
];

const tls = { secretName: 'site-tls' };
const hosts = ['site.acme.dev'];
const loadBalancerCidrs = ['10.0.0.0/18'];
const traffics: readonly MemosInput['traffic'][] = [
  { type: 'none' },
  { type: 'gateway-api', hosts, tls },
  {
    type: 'aws-alb',
    hosts,
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
    loadBalancerCidrs,
  },
  { type: 'gke', hosts, tls },
  {
    type: 'azure-agc',
    hosts,
    tls,
    applicationLoadBalancer: { name: 'alb', namespace: 'alb' },
    loadBalancerCidrs,
  },
];

const credentials = { secretName: 'database' };
const databases: readonly Backing['database'][] = [
  'local',
  { host: 'db.acme.internal', credentials, maxConnections: 5000, cidrs: ['10.0.64.0/20'] },
  { host: 'fd00::5', ca: { secretName: 'ca' }, credentials, maxConnections: 5000, cidrs: ['fd00::/64'] },
];
const caches: readonly Backing['cache'][] = [
  'local',
  { host: 'fd00::6', credentials: { secretName: 'cache' }, cidrs: ['fd00::/64'] },
  { host: 'valkey', tls: false, pods: { labels: { app: 'valkey' } } },
];

const image = 'ghcr.io/acme/site:1.0.0';
const cache = (index: number) => caches[index % caches.length];

/** Each system in each of its forms. */
const systems: readonly ((backing: Backing, index: number) => TopologyInput)[] = [
  (backing, index): MemosInput => ({
    kind: 'Memos',
    name: 'site',
    replicas: { min: 2, max: 10 },
    backing: { ...backing, cache: cache(index) },
  }),
  (backing): MemosInput => ({ kind: 'Memos', name: 'site', replicas: 1, backing }),
  (backing): AnythingLlmInput => ({
    kind: 'AnythingLLM',
    name: 'site',
    llm: { runtime: { name: 'chat' }, model: 'any' },
    backing,
  }),
  (backing): AnythingLlmInput => ({
    kind: 'AnythingLLM',
    name: 'site',
    state: { kind: 'postgresql' },
    llm: { url: 'https://llm.acme.dev/v1', cidrs: ['10.3.0.0/24'], model: 'any' },
    embedding: { runtime: { name: 'chat' }, model: 'other' },
    backing,
  }),
  (backing): DbgptInput => ({
    kind: 'DBGPT',
    name: 'site',
    llm: { kind: 'proxy', runtime: { name: 'chat' }, model: 'any' },
    embedding: { kind: 'proxy', url: 'https://llm.acme.dev/v1', cidrs: ['10.3.0.0/24'], model: 'other' },
    allow: { 'no-login': 'a proxy that knows people stands before it' },
    backing,
  }),
  (backing): DbgptInput => ({
    kind: 'DBGPT',
    name: 'site',
    llm: { kind: 'files', path: 'glm-4-9b-chat', gpu: {} },
    embedding: { kind: 'files', path: 'text2vec-large-chinese' },
    roles: { controller: { replicas: 3 }, embedding: { replicas: { min: 1, max: 3 } } },
    allow: { 'no-login': 'a proxy that knows people stands before it' },
    backing,
  }),
  (backing, index): StreamingChatInput => ({
    kind: 'StreamingChat',
    name: 'site',
    profile: 'medium',
    models: [{ name: 'any', source: 'hf:acme/any-GGUF/any.gguf', size: '1Gi' }],
    // One that asks for no account is refused.
    backing: { ...backing, cache: cache(index % 2) },
  }),
];

test('every form of every system on every storage, behind every traffic: valid, and without a finding', () => {
  const all: ReturnType<typeof manifestsOf> = [];
  let index = 0;
  for (const system of systems) {
    for (const storage of storages) {
      for (const traffic of traffics) {
        index += 1;
        const database = databases[index % databases.length];
        const input = { ...system({ image, storage, database }, index), traffic };
        const topology = validateTopology(input, `combination ${index}`);
        const chart = topologyChart(new App(), 'site', topology);
        expect([nameOf(topology), chart.check().findings]).toEqual([nameOf(topology), []]);
        all.push(...manifestsOf(chart));
      }
    }
  }
  expect(index).toBe(210);
  expect(strictFaults(all)).toEqual([]);
});

const nameOf = ({ kind, backing, traffic }: SystemTopology) =>
  `${kind} on ${backing.storage?.kind} behind ${traffic.type}`;
