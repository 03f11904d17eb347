import { App } from 'cdk8s';
import { MemosChart } from '../../../stacks/memos/memos-chart';
import type { MemosInput } from '../../../stacks/memos/schema';
import { cacheBytes, resolveMemos } from '../../../stacks/memos/settings';
import { systemOf } from '../../../stacks/system/systems';
import { validateTopology } from '../../../stacks/topology';
import { manifestsOf, strictFaults } from '../../support/strict-validation';
import { problemsOf } from '../topology/support';

const MANAGED = {
  image: 'ghcr.io/acme/memos:0.25.1-redis',
  storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/memos' },
  cache: {
    host: 'cache.acme.internal',
    ca: { configMapName: 'cache-ca' },
    credentials: { secretName: 'memos-cache' },
    maxConnections: 10_000,
    cidrs: ['10.0.1.0/24'],
  },
  database: {
    host: 'database.acme.internal',
    database: 'memos',
    ca: { configMapName: 'database-ca' },
    credentials: { secretName: 'memos-database', usernameKey: 'user' },
    maxConnections: 400,
    cidrs: ['10.0.2.0/24'],
  },
} satisfies MemosInput['backing'];

const topology = (change: Partial<MemosInput> = {}) =>
  validateTopology(
    { kind: 'Memos', name: 'memos', backing: MANAGED, ...change } satisfies MemosInput,
    'test',
  );

function laid(change?: Partial<MemosInput>) {
  const chart = new MemosChart(new App(), 'memos', topology(change));
  const manifests = manifestsOf(chart);
  const deployment = chart.stack.application.workloadObject.toJson();
  return { chart, manifests, deployment, pod: deployment.spec.template.spec };
}

function variables(change?: Partial<MemosInput>): Record<string, unknown> {
  const [container] = laid(change).pod.containers;
  return Object.fromEntries(
    container.env.map((one: { name: string; value?: string; valueFrom?: unknown }) => [
      one.name,
      one.value ?? one.valueFrom,
    ]),
  );
}

describe('what it lays', () => {
  test('the managed form: every object, valid, without a finding', () => {
    const { chart, manifests } = laid({ replicas: { min: 2, max: 10 } });
    expect(manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`)).toEqual([
      'Namespace/memos',
      'StorageClass/memos-nfs',
      'PersistentVolumeClaim/memos-attachments',
      'ServiceAccount/memos',
      'Service/memos',
      'Deployment/memos',
      'HorizontalPodAutoscaler/memos',
      'PodDisruptionBudget/memos',
      'NetworkPolicy/memos',
    ]);
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
  });

  test('the self-hosted form runs cache and database in the namespace, on three pods', () => {
    const { chart, manifests, deployment } = laid({
      replicas: 3,
      backing: { ...MANAGED, cache: 'local', database: 'local' },
    });
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`);
    expect(names).toEqual(expect.arrayContaining(['StatefulSet/memos-cache', 'StatefulSet/memos-database']));
    expect(deployment.spec.replicas).toBe(3);
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
  });

  test('two to ten pods at 70 % CPU, of which a drain takes one', () => {
    const { manifests } = laid({ replicas: { min: 2, max: 10 } });
    expect(manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler')?.spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 70 } } }],
    });
    expect(manifests.find(({ kind }) => kind === 'PodDisruptionBudget')?.spec).toMatchObject({
      maxUnavailable: 1,
    });
  });

  test('all pods write attachments to one ReadWriteMany claim, as its owner', () => {
    const { manifests, pod } = laid();
    expect(manifests.find(({ kind }) => kind === 'PersistentVolumeClaim')?.spec).toMatchObject({
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '10Gi' } },
    });
    expect(pod.volumes).toContainEqual({
      name: 'attachments',
      persistentVolumeClaim: { claimName: 'memos-attachments' },
    });
    expect(pod.containers[0].volumeMounts).toContainEqual({
      name: 'attachments',
      mountPath: '/var/opt/memos',
    });
    expect(pod.securityContext).toMatchObject({ runAsUser: 10_001, fsGroup: 10_001 });
  });

  test('an existing claim is mounted, and none is made', () => {
    const { manifests, pod } = laid({
      backing: { ...MANAGED, storage: { kind: 'existing-claim', name: 'old-files' } },
    });
    expect(manifests.map(({ kind }) => kind)).not.toContain('PersistentVolumeClaim');
    expect(JSON.stringify(pod.volumes)).toContain('"claimName":"old-files"');
  });
});

