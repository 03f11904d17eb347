import { placeholderNumber } from '../../../../constructs/contracts';
import {
  type EngineProps,
  InferenceDeployment,
  InferenceStatefulSet,
  type InferenceStatefulSetProps,
} from '../../../../constructs/kubernetes';
import {
  cache,
  chart,
  database,
  gguf,
  modelNode,
  node,
  problemsOf,
  safetensors,
  storage,
  vllm,
} from '../fixtures';

const make = (props: Partial<InferenceStatefulSetProps>) =>
  new InferenceStatefulSet(chart(), 'inference', { ...modelNode, ...props });
const engine = (props: Partial<EngineProps>) => ({ engine: { ...vllm, ...props }, models: [safetensors] });

test('names the construct, and says everything at once', () => {
  const broken = () => make({ name: 'My Chat', replicas: 0, models: [], databasePoolSize: 0 });
  expect(broken).toThrow('chart/inference: 4 problems');
  expect(Object.keys(problemsOf(broken))).toEqual(['name', 'replicas', 'databasePoolSize', 'models']);
});

test.each<[string, Partial<InferenceStatefulSetProps>, string, string]>([
  [
    'a name that leaves no room',
    { name: 'a'.repeat(46), role: 'worker' },
    'name',
    'has 46 characters; 45 are left',
  ],
  ['an image without a tag', { image: { repository: 'polypod' } }, 'image', 'which means latest'],
  [
    'an image with a tag that moves',
    { image: { repository: 'polypod', tag: 'main' } },
    'image',
    'which moves',
  ],
  [
    'a maximum below the minimum',
    { replicas: { min: 4, max: 3 } },
    'replicas.max',
    'less than the minimum, 4',
  ],
  [
    'a number of pods that is not known yet',
    { replicas: placeholderNumber(1) },
    'replicas',
    'write the number itself',
  ],
  [
    'two addresses that are one place in the store',
    {
      models: [
        { ...gguf, name: 'a', source: 'https://models.example/tiny.gguf?v=1' },
        { ...gguf, name: 'b', source: 'https://models.example/tiny.gguf?v=2' },
      ],
    },
    'models[1].source',
    'replace each other',
  ],
  ['no memory request', { resources: { requests: { cpu: '1' } } }, 'resources.requests.memory', 'is missing'],
  [
    'a memory limit below the request',
    { resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '1Gi' } } },
    'resources.limits.memory',
    'less than the request, 2Gi',
  ],
  [
    'memory in a unit that Kubernetes does not know',
    { resources: { requests: { cpu: '1', memory: '16GB' } } },
    'resources.requests.memory',
    'did you mean 16Gi',
  ],
  ['several pods without a database', { database: undefined }, 'database', 'would not find each other'],
  [
    'several pods without a cache',
    { replicas: { min: 1, max: 2 }, cache: undefined },
    'cache',
    'would die with its pod',
  ],
  [
    'a worker without the cluster secret',
    { role: 'worker', replicas: 1, clusterSecret: undefined },
    'clusterSecret',
    'as a peer',
  ],
  ['MySQL', { database: { ...database, engine: 'mysql' } }, 'database.engine', 'give a PostgreSQL database'],
  [
    'more connections than the database grants',
    { replicas: { min: 3, max: 30 } },
    'databasePoolSize',
    'makes 600 connections with 30 pods; the database grants 400 → write 13 or fewer',
  ],
  [
    'more connections than the cache grants',
    { cache: { ...cache, maxConnections: 20 } },
    'cachePoolSize',
    'makes 30 connections with 3 pods; the cache grants 20 → write 6 or fewer',
  ],
  [
    'a grace shorter than the drain',
    { shutdown: { graceSeconds: 30 } },
    'shutdown.graceSeconds',
    'write more than 30',
  ],
  [
    'affinity of clients that there are not',
    { role: 'worker', clientAffinitySeconds: 60 },
    'clientAffinitySeconds',
    'no effect',
  ],
  ['a user of the node', { uid: 1000 }, 'uid', '10000 or more'],
  [
    'a store that belongs to one',
    { modelStore: { claimName: 'm', storage: { ...storage, gid: 0 } } },
    'modelStore.storage.gid',
    '10000 or more',
  ],
  [
    'pods that do not own the store',
    { uid: 20000, modelStore: { claimName: 'm', storage: { ...storage, uid: 10001 } } },
    'uid',
    "is not the owner of the store's files, 10001",
  ],
  ['threads for vLLM', engine({ threads: 4 }), 'engine.threads', 'give it in engine.args'],
  ['a negative partition', { partition: -1 }, 'partition', '0 or more'],
  [
    'storage that reads nothing',
    { modelStore: { claimName: 'm', storage: { ...storage, throughput: { perClient: 0 } } } },
    'modelStore.storage.throughput.perClient',
    'write bytes a second',
  ],
  ['a model of no size', { models: [{ ...gguf, bytes: 0 }] }, 'models[0].bytes', '1 or more'],
  ['two models of one name', { models: [gguf, gguf] }, 'models[1].name', 'is there twice'],
  [
    'safetensors for llama.cpp',
    { models: [safetensors] },
    'models[0].source',
    'take the engine vllm or sglang',
  ],
  ['GGUF for vLLM', { engine: vllm, models: [gguf] }, 'models[0].source', 'take the engine llama.cpp'],
  [
    'two models for vLLM',
    { ...engine({}), models: [safetensors, { ...safetensors, name: 'b' }] },
    'models',
    'vllm serves one',
  ],
  [
    'an engine without resources',
    engine({ resources: undefined }),
    'engine.resources.requests.memory',
    'is missing',
  ],
  ['half a GPU', engine({ gpu: { count: 0.5 } }), 'engine.gpu.count', 'write a whole number'],
  [
    'an engine image that moves',
    engine({ image: { repository: 'vllm', tag: 'latest' } }),
    'engine.image',
    'which moves',
  ],
  [
    'more shared memory than memory',
    engine({ gpu: { count: 1, sharedMemory: '64Gi' } }),
    'engine.gpu.sharedMemory',
    'counts as memory of the engine, whose limit is 64Gi',
  ],
  [
    'arguments for llama.cpp',
    { engine: { name: 'llama.cpp', args: ['-t', '4'] } },
    'engine.args',
    'set it in config',
  ],
])('refuses %s', (_what, props, path, text) => {
  expect(problemsOf(() => make(props))).toMatchObject({ [path]: expect.stringContaining(text) });
});

test('one pod that does everything needs nothing but models', () => {
  const alone = { replicas: 1, database: undefined, cache: undefined, clusterSecret: undefined };
  expect(() => make(alone)).not.toThrow();
});

test('a gateway alone is no system', () => {
  const gateway = () =>
    new InferenceDeployment(chart(), 'gateway', {
      ...node,
      role: 'gateway',
      replicas: 1,
      database: undefined,
    });
  expect(problemsOf(gateway)).toEqual({
    database: expect.stringContaining('gateways are no system by themselves'),
  });
});
