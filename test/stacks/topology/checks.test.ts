import {
  connectionBudget,
  type InferenceInput,
  resolveInference,
  validateTopology,
} from '../../../stacks/topology';
import { minimal, problemsOf } from './support';

type Fields = Partial<Omit<InferenceInput, 'backing'>> & { backing?: Partial<InferenceInput['backing']> };

const topology = ({ backing, ...fields }: Fields): InferenceInput => ({
  ...minimal(),
  ...fields,
  backing: { ...minimal().backing, ...backing },
});

const model = (fields: object) => ({
  name: 'tiny',
  source: 'hf:acme/tiny-GGUF/tiny.gguf',
  size: '2Gi',
  ...fields,
});
const safetensors = model({ source: 'hf:acme/tiny' });
const database = {
  host: 'db.acme.internal',
  credentials: { secretName: 'db' },
  maxConnections: 100,
  cidrs: ['10.0.0.0/24'],
};
const cache = { host: 'cache.acme.internal', cidrs: ['10.0.0.0/24'] };
const image = 'ghcr.io/acme/polypod-runtime:0.1.0';

/** What is refused: fields, path of the problem, what its reason and mend say. */
const REFUSED: readonly (readonly [title: string, fields: Fields, path: string, words: RegExp])[] = [
  // replicas and roles
  ['a minimum above the maximum', { replicas: { min: 9, max: 4 } }, 'replicas.min', /above the maximum of 4/],
  ['nobody there', { replicas: 0 }, 'replicas.min', /at least 1/],
  ['a role left out', { roles: { gateway: {}, worker: {} } }, 'roles.controller', /all three/],
  [
    'replicas beside separate roles',
    { replicas: 3, roles: { gateway: {}, worker: {}, controller: {} } },
    'replicas',
    /roles\.worker\.replicas/,
  ],
  [
    'a range in a role',
    { roles: { gateway: { replicas: { min: 7, max: 3 } }, worker: {}, controller: {} } },
    'roles.gateway.replicas.min',
    /above/,
  ],
  [
    'a partition that no pod reaches',
    { update: { partition: 3 } },
    'update.partition',
    /no pod has that ordinal.*at most 2/s,
  ],
  // autoscaling
  [
    'a queue without Prometheus',
    { autoscaling: { signal: 'queue' } },
    'autoscaling.prometheusAddress',
    /http:\/\/prometheus/,
  ],
  [
    'a queue beside a fixed number',
    { replicas: 2, autoscaling: { signal: 'queue', prometheusAddress: 'http://p:9090' } },
    'autoscaling',
    /never acts/,
  ],
  [
    'an autoscaler that looks at nothing',
    { autoscaling: { signal: 'cpu-memory', cpuPercent: 'off', memoryPercent: 'off' } },
    'autoscaling.cpuPercent',
    /never acts/,
  ],
  [
    'an autoscaler that adds pods at rest',
    { models: [model({ size: '7Gi' })], resources: { requests: { memory: '8Gi' } } },
    'autoscaling.memoryPercent',
    /added at rest/,
  ],
  // connections
  [
    'a database for fewer pods',
    { profile: 'medium', backing: { database } },
    'backing.database.maxConnections',
    /less than 160, which 8 pods × 20.*grant 160, or lower replicas.max to 5, or lower connections.database to 12/s,
  ],
  [
    'a cache for fewer pods',
    { backing: { cache: { ...cache, maxConnections: 29 } } },
    'backing.cache.maxConnections',
    /less than 30/,
  ],
  [
    'a database for fewer roles',
    { roles: { gateway: {}, worker: {}, controller: {} }, backing: { database } },
    'backing.database.maxConnections',
    /6 gateway \+ 3 worker \+ 2 controller pods × 20/,
  ],
  [
    'a database to be made for fewer pods',
    { sizing: { database: { maxConnections: 10 } } },
    'sizing.database.maxConnections',
    /less than 60/,
  ],
  // disruption, update, shutdown, startup
  [
    'a budget that evicts nobody',
    { disruption: { maxUnavailable: 0 } },
    'disruption.maxUnavailable',
    /blocks every drain/,
  ],
  [
    'a budget of 0%',
    { disruption: { maxUnavailable: '0%' } },
    'disruption.maxUnavailable',
    /blocks every drain/,
  ],
  [
    'a budget that keeps all',
    { disruption: { minAvailable: 2 } },
    'disruption.minAvailable',
    /blocks every drain/,
  ],
  [
    'a percentage that rounds up to all',
    { disruption: { minAvailable: '60%' } },
    'disruption.minAvailable',
    /blocks every drain/,
  ],
  [
    'a budget that protects nothing',
    { disruption: { maxUnavailable: '100%' } },
    'disruption.maxUnavailable',
    /protects nothing/,
  ],
  [
    'both kinds of budget',
    { disruption: { maxUnavailable: 1, minAvailable: 1 } },
    'disruption.minAvailable',
    /one of the two/,
  ],
  [
    'a grace below preStop and drain',
    { shutdown: { preStop: '15s', drain: '60s', grace: '70s' } },
    'shutdown.grace',
    /at least 75s/,
  ],
  [
    'a start beyond its limit',
    {
      models: [model({ size: '100Gi' })],
      backing: { storage: { kind: 'existing-class', name: 'slow', throughput: { perClient: '10M' } } },
    },
    'startup.limit',
    /10 MB\/s/,
  ],
  [
    'many starts on one server',
    {
      replicas: 20,
      models: [model({ size: '20Gi' })],
      connections: { database: 5 },
      backing: {
        storage: {
          kind: 'nfs',
          server: 'nas',
          path: '/models',
          throughput: { perClient: '1G', aggregate: '100M' },
        },
      },
    },
    'startup.limit',
    /5 MB\/s for each of 20 pods/,
  ],
  [
    'a budget below the reading',
    {
      startup: { budget: '10s' },
      backing: { storage: { kind: 'existing-class', name: 'x', throughput: { perClient: '100M' } } },
    },
    'startup.budget',
    /21s|22s/,
  ],
  // resources
  [
    'a CPU request above its limit',
    { resources: { requests: { cpu: 4 }, limits: { cpu: 2 } } },
    'resources.requests.cpu',
    /above the limit of 2/,
  ],
  [
    'a memory request above its limit',
    { resources: { requests: { memory: '16Gi' }, limits: { memory: '8Gi' } } },
    'resources.requests.memory',
    /above the limit of 8Gi/,
  ],
  [
    'an engine above its limit',
    { engine: { name: 'ollama', resources: { requests: { cpu: 8 }, limits: { cpu: 4 } } } },
    'engine.resources.requests.cpu',
    /above/,
  ],
  [
    'memory that the model fills',
    { models: [model({ size: '12Gi' })], replicas: 2, resources: { limits: { memory: '12Gi' } } },
    'resources.limits.memory',
    /killed while it loads/,
  ],
  [
    'an engine that the model fills',
    { engine: { name: 'llama-server', resources: { limits: { memory: '2Gi' } } } },
    'engine.resources.limits.memory',
    /killed/,
  ],
  [
    'more threads than cores',
    { engine: { name: 'llama.cpp', threads: 8 } },
    'engine.threads',
    /request 8 cores/,
  ],
  [
    'shared memory beyond the limit',
    {
      models: [safetensors],
      engine: { name: 'vllm', gpu: { sharedMemory: '32Gi' }, resources: { limits: { memory: '16Gi' } } },
    },
    'engine.gpu.sharedMemory',
    /counts/,
  ],
  // engine
  ['a GPU for the CPU image', { engine: { name: 'llama.cpp', gpu: {} } }, 'engine.gpu', /accelerator: cuda/],
  [
    'a CUDA image without GPU',
    { engine: { name: 'llama.cpp', accelerator: 'cuda' } },
    'engine.accelerator',
    /gpu: \{ count: 1 \}/,
  ],
  [
    'nodes that the engine can not span',
    { engine: { name: 'ollama', nodes: 2 } },
    'engine.nodes',
    /vllm or sglang/,
  ],
  [
    'an argument of the topology',
    { models: [safetensors], engine: { name: 'vllm', args: ['--max-model-len=4096'] } },
    'engine.args[0]',
    /topology itself/,
  ],
  [
    'a secret among arguments',
    { models: [safetensors], engine: { name: 'sglang', args: ['--log-level', '--api-key=abc'] } },
    'engine.args[1]',
    /plain text/,
  ],
  [
    'arguments for Ollama',
    { engine: { name: 'ollama', args: ['--verbose'] } },
    'engine.args',
    /no arguments/,
  ],
  // models
  [
    'two revisions of one file, which would replace each other',
    { models: [model({ revision: 'v1' }), model({ name: 'other', revision: 'v2' })] },
    'models[1].revision',
    /that of tiny, and both lie at \/models\/hf\/acme\/tiny-GGUF\/tiny\.gguf.*two topologies/s,
  ],
  ['one name twice', { models: [model({}), model({})] }, 'models[1].name', /models\[0\]/],
  ['GGUF for vLLM', { engine: { name: 'vllm' } }, 'models[0].source', /safetensors/],
  ['safetensors for llama.cpp', { models: [safetensors] }, 'models[0].source', /\.gguf/],
  [
    'a GGUF repository without file',
    { models: [model({ source: 'hf:acme/tiny-GGUF' })] },
    'models[0].source',
    /name the file/,
  ],
  [
    'two models for vLLM',
    { models: [safetensors, model({ name: 'b', source: 'hf:acme/b' })], engine: { name: 'vllm' } },
    'models',
    /a topology for each/,
  ],
  [
    'a checksum of a repository',
    { models: [model({ source: 'hf:acme/tiny', sha256: 'a'.repeat(64) })], engine: { name: 'vllm' } },
    'models[0].sha256',
    /revision/,
  ],
  [
    'a revision of a URL',
    { models: [model({ source: 'https://example.com/a.gguf', revision: 'v1' })] },
    'models[0].revision',
    /take it out/,
  ],
  [
    'a gated model without token',
    {
      models: [model({ source: 'hf:meta-llama/Llama-3.1-8B-Instruct', size: '16G' })],
      engine: { name: 'vllm' },
    },
    'models[0].source',
    /huggingFaceToken/,
  ],
  [
    'a context that the model lacks',
    {
      models: [model({ source: 'hf:Qwen/Qwen2.5-7B-Instruct', size: '16G', contextLength: 131_072 })],
      engine: { name: 'vllm' },
    },
    'models[0].contextLength',
    /at most 32768/,
  ],
  [
    'a size that the name contradicts',
    { models: [model({ source: 'hf:acme/big-70b-GGUF/big-70b.gguf', size: '40Mi' })] },
    'models[0].size',
    /70 billion/,
  ],
  // storage
  [
    'below the minimum of Filestore zonal',
    { modelStore: { size: '500Gi' }, backing: { storage: { kind: 'filestore', tier: 'zonal' } } },
    'modelStore.size',
    /1Ti/,
  ],
  [
    'below the minimum of Filestore regional',
    { modelStore: { size: '50Gi' }, backing: { storage: { kind: 'filestore', tier: 'regional' } } },
    'modelStore.size',
    /100Gi/,
  ],
  [
    'below the minimum of Filestore enterprise',
    { modelStore: { size: '1023Gi' }, backing: { storage: { kind: 'filestore', tier: 'enterprise' } } },
    'modelStore.size',
    /1Ti/,
  ],
  [
    'below the minimum of Azure Files',
    { modelStore: { size: '99Gi' }, backing: { storage: { kind: 'azure-files' } } },
    'modelStore.size',
    /100Gi/,
  ],
  [
    'models beyond the volume',
    { models: [model({ size: '20Gi' })], modelStore: { size: '10Gi' } },
    'modelStore.size',
    /write 40Gi/,
  ],
  [
    'models beyond an existing claim',
    {
      models: [model({ size: '20Gi' })],
      backing: { storage: { kind: 'existing-claim', name: 'models', size: '10Gi' } },
    },
    'backing.storage.size',
    /less than the models take/,
  ],
  [
    'a size for an existing claim',
    { modelStore: { size: '100Gi' }, backing: { storage: { kind: 'existing-claim', name: 'models' } } },
    'modelStore.size',
    /no effect/,
  ],
  [
    'bursting EFS',
    {
      backing: { storage: { kind: 'efs', fileSystemId: 'fs-0123456789abcdef0', throughputMode: 'bursting' } },
    },
    'backing.storage.throughputMode',
    /elastic/,
  ],
  [
    'a slow class',
    { backing: { storage: { kind: 'existing-class', name: 'standard-rwx' } } },
    'backing.storage.name',
    /hard disks/,
  ],
  ['a user below 10000', { modelStore: { uid: 1000 } }, 'modelStore.uid', /10001/],
  ['root', { modelStore: { gid: 0 } }, 'modelStore.gid', /below 10000/],
  // servers
  ['no image', { backing: { image: undefined } }, 'backing.image', /foundation/],
  ['no storage', { backing: { storage: undefined } }, 'backing.storage', /foundation/],
  ['no database', { backing: { database: undefined } }, 'backing.database', /local/],
  [
    'several pods without cache',
    { backing: { cache: undefined } },
    'backing.cache',
    /up to 3 pods.*lost-streams/s,
  ],
  [
    'a server without address',
    { backing: { cache: { host: 'cache' } } },
    'backing.cache.cidrs',
    /network policy would block/,
  ],
  [
    'a server in two places',
    { backing: { cache: { ...cache, pods: { labels: { app: 'cache' } } } } },
    'backing.cache.pods',
    /one of the two/,
  ],
  [
    'a server that is the internet',
    { backing: { database: { ...database, cidrs: ['0.0.0.0/0'] } } },
    'backing.database.cidrs[0]',
    /whole internet/,
  ],
  [
    'a database at an address outside its own blocks',
    { backing: { database: { ...database, host: '10.9.0.5', cidrs: ['10.1.0.0/16', '2001:db8::/32'] } } },
    'backing.database.host',
    /none of its own cidrs/,
  ],
  [
    'a cache at an IPv6 address outside its own blocks',
    { backing: { cache: { ...cache, host: '2001:db9::1', cidrs: ['2001:db8::/32'] } } },
    'backing.cache.host',
    /none of its own cidrs/,
  ],
  [
    'a database in clear text',
    { backing: { database: { ...database, tls: 'off' } } },
    'backing.database.tls',
    /verify-full/,
  ],
  [
    'a cache in clear text',
    { backing: { cache: { ...cache, tls: false } } },
    'backing.cache.tls',
    /write true/,
  ],
  [
    'authorities without TLS',
    {
      backing: {
        cache: { host: 'cache', pods: { labels: { app: 'x' } }, tls: false, ca: { configMapName: 'ca' } },
      },
    },
    'backing.cache.ca',
    /no effect/,
  ],
  [
    'one address for both servers',
    { backing: { cache: { ...cache, host: 'db.acme.internal', port: 5432 }, database } },
    'backing.cache.port',
    /6379/,
  ],
  // retired services
  [
    'Azure Cache for Redis',
    { backing: { cache: { ...cache, host: 'chat.redis.cache.windows.net', port: 6380 } } },
    'backing.cache.host',
    /2028-09-30.*Azure Managed Redis/s,
  ],
  [
    'Azure Cache for Redis Enterprise',
    {
      backing: { cache: { ...cache, host: 'chat.westeurope.redisenterprise.cache.azure.net', port: 10000 } },
    },
    'backing.cache.host',
    /2027-03-31/,
  ],
  [
    'a database that is retired, and no PostgreSQL',
    { backing: { database: { ...database, host: 'chat.mariadb.database.azure.com' } } },
    'backing.database.host',
    /2025-09-19.*Use a PostgreSQL server/s,
  ],
  [
    'ingress-nginx',
    { traffic: { type: 'nginx-ingress', hosts: ['chat.internal'] } },
    'traffic.type',
    /2026-03-31.*gateway-api/s,
  ],
  // traffic
  [
    'a public host without TLS',
    { traffic: { type: 'gateway-api', hosts: ['chat.acme.dev'] } },
    'traffic.hosts[0]',
    /clear text.*plain-http/s,
  ],
  [
    'a public balancer without certificate',
    { traffic: { type: 'aws-alb', hosts: ['chat.acme.dev'], loadBalancerCidrs: ['10.0.0.0/24'] } },
    'traffic.hosts[0]',
    /traffic\.certificateArn/,
  ],
  [
    'a host twice',
    { traffic: { type: 'gateway-api', hosts: ['a.internal', 'a.internal'] } },
    'traffic.hosts[1]',
    /twice/,
  ],
  [
    'affinity that the balancer lacks',
    { traffic: { type: 'gke', hosts: ['a.internal'], affinity: { by: 'header' } } },
    'traffic.affinity.by',
    /write cookie/,
  ],
  [
    'silence beyond the balancer',
    {
      traffic: {
        type: 'aws-alb',
        hosts: ['a.internal'],
        loadBalancerCidrs: ['10.0.0.0/24'],
        timeouts: { idle: '2h' },
      },
    },
    'traffic.timeouts.idle',
    /4000s/,
  ],
  [
    'two certificates',
    { traffic: { type: 'gke', hosts: ['a.dev'], tls: { secretName: 'a' }, certificateMap: 'b' } },
    'traffic.certificateMap',
    /one of the two/,
  ],
  [
    'a Gateway of no balancer',
    { traffic: { type: 'azure-agc', hosts: ['a.internal'], loadBalancerCidrs: ['10.0.0.0/24'] } },
    'traffic.applicationLoadBalancer',
    /ApplicationLoadBalancer/,
  ],
  [
    'a certificate for an existing Gateway',
    { traffic: { type: 'gateway-api', hosts: ['a.dev'], gateway: { name: 'g' }, tls: { secretName: 'a' } } },
    'traffic.tls',
    /no effect/,
  ],
  // cluster
  ['the namespace of the cluster', { namespace: 'kube-system' }, 'namespace', /cluster's own/],
  ['relabelling default', { namespace: 'default' }, 'namespace', /createNamespace: false/],
  [
    'a label of the topology',
    { labels: { 'app.kubernetes.io/name': 'x' } },
    'labels["app.kubernetes.io/name"]',
    /prefix of your own/,
  ],
  [
    'a toleration with value and Exists',
    { scheduling: { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] } },
    'scheduling.tolerations[0].value',
    /Equal/,
  ],
  [
    'a toleration of nothing',
    { scheduling: { tolerations: [{ operator: 'Equal', value: 'b' }] } },
    'scheduling.tolerations[0].key',
    /name the key/,
  ],
  [
    'egress to everything',
    { network: { egress: [{ cidrs: ['::/0'], ports: [443], why: 'web' }] } },
    'network.egress[0].cidrs[0]',
    /metadata/,
  ],
];