describe('what pods are told', () => {
  test("the guide's variables, and no password in any of them", () => {
    expect(variables()).toEqual({
      MEMOS_MODE: 'prod',
      MEMOS_PORT: '5230',
      MEMOS_DATA: '/var/opt/memos',
      MEMOS_DRIVER: 'postgres',
      MEMOS_DSN:
        'postgres://database.acme.internal:5432/memos?sslmode=verify-full&sslrootcert=/etc/memos/database-ca/ca.crt',
      PGUSER: { secretKeyRef: { name: 'memos-database', key: 'user' } },
      PGPASSWORD: { secretKeyRef: { name: 'memos-database', key: 'password' } },
      MEMOS_REDIS_URL: 'rediss://cache.acme.internal:6379',
      REDIS_USERNAME: { secretKeyRef: { name: 'memos-cache', key: 'username' } },
      REDIS_PASSWORD: { secretKeyRef: { name: 'memos-cache', key: 'password' } },
      MEMOS_REDIS_POOL_SIZE: '10',
      MEMOS_REDIS_DIAL_TIMEOUT: '5s',
      MEMOS_REDIS_READ_TIMEOUT: '3s',
      MEMOS_REDIS_WRITE_TIMEOUT: '3s',
      MEMOS_REDIS_KEY_PREFIX: 'memos',
      SSL_CERT_DIR: '/etc/ssl/certs:/etc/memos/cache-ca',
    });
  });

  test('inside the cluster nothing is encrypted, and nobody is told of certificates', () => {
    expect(variables({ backing: { ...MANAGED, cache: 'local', database: 'local' } })).toMatchObject({
      MEMOS_DSN: 'postgres://memos-database.memos.svc:5432/polypod?sslmode=disable',
      MEMOS_REDIS_URL: 'redis://memos-cache.memos.svc:6379',
    });
  });

  test('people are sent to the first host, or to the address that is named', () => {
    const traffic = {
      type: 'gateway-api',
      hosts: ['memos.acme.dev'],
      tls: { secretName: 'memos-tls' },
    } satisfies MemosInput['traffic'];
    expect(variables({ traffic }).MEMOS_INSTANCE_URL).toBe('https://memos.acme.dev');
    const named = variables({ traffic, instanceUrl: 'https://notes.acme.dev' });
    expect(named.MEMOS_INSTANCE_URL).toBe('https://notes.acme.dev');
  });

  test('of the connections to the cache, three pools take a third each, less one for what pods tell', () => {
    expect(variables({ connections: { cache: 63 } }).MEMOS_REDIS_POOL_SIZE).toBe('20');
  });

  test('a pod waits for its cache, since Memos looks for it only once; without a cache it does not', () => {
    const [wait] = laid().pod.initContainers;
    expect(wait).toMatchObject({
      name: 'wait-for-cache',
      env: [
        { name: 'CACHE_HOST', value: 'cache.acme.internal' },
        { name: 'CACHE_PORT', value: '6379' },
      ],
    });
    const { cache: _none, ...without } = MANAGED;
    const { pod } = laid({ replicas: 1, backing: without });
    expect(pod.initContainers).toBeUndefined();
    expect(pod.containers[0].command).toBeUndefined();
  });
});

test('who may reach whom is what is wired, and nothing else', () => {
  const { reach } = laid({
    traffic: { type: 'gateway-api', hosts: ['memos.acme.dev'], tls: { secretName: 'memos-tls' } },
  }).chart.stack;
  expect(reach.map(({ from, to, port }) => `${from.name} → ${to.name}:${port}`)).toEqual(
    expect.arrayContaining([
      'namespace envoy-gateway-system → memos:5230',
      'memos → 10.0.2.0/24:5432',
      'memos → 10.0.1.0/24:6379',
    ]),
  );
  expect(reach.filter(({ port }) => port !== 53)).toHaveLength(3);
});

