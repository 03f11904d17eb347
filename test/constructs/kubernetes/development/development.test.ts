import { App, Chart } from 'cdk8s';
import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { Service } from 'kubernetes-types/core/v1';
import { InvalidInputError, placeholderNumber, placeholderText } from '../../../../constructs/contracts';
import {
  DevelopmentCache,
  type DevelopmentCacheProps,
} from '../../../../constructs/kubernetes/development/development-cache';
import {
  DevelopmentDatabase,
  type DevelopmentDatabaseProps,
} from '../../../../constructs/kubernetes/development/development-database';
import { connectionTo } from '../../../../constructs/kubernetes/network/connection';
import { NetworkIsolation } from '../../../../constructs/kubernetes/network/network-isolation';
import { manifestsOf, strictFaults } from '../../../support/strict-validation';

const credentials = { secretName: 'chat-cache' };

function chartOf(namespace?: string) {
  return new Chart(new App(), 'test', namespace === undefined ? {} : { namespace });
}

function cacheOf(props: Partial<DevelopmentCacheProps> = {}) {
  const chart = chartOf('llm');
  const cache = new DevelopmentCache(chart, 'cache', {
    name: 'chat-cache',
    instance: 'chat',
    credentials,
    ...props,
  });
  return { cache, ...made(chart) };
}

function databaseOf(props: Partial<DevelopmentDatabaseProps> = {}) {
  const chart = chartOf('llm');
  const database = new DevelopmentDatabase(chart, 'database', {
    name: 'chat-database',
    credentials,
    ...props,
  });
  return { database, ...made(chart) };
}

function made(chart: Chart) {
  const manifests: { kind: string; metadata: { name: string } }[] = chart.toJson();
  const [statefulSet] = manifests.filter(({ kind }) => kind === 'StatefulSet') as StatefulSet[];
  const services = manifests.filter(({ kind }) => kind === 'Service') as Service[];
  const pod = statefulSet?.spec?.template.spec;
  const container = pod?.containers[0];
  if (container === undefined) throw new Error('no container');
  return { manifests, spec: statefulSet?.spec, services, pod, container };
}

function problemsOf(make: () => unknown) {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
}

describe.each([
  ['cache', cacheOf, '/data', 6379],
  ['postgresql', databaseOf, '/data', 5432],
  ['mysql', () => databaseOf({ engine: 'mysql' }), '/var/lib/mysql', 3306],
] as const)('%s', (_, make, directory, port) => {
  const { manifests, spec, services, pod, container } = make();

  test('is one pod, which a drain may move, on a volume that stays', () => {
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(['Service', 'Service', 'StatefulSet']);
    expect(spec?.replicas).toBe(1);
    expect(spec?.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    });
    expect(spec?.volumeClaimTemplates?.[0]).toMatchObject({
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    expect(container.volumeMounts).toContainEqual(
      expect.objectContaining({ name: 'data', mountPath: directory }),
    );
  });

  test('has the headless Service that its StatefulSet names, and one for clients', () => {
    const headless = services.find(({ metadata }) => metadata?.name === spec?.serviceName);
    expect(headless?.spec?.clusterIP).toBe('None');
    for (const service of services) {
      expect(service.spec?.selector).toEqual(spec?.selector.matchLabels);
      expect(service.spec?.ports).toMatchObject([{ port }]);
    }
  });

  test('is restricted, and reads its password from a file', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 999,
        fsGroup: 999,
        fsGroupChangePolicy: 'OnRootMismatch',
      },
    });
    expect(container.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod?.volumes).toContainEqual({
      name: 'credentials',
      secret: {
        secretName: 'chat-cache',
        defaultMode: 0o440,
        items: [
          { key: 'username', path: 'username' },
          { key: 'password', path: 'password' },
        ],
      },
    });
    for (const { name, value } of container.env ?? []) {
      if (name.includes('PASSWORD'))
        expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.anything()]);
    }
  });

  test('is not killed for being busy', () => {
    const patience = (probe = container.livenessProbe) =>
      (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0);
    expect(container.livenessProbe?.tcpSocket).toBeDefined();
    expect(container.readinessProbe?.exec).toBeDefined();
    expect(patience()).toBeGreaterThanOrEqual(2 * patience(container.readinessProbe));
    expect(patience(container.startupProbe)).toBe(300);
  });
});

describe('cache', () => {
  test('logs every write, evicts nothing and says how many clients it takes', () => {
    const { container, services } = cacheOf({ maxMemory: '512Mi', maxClients: 500 });
    const setting = (name: string) => container.args?.[container.args.indexOf(`--${name}`) + 1];
    expect(setting('appendonly')).toBe('yes');
    expect(setting('maxmemory')).toBe(String(512 * 2 ** 20));
    expect(setting('maxmemory-policy')).toBe('noeviction');
    expect(setting('maxclients')).toBe('500');
    expect(container.resources?.limits?.memory).toBe('832Mi');
    expect(services[0]?.metadata?.annotations).toEqual({ 'polypod.dev/max-connections': '500' });
  });

  test('yields the connection, within its namespace and from others', () => {
    const { cache } = cacheOf();
    expect(cache.connection).toEqual({
      host: 'chat-cache.llm.svc',
      port: 6379,
      tls: false,
      credentials,
      maxConnections: 10_000,
      egress: { podLabels: cache.workload.selector, namespace: 'llm', ports: [6379] },
    });
    const bare = new DevelopmentCache(chartOf(), 'cache', { name: 'cache', credentials });
    expect(bare.connection).toMatchObject({ host: 'cache', egress: { podLabels: bare.workload.selector } });
    expect(bare.connection.egress).not.toHaveProperty('namespace');
  });

  test('is reached through both policies where it is isolated, too', () => {
    const chart = chartOf('llm');
    const cache = new DevelopmentCache(chart, 'cache', { name: 'cache', credentials });
    const web = { name: 'web', selector: { app: 'web' } };
    const { networkPolicies } = new NetworkIsolation(chart, 'network', {
      workloads: [web, cache.workload],
      connections: [connectionTo('web', cache.connection.egress, 'sessions')],
      dns: false,
    });
    expect(networkPolicies.cache?.toJson().spec.ingress).toEqual([
      { from: [{ podSelector: { matchLabels: web.selector } }], ports: [{ protocol: 'TCP', port: 6379 }] },
    ]);
  });
});