describe('refused', () => {
  test.each(REFUSED)('%s', (_, fields, path, words) => {
    const problems = problemsOf(topology(fields));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(`${problems[0]?.reason}\n${problems[0]?.mend}`).toMatch(words);
  });

  test.each([
    'gp2',
    'gp3',
    'io2',
    'standard-rwo',
    'premium-rwo',
    'managed-csi',
    'managed-csi-premium',
    'default',
    'local-path',
  ])('models on class %s, which one node mounts', (name) => {
    const problems = problemsOf(topology({ backing: { storage: { kind: 'existing-class', name } } }));
    expect(problems).toMatchObject([{ path: 'backing.storage.name', value: name }]);
    expect(problems[0]?.reason).toContain('only one node can mount');
  });
});

/** Near misses: each is close to something refused, and fine. */
const ACCEPTED: readonly (readonly [title: string, fields: Fields])[] = [
  ['a minimum equal to the maximum', { replicas: { min: 4, max: 4 } }],
  ['a maximum below the profile', { profile: 'medium', replicas: { max: 2 } }],
  ['a partition at the last pod', { update: { partition: 2 } }],
  ['separate roles without settings', { roles: { gateway: {}, worker: {}, controller: {} } }],
  [
    'exactly enough connections',
    { profile: 'medium', backing: { database: { ...database, maxConnections: 160 } } },
  ],
  ['half of two pods', { disruption: { minAvailable: '50%' } }],
  ['a budget at one pod', { replicas: 1, disruption: { minAvailable: 1 } }],
  ['a grace of exactly preStop and drain', { shutdown: { preStop: '5s', drain: '20s', grace: '25s' } }],
  [
    'requests equal to limits',
    { resources: { requests: { cpu: 2, memory: '8Gi' }, limits: { cpu: 2, memory: '8Gi' } } },
  ],
  [
    'a tight memory where memory does not scale',
    {
      models: [model({ size: '7Gi' })],
      resources: { requests: { memory: '8Gi' } },
      autoscaling: { signal: 'cpu-memory', memoryPercent: 'off' },
    },
  ],
  ['a large model with defaults', { models: [model({ size: '40Gi' })] }],
  [
    'threads with their cores',
    { engine: { name: 'llama.cpp', threads: 8 }, resources: { requests: { cpu: 8 } } },
  ],
  ['a GPU for the CUDA image', { engine: { name: 'llama.cpp', accelerator: 'cuda', gpu: {} } }],
  ['two models for Ollama', { models: [model({}), model({ name: 'b' })], engine: { name: 'ollama' } }],
  [
    'an argument of its own',
    { models: [safetensors], engine: { name: 'vllm', args: ['--enable-prefix-caching'] } },
  ],
  [
    'a model over two nodes',
    { models: [safetensors], engine: { name: 'sglang', nodes: 2, gpu: { count: 8 } } },
  ],
  [
    'a gated model with its token',
    {
      models: [model({ source: 'hf:meta-llama/Llama-3.1-8B-Instruct', size: '16G' })],
      engine: { name: 'vllm' },
      security: { huggingFaceToken: { secretName: 'hf' } },
    },
  ],
  [
    'the whole context',
    {
      models: [model({ source: 'hf:Qwen/Qwen2.5-7B-Instruct', size: '16G', contextLength: 32_768 })],
      engine: { name: 'vllm' },
    },
  ],
  [
    'a stretched context',
    {
      models: [model({ source: 'hf:Qwen/Qwen2.5-7B-Instruct', size: '16G', contextLength: 131_072 })],
      engine: { name: 'vllm', args: ['--rope-scaling', '{}'] },
    },
  ],
  [
    'one bit a weight',
    { models: [model({ source: 'hf:acme/big-70b-GGUF/big-70b-iq1_s.gguf', size: '15Gi' })] },
  ],
  ['the demonstration model', { models: [model({ source: 'demo:', size: '1Mi' })] }],
  ['a file in the volume', { models: [model({ source: 'file:/models/a.gguf' })] }],
  [
    'the minimum of a tier',
    { modelStore: { size: '1Ti' }, backing: { storage: { kind: 'filestore', tier: 'zonal' } } },
  ],
  ['a tier’s minimum by default', { backing: { storage: { kind: 'filestore', tier: 'zonal' } } }],
  [
    'slow storage, for a reason',
    {
      backing: { storage: { kind: 'existing-class', name: 'standard-rwx' } },
      allow: { 'slow-storage': 'a test cluster' },
    },
  ],
  ['one pod without cache', { replicas: 1, backing: { cache: undefined } }],
  [
    'lost streams, for a reason',
    { backing: { cache: undefined }, allow: { 'lost-streams': 'embeddings only' } },
  ],
  [
    'a server in the cluster, in clear text',
    {
      backing: {
        cache: { host: 'cache.data', tls: false, pods: { labels: { app: 'cache' }, namespace: 'data' } },
      },
    },
  ],
  ['one host for both servers', { backing: { cache: { ...cache, host: 'db.acme.internal' }, database } }],
  [
    'Azure Managed Redis',
    { backing: { cache: { ...cache, host: 'chat.westeurope.redis.azure.net', port: 10000 } } },
  ],
  [
    'a retired service, for a reason',
    {
      backing: { cache: { ...cache, host: 'a.redis.cache.windows.net' } },
      allow: { 'retired-service': 'moves in 2027' },
    },
  ],
  ['an inner host without TLS', { traffic: { type: 'gateway-api', hosts: ['chat.acme.internal'] } }],
  [
    'an inner balancer without TLS',
    {
      traffic: {
        type: 'aws-alb',
        scheme: 'internal',
        hosts: ['chat.acme.dev'],
        loadBalancerCidrs: ['10.0.0.0/24'],
      },
    },
  ],
  [
    'a public host at an existing Gateway',
    {
      traffic: {
        type: 'gateway-api',
        hosts: ['chat.acme.dev'],
        gateway: { name: 'shared', namespace: 'gateways' },
      },
    },
  ],
  [
    'plain HTTP, for a reason',
    {
      traffic: { type: 'gateway-api', hosts: ['chat.acme.dev'] },
      allow: { 'plain-http': 'TLS ends at the CDN' },
    },
  ],
  ['default without relabelling', { namespace: 'default', createNamespace: false }],
  ['a label of one’s own', { labels: { 'acme.dev/team': 'ml' } }],
];