describe("sizes are the guide's", () => {
  test.each([
    ['small', 2, 3],
    ['medium', 3, 8],
    ['large', 8, 20],
  ] as const)('%s: %i to %i pods', (profile, min, max) => {
    const backing = { ...MANAGED, database: { ...MANAGED.database, maxConnections: 1000 } };
    expect(resolveMemos(topology({ profile, backing })).workloads[0]?.replicas).toEqual({ min, max });
  });

  test('50 MB, 2 kB a session and 1 kB a setting: 1 GB holds half a million sessions', () => {
    expect(cacheBytes({ sessions: 500_000, settings: 0 })).toBeLessThan(2 ** 30);
    expect(cacheBytes({ sessions: 520_000, settings: 0 })).toBeGreaterThan(2 ** 30);
    const { sizing } = resolveMemos(topology({ load: { sessions: 1_000_000, settings: 100_000 } }));
    expect(sizing.cache.memory.text).toBe('3Gi');
  });

  test('20 connections to the database for each pod, and one whole cache', () => {
    const { sizing } = resolveMemos(topology({ profile: 'medium' }));
    expect(sizing.database.maxConnections).toBe(160);
    expect(sizing.cache).toMatchObject({ mode: 'single', memory: { text: '4Gi' } });
  });
});

describe('what can not work is refused', () => {
  const refused = (change: Partial<MemosInput>) =>
    problemsOf({ kind: 'Memos', name: 'memos', backing: MANAGED, ...change }).map(({ path }) => path);
  const server = (part: 'cache' | 'database', change: object) => ({
    ...MANAGED,
    [part]: { ...MANAGED[part], ...change },
  });

  test.each<[string, Partial<MemosInput>, string]>([
    [
      'more pods than the database grants connections',
      { replicas: { min: 2, max: 30 } },
      'backing.database.maxConnections',
    ],
    [
      'more pods than the cache grants',
      { backing: server('cache', { maxConnections: 90 }) },
      'backing.cache.maxConnections',
    ],
    ['a sharded cache', { backing: server('cache', { mode: 'cluster' }) }, 'backing.cache.mode'],
    ['a sharded cache to be made', { sizing: { cache: { mode: 'cluster' } } }, 'sizing.cache.mode'],
    [
      'a cache that is full at once',
      { sizing: { cache: { memory: '1Gi' } }, load: { sessions: 1_000_000 } },
      'sizing.cache.memory',
    ],
    ['several pods without a cache', { backing: { ...MANAGED, cache: undefined } }, 'backing.cache'],
    [
      'a disk for all pods',
      { backing: { ...MANAGED, storage: { kind: 'existing-class', name: 'gp3' } } },
      'backing.storage.name',
    ],
    [
      'a size for a claim that exists',
      {
        attachments: { size: '20Gi' },
        backing: { ...MANAGED, storage: { kind: 'existing-claim', name: 'files' } },
      },
      'attachments.size',
    ],
    ["the node's own users", { attachments: { uid: 1000 } }, 'attachments.uid'],
    [
      'a database in clear text outside the cluster',
      { backing: server('database', { tls: 'off', ca: undefined }) },
      'backing.database.tls',
    ],
    ['a minimum above the maximum', { replicas: { min: 4, max: 2 } }, 'replicas.min'],
    ['a budget that blocks drains', { disruption: { maxUnavailable: 0 } }, 'disruption.maxUnavailable'],
    ['an autoscaler that looks at nothing', { autoscaling: { cpuPercent: 'off' } }, 'autoscaling.cpuPercent'],
    [
      'a public host without TLS',
      { traffic: { type: 'gateway-api', hosts: ['memos.acme.dev'] } },
      'traffic.hosts[0]',
    ],
    [
      'a retired service',
      { backing: server('cache', { host: 'memos.redis.cache.windows.net' }) },
      'backing.cache.host',
    ],
    ['an address that is none', { instanceUrl: 'memos.acme.dev' }, 'instanceUrl'],
    ['fewer connections than pools', { connections: { cache: 5 } }, 'connections.cache'],
  ])('%s', (_what, change, path) => {
    expect(refused(change)).toEqual([path]);
  });

  test('several pods without a cache, where somebody says why it will do', () => {
    const { cache: _none, ...backing } = MANAGED;
    expect(topology({ backing, allow: { 'stale-sessions': 'read-only archive' } }).name).toBe('memos');
  });
});

test('Secrets that are made up are those of servers in the namespace', () => {
  const system = systemOf('Memos');
  const settings = system.resolve(topology());
  expect(system.ownSecrets(settings)).toEqual([]);
  expect(system.endpoint(settings)).toBe('http://memos.memos.svc.cluster.local:5230');
  expect(system.commandToTry(settings)).toContain('port-forward service/memos 5230:5230');
});
