import { type InferenceInput, PROFILES, resolveInference, validateTopology } from '../../../stacks/topology';
import { minimal } from './support';

const settings = (fields: Partial<InferenceInput> = {}) =>
  resolveInference(validateTopology({ ...minimal(), ...fields }, 'test'));

describe('profiles are the table of seed 001', () => {
  test.each([
    ['small', 2, 3, 2, '4Gi', '100Gi', '1Gi', 'single'],
    ['medium', 3, 8, 4, '8Gi', '500Gi', '4Gi', 'cluster'],
    ['large', 8, 20, 8, '16Gi', '1Ti', '8Gi', 'cluster'],
  ] as const)('%s', (name, min, max, cpu, memory, storage, cacheMemory, mode) => {
    const profile = PROFILES[name];
    expect(profile.replicas).toEqual({ min, max });
    expect(profile.database.cpu.cores).toBe(cpu);
    expect([profile.database.memory.text, profile.database.storage.text]).toEqual([memory, storage]);
    expect([profile.cache.memory.text, profile.cache.mode]).toEqual([cacheMemory, mode]);
  });

  test('enterprise begins at 20 pods with a Redis cluster, and is nowhere below large', () => {
    const { enterprise, large } = PROFILES;
    expect(enterprise.replicas.min).toBe(20);
    expect(enterprise.cache.mode).toBe('cluster');
    expect(enterprise.database.cpu.cores).toBeGreaterThanOrEqual(large.database.cpu.cores);
    expect(enterprise.database.memory.bytes).toBeGreaterThanOrEqual(large.database.memory.bytes);
  });

  test.each(['small', 'medium', 'large', 'enterprise'] as const)(
    '%s: 20 connections to the database and 10 to the cache for each pod',
    (profile) => {
      const { sizing } = settings({ profile });
      const pods = PROFILES[profile].replicas.max;
      expect(sizing.database.maxConnections).toBe(20 * pods);
      expect(sizing.cache.maxConnections).toBe(10 * pods);
    },
  );

  test('every figure is overridden by itself', () => {
    const { sizing, workloads } = settings({
      profile: 'large',
      replicas: { min: 4 },
      connections: { database: 5 },
      sizing: { database: { memory: '64Gi' }, cache: { mode: 'single' } },
    });
    expect(workloads[0]?.replicas).toEqual({ min: 4, max: 20 });
    expect(sizing.database).toMatchObject({
      memory: { text: '64Gi' },
      cpu: { text: '8' },
      storage: { text: '1Ti' },
      maxConnections: 100,
    });
    expect(sizing.cache).toMatchObject({ mode: 'single', memory: { text: '8Gi' }, maxConnections: 200 });
  });
});

describe('workloads', () => {
  test('one of role all, scaled as seed 002 says', () => {
    const [workload, ...others] = settings().workloads;
    expect(others).toEqual([]);
    expect(workload).toMatchObject({ role: 'all', loadsModels: true, disruption: { maxUnavailable: 1 } });
    expect(workload?.autoscaling).toMatchObject({
      signal: 'cpu-memory',
      cpuPercent: 70,
      memoryPercent: 80,
      behavior: {
        scaleUp: { pods: 2, period: { seconds: 60 }, stabilization: { seconds: 300 } },
        scaleDown: { pods: 1, period: { seconds: 60 }, stabilization: { seconds: 300 } },
      },
    });
  });

  test('a number of replicas is fixed, and one pod has no budget', () => {
    expect(settings({ replicas: 1 }).workloads[0]).toMatchObject({
      replicas: { min: 1, max: 1 },
      autoscaling: undefined,
      disruption: undefined,
    });
  });

  test('a minimum above the profile raises the maximum', () => {
    expect(settings({ profile: 'small', replicas: { min: 5 } }).workloads[0]?.replicas).toEqual({
      min: 5,
      max: 5,
    });
  });

  test('separate roles: only workers load models, and the controllers are a leader and its deputy', () => {
    const { workloads } = settings({ profile: 'medium', roles: { gateway: {}, worker: {}, controller: {} } });
    expect(
      workloads.map(({ role, replicas, loadsModels }) => [role, replicas.min, replicas.max, loadsModels]),
    ).toEqual([
      ['gateway', 2, 6, false],
      ['worker', 3, 8, true],
      ['controller', 2, 2, false],
    ]);
  });
});