describe('accepted', () => {
  test.each(ACCEPTED)('%s', (_, fields) => {
    expect(() => validateTopology(topology(fields), 'test')).not.toThrow();
  });
});

test('a foundation makes what the topology leaves out', () => {
  const { kind, name, models } = minimal();
  expect(() =>
    validateTopology({ kind, name, models }, 'test', { backing: 'from-foundation' }),
  ).not.toThrow();
  expect(problemsOf({ kind, name, models }).map(({ path }) => path)).toEqual([
    'backing.image',
    'backing.storage',
    'backing.database',
    'backing.cache',
  ]);
});

test('an accepted finding needs a reason', () => {
  expect(problemsOf(topology({ allow: { 'lost-streams': '' } }))).toMatchObject([
    { path: 'allow.lost-streams' },
  ]);
});

test('the image of a topology carries its pull secrets', () => {
  const { backing } = validateTopology(
    topology({ backing: { image: `${image}@sha256:${'a'.repeat(64)}` } }),
    'test',
  );
  expect(backing.image).toEqual({
    repository: 'ghcr.io/acme/polypod-runtime',
    tag: '0.1.0',
    digest: `sha256:${'a'.repeat(64)}`,
  });
});

test('a foundation asks whether the server that it is about to make grants enough connections', () => {
  const settings = resolveInference(validateTopology(topology({ profile: 'large' }), 'test'));
  expect(connectionBudget(settings, 'database', 400)).toBeUndefined();
  expect(connectionBudget(settings, 'database', 399, 'database:instanceClass')).toMatchObject({
    path: 'database:instanceClass',
    value: 399,
    mend: 'let the server grant 400, or lower replicas.max to 19, or lower connections.database to 19',
  });
});

test('a server at an address inside one of its blocks is in order', () => {
  const inside = { ...database, host: '10.1.2.3', cidrs: ['10.9.0.0/16', '10.1.0.0/16'] };
  expect(() => validateTopology(topology({ backing: { database: inside } }), 'test')).not.toThrow();
});