describe('database', () => {
  test('says how many connections it grants, and keeps back those that PostgreSQL reserves', () => {
    const { container, database } = databaseOf({
      maxConnections: 60,
      sharedBuffers: '128Mi',
      database: 'chat',
    });
    expect(container.args).toEqual(expect.arrayContaining(['max_connections=60', 'shared_buffers=131072kB']));
    expect(container.env).toContainEqual({ name: 'POSTGRES_DB', value: 'chat' });
    expect(database.connection).toMatchObject({
      engine: 'postgresql',
      host: 'chat-database.llm.svc',
      port: 5432,
      database: 'chat',
      maxConnections: 57,
    });
  });

  test('has a MySQL form', () => {
    const { container, database } = databaseOf({ engine: 'mysql', maxConnections: 60 });
    expect(container.image).toBe('docker.io/library/mysql:8.4.7');
    expect(container.args).toContain('--max-connections=60');
    expect(database.connection).toMatchObject({ engine: 'mysql', port: 3306, maxConnections: 60 });
  });

  test('takes a claim and an image that are there', () => {
    const { spec, pod, container } = databaseOf({
      volume: { existingClaim: 'old-data' },
      image: { repository: 'registry.test/postgres', digest: 'sha256:abc', pullSecrets: ['pull'] },
      credentials: { secretName: 'db', usernameKey: 'user', passwordKey: 'pass' },
      uid: 10_001,
    });
    expect(spec).not.toHaveProperty('volumeClaimTemplates');
    expect(pod?.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'old-data' } });
    expect(container.image).toBe('registry.test/postgres@sha256:abc');
    expect(pod?.imagePullSecrets).toEqual([{ name: 'pull' }]);
    expect(pod?.securityContext?.runAsUser).toBe(10_001);
    expect(pod?.volumes?.find(({ name }) => name === 'credentials')?.secret?.items).toMatchObject([
      { key: 'user' },
      { key: 'pass' },
    ]);
  });

  test('a patch adds to the container, and one that changes nothing is refused', () => {
    const { container } = databaseOf({
      overrides: {
        statefulSet: {
          spec: {
            template: { spec: { containers: [{ name: 'database', env: [{ name: 'TZ', value: 'UTC' }] }] } },
          },
        },
      },
    });
    expect(container.env).toContainEqual({ name: 'TZ', value: 'UTC' });
    expect(
      problemsOf(() => databaseOf({ overrides: { service: { spec: { externalName: null } } } })),
    ).toMatchObject([{ path: 'overrides.service.spec.externalName' }]);
  });
});

test('every object is what its schema says', () => {
  const chart = chartOf('llm');
  new DevelopmentCache(chart, 'cache', { name: 'cache', credentials });
  new DevelopmentDatabase(chart, 'postgresql', { name: 'postgresql', credentials });
  new DevelopmentDatabase(chart, 'mysql', {
    name: 'mysql',
    engine: 'mysql',
    credentials,
    volume: { existingClaim: 'data' },
    image: { repository: 'registry.test/mysql', tag: '8.4.7', pullSecrets: ['pull'] },
  });
  const manifests = manifestsOf(chart);
  expect(manifests).toHaveLength(9);
  expect(strictFaults(manifests)).toEqual([]);
});

test('placeholders are taken as they are', () => {
  const { pod } = cacheOf({ credentials: { secretName: placeholderText(1) } });
  expect(pod?.volumes).toContainEqual(
    expect.objectContaining({ secret: expect.objectContaining({ secretName: placeholderText(1) }) }),
  );
});

test.each<[string, () => unknown, string]>([
  ['a name too long for its pods', () => cacheOf({ name: 'c'.repeat(53) }), 'name'],
  ['a size in the wrong unit', () => cacheOf({ maxMemory: '256MB' }), 'maxMemory'],
  ['no clients', () => cacheOf({ maxClients: 0 }), 'maxClients'],
  ['memory that is known only later', () => cacheOf({ maxMemory: placeholderText(1) }), 'maxMemory'],
  [
    'connections that are known only later',
    () => databaseOf({ maxConnections: placeholderNumber(1) }),
    'maxConnections',
  ],
  ['an image that moves', () => cacheOf({ image: { repository: 'valkey', tag: 'latest' } }), 'image'],
  ['root', () => cacheOf({ uid: 0 }), 'uid'],
  ['a volume without a unit', () => databaseOf({ volume: { size: '10' } }), 'volume.size'],
  [
    'a Secret that can not be',
    () => databaseOf({ credentials: { secretName: 'My Secret' } }),
    'credentials.secretName',
  ],
  ['a database that needs quotes', () => databaseOf({ database: 'my-chat' }), 'database'],
  ['too few connections', () => databaseOf({ maxConnections: 3 }), 'maxConnections'],
])('refuses %s', (_, make, path) => {
  expect(problemsOf(make)).toMatchObject([{ path, mend: expect.any(String) }]);
});