describe('resources', () => {
  test('a node has 4 cores and 8 GiB at least, no CPU limit, and a memory limit equal to the request', () => {
    expect(settings().workloads[0]?.resources).toEqual({
      requests: { cpu: { text: '4', cores: 4 }, memory: { text: '8Gi', bytes: 8 * 2 ** 30 } },
      limits: { memory: { text: '8Gi', bytes: 8 * 2 ** 30 } },
    });
  });

  test('memory follows the models and their context', () => {
    const memory = (contextLength: number) =>
      settings({ models: [{ name: 'a', source: 'hf:acme/a-GGUF/a.gguf', size: '40Gi', contextLength }] })
        .workloads[0]?.resources.requests.memory.bytes ?? 0;
    expect(memory(8192)).toBeGreaterThan(45 * 2 ** 30);
    expect(memory(32_768)).toBeGreaterThan(memory(8192));
  });

  test('a limit below the default lowers the request with it', () => {
    const { resources } = settings({ resources: { limits: { cpu: 2, memory: '6Gi' } } }).workloads[0] ?? {};
    expect(resources?.requests).toMatchObject({ cpu: { text: '2' }, memory: { text: '6Gi' } });
  });

  test('threads are the whole cores that are requested', () => {
    expect(settings({ resources: { requests: { cpu: '6500m' } } }).engine).toMatchObject({
      name: 'llama.cpp',
      threads: 6,
    });
    expect(settings({ resources: { requests: { cpu: '500m' } } }).engine).toMatchObject({ threads: 1 });
  });

  test('an engine beside the runtime gets the memory, the runtime is small', () => {
    const { engine, workloads } = settings({
      engine: { name: 'vllm', gpu: { count: 2 } },
      models: [{ name: 'a', source: 'hf:acme/a', size: '60G' }],
    });
    expect(workloads[0]?.resources.requests).toMatchObject({ cpu: { text: '1' }, memory: { text: '2Gi' } });
    expect(engine).toMatchObject({
      resources: { requests: { cpu: { text: '8' }, memory: { text: '40Gi' } } },
      gpu: { count: 2, tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] },
      nodes: 1,
    });
  });
});

describe('storage', () => {
  const size = (fields: Partial<InferenceInput>) => settings(fields).sharedFiles.size.text;

  test('twice the models, in whole GiB', () => {
    expect(size({})).toBe('4Gi');
    expect(size({ models: [{ name: 'a', source: 'hf:acme/a-GGUF/a.gguf', size: '4.7G' }] })).toBe('9Gi');
  });

  test.each([
    [{ kind: 'filestore', tier: 'regional' }, '100Gi'],
    [{ kind: 'filestore', tier: 'zonal' }, '1Ti'],
    [{ kind: 'azure-files' }, '100Gi'],
    [{ kind: 'existing-class', name: 'x', minimumSize: '50Gi' }, '50Gi'],
  ] as const)('no less than %p grants', (storage, minimum) => {
    expect(size({ backing: { ...minimal().backing, storage } })).toBe(minimum);
  });
});

describe('connections', () => {
  test('servers outside the cluster: TLS verified, egress to their blocks', () => {
    const { backing } = settings({
      backing: {
        ...minimal().backing,
        cache: {
          host: 'cache.dev',
          cidrs: ['10.0.0.0/24'],
          credentials: { secretName: 'c' },
          ca: { secretName: 'ca' },
        },
        database: {
          host: 'db.dev',
          credentials: { secretName: 'd', passwordKey: 'pass' },
          maxConnections: 100,
          cidrs: ['10.0.1.0/24'],
        },
      },
    });
    expect(backing.cache).toEqual({
      host: 'cache.dev',
      port: 6379,
      mode: 'single',
      tls: { ca: { secretName: 'ca', key: 'ca.crt' } },
      credentials: { secretName: 'c', usernameKey: 'username', passwordKey: 'password' },
      egress: { cidrs: ['10.0.0.0/24'], ports: [6379] },
    });
    expect(backing.database).toEqual({
      engine: 'postgresql',
      host: 'db.dev',
      port: 5432,
      database: 'polypod',
      tls: { mode: 'verify-full' },
      credentials: { secretName: 'd', usernameKey: 'username', passwordKey: 'pass' },
      maxConnections: 100,
      egress: { cidrs: ['10.0.1.0/24'], ports: [5432] },
    });
  });

  test('servers inside the cluster: egress to the port of their pods', () => {
    const { backing } = settings({
      backing: {
        ...minimal().backing,
        cache: {
          host: 'cache.data',
          tls: false,
          pods: { labels: { app: 'cache' }, namespace: 'data', port: 16379 },
        },
      },
    });
    expect(backing.cache).toMatchObject({
      tls: false,
      egress: { podLabels: { app: 'cache' }, namespace: 'data', ports: [16379] },
    });
  });

  test('what stays local stays a word', () => {
    expect(settings().backing).toMatchObject({ cache: 'local', database: 'local' });
  });
});

test('names and times that follow from others', () => {
  const { namespace, security, shutdown, models } = settings({ shutdown: { drain: '60s' } });
  expect(namespace).toBe('chat');
  expect(security.clusterSecret).toEqual({ secretName: 'chat-cluster', key: 'secret' });
  expect(shutdown).toMatchObject({
    preStop: { text: '10s' },
    drain: { text: '60s' },
    grace: { seconds: 85 },
  });
  expect(models[0]?.revision).toBe('main');
});

test('200 topologies in one process cost no more each than 20 do', () => {
  // Of the processor, not of the clock: other processes take their turns in between.
  const time = (count: number) => {
    const start = process.cpuUsage();
    for (let index = 0; index < count; index += 1) settings({ name: `chat-${index}` });
    const { user, system } = process.cpuUsage(start);
    return (user + system) / count;
  };
  time(50);
  const least = (count: number) => Math.min(...Array.from({ length: 5 }, () => time(count)));
  // The clock of the processor may go in steps of ten milliseconds, which are half a millisecond each of twenty.
  expect(least(200)).toBeLessThan(4 * least(20) + 500);
});
