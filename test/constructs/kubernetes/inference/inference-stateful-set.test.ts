import { placeholderNumber, placeholderText } from '../../../../constructs/contracts';
import { InferenceStatefulSet, type InferenceStatefulSetProps } from '../../../../constructs/kubernetes';
import { PORTS } from '../../../../runtime/contract.cjs';
import { chart, database, gguf, modelNode } from '../fixtures';

function make(props: Partial<InferenceStatefulSetProps> = {}): InferenceStatefulSet {
  return new InferenceStatefulSet(chart(), 'inference', { ...modelNode, ...props });
}

const specOf = (set: InferenceStatefulSet) => set.statefulSet.toJson().spec;
const podOf = (set: InferenceStatefulSet) => specOf(set).template.spec;
const runtimeOf = (set: InferenceStatefulSet) => podOf(set).containers[0];
const envOf = (set: InferenceStatefulSet): Record<string, string> =>
  Object.fromEntries(runtimeOf(set).env.map((one: { name: string; value: string }) => [one.name, one.value]));

describe('the StatefulSet', () => {
  test('starts and updates its pods as nodes that do not wait for each other', () => {
    expect(specOf(make({ partition: 2 }))).toMatchObject({
      replicas: 3,
      serviceName: 'chat-peers',
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      minReadySeconds: 10,
      revisionHistoryLimit: 3,
    });
  });

  test('leaves the number of pods to an autoscaler where it is a range', () => {
    expect(specOf(make({ replicas: { min: 2, max: 8 } }))).not.toHaveProperty('replicas');
  });

  test('selects by name, instance and component only, and its Services select its pods', () => {
    const set = make({ partOf: 'portal' });
    const { selector, template } = specOf(set);
    expect(selector.matchLabels).toEqual({
      'app.kubernetes.io/name': 'polypod-runtime',
      'app.kubernetes.io/instance': 'chat',
      'app.kubernetes.io/component': 'all',
    });
    expect(template.metadata.labels).toMatchObject({
      ...selector.matchLabels,
      'app.kubernetes.io/part-of': 'portal',
    });
    for (const service of [set.service, set.peers, set.metrics]) {
      expect(template.metadata.labels).toMatchObject(service?.toJson().spec.selector);
    }
    expect(set.workload.selector).toEqual(selector.matchLabels);
  });

  test('rolls its pods when the configuration changes', () => {
    const hash = (level: string) =>
      specOf(make({ config: { logLevel: level } })).template.metadata.annotations[
        'polypod.dev/config-sha256'
      ];
    expect(hash('info')).toMatch(/^[0-9a-f]{64}$/);
    expect(hash('info')).toBe(hash('info'));
    expect(hash('info')).not.toBe(hash('debug'));
  });
});

describe('its Services', () => {
  test("the clients' has the API only, the metrics' the metrics only, the peers' is headless from the first moment", () => {
    const set = make();
    const ports = (service: typeof set.service) =>
      service?.toJson().spec.ports.map(({ name, port }: { name: string; port: number }) => [name, port]);
    expect(ports(set.service)).toEqual([['api', PORTS.api]]);
    expect(ports(set.metrics)).toEqual([['metrics', PORTS.metrics]]);
    expect(ports(set.peers)).toEqual([['peer', PORTS.peer]]);
    expect(set.peers?.toJson().spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    expect(set.service?.toJson().spec).toMatchObject({ type: 'ClusterIP' });
    expect(set.service?.toJson().spec).not.toHaveProperty('sessionAffinity');
  });

  test('clients keep to a pod where asked', () => {
    expect(make({ clientAffinitySeconds: 600 }).service?.toJson().spec).toMatchObject({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
    });
  });

  test("a worker has none for clients, and takes the peers' Service of another role", () => {
    const set = make({ role: 'worker', peerService: 'chat-peers' });
    expect(set.service).toBeUndefined();
    expect(set.peers).toBeUndefined();
    expect(set.statefulSet.name).toBe('chat-worker');
    expect(specOf(set).serviceName).toBe('chat-peers');
    expect(envOf(set)).toMatchObject({ POLYPOD_ROLE: 'worker', POLYPOD_PEER_SERVICE: 'chat-peers' });
  });
});

describe('a pod', () => {
  test('trusts the authorities that it is given, from the first fetch of a model on', () => {
    const pod = podOf(make({ trustedCa: { configMapName: 'acme-ca', key: 'bundle.pem' } }));
    const path = '/etc/polypod-ca/trusted.pem';
    for (const { env } of [...(pod.initContainers ?? []), ...pod.containers]) {
      expect(env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: path });
    }
    const certificates = pod.volumes.find(({ name }: { name: string }) => name === 'certificates');
    expect(certificates.projected.sources).toContainEqual({
      configMap: { name: 'acme-ca', items: [{ key: 'bundle.pem', path: 'trusted.pem' }] },
    });
  });

  test('is what restricted namespaces admit, in every container, and holds no API token', () => {
    const set = make({ engine: { name: 'ollama', resources: { requests: { cpu: '4', memory: '16Gi' } } } });
    const pod = podOf(set);
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const container of [...pod.containers, ...(podOf(make()).initContainers ?? [])]) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      });
    }
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(set.serviceAccount?.toJson()).toMatchObject({ automountServiceAccountToken: false });
  });

  test("runs as the owner of the store's files", () => {
    const storage = { ...modelNode.modelStore.storage, uid: 20001, gid: 20002 };
    expect(podOf(make({ modelStore: { claimName: 'm', storage } })).securityContext).toMatchObject({
      runAsUser: 20001,
      runAsGroup: 20002,
      fsGroup: 20002,
    });
  });

  test('mounts the one claim, and limits every other folder that it writes', () => {
    const { volumes, containers } = podOf(make());
    expect(volumes).toContainEqual({ name: 'models', persistentVolumeClaim: { claimName: 'chat-models' } });
    expect(containers[0].volumeMounts).toContainEqual({ name: 'models', mountPath: '/models' });
    expect(envOf(make()).MODEL_DIR).toBe('/models');
    for (const { emptyDir } of volumes.filter((volume: object) => 'emptyDir' in volume)) {
      expect(emptyDir.sizeLimit).toBeDefined();
    }
  });

  test('finds its secrets in files that only its group reads, and none in its environment', () => {
    const set = make({ huggingFaceToken: { secretName: 'hub', key: 'token' } });
    const secrets = podOf(set).volumes.find(({ name }: { name: string }) => name === 'secrets');
    expect(secrets.projected.defaultMode).toBe(0o440);
    const paths = secrets.projected.sources.map(({ secret }: { secret: object }) => secret);
    expect(paths).toEqual([
      { name: 'redis', items: [{ key: 'user', path: 'redis/username' }] },
      { name: 'redis', items: [{ key: 'password', path: 'redis/password' }] },
      { name: 'database', items: [{ key: 'username', path: 'database/username' }] },
      { name: 'database', items: [{ key: 'password', path: 'database/password' }] },
      { name: 'cluster', items: [{ key: 'secret', path: 'cluster/secret' }] },
      { name: 'hub', items: [{ key: 'token', path: 'huggingface/token' }] },
    ]);
    expect(envOf(set)).toMatchObject({
      REDIS_USERNAME_FILE: '/run/secrets/polypod/redis/username',
      REDIS_PASSWORD_FILE: '/run/secrets/polypod/redis/password',
      PGUSER_FILE: '/run/secrets/polypod/database/username',
      PGPASSWORD_FILE: '/run/secrets/polypod/database/password',
      POLYPOD_CLUSTER_SECRET_FILE: '/run/secrets/polypod/cluster/secret',
      HF_TOKEN_FILE: '/run/secrets/polypod/huggingface/token',
    });
    expect(JSON.stringify(set.statefulSet.toJson())).not.toContain('secretKeyRef');
  });

  test('is told its connections, and verifies who answers', () => {
    const set = make({ databasePoolSize: 30, cachePoolSize: 5 });
    expect(envOf(set)).toMatchObject({
      REDIS_HOST: 'redis.internal',
      REDIS_PORT: '6380',
      REDIS_MODE: 'cluster',
      REDIS_TLS: 'true',
      REDIS_CA_FILE: '/etc/polypod-ca/redis.pem',
      REDIS_POOL_SIZE: '5',
      PGHOST: 'db.internal',
      PGPORT: '5432',
      PGDATABASE: 'chat',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/etc/polypod-ca/database.pem',
      PG_POOL_SIZE: '30',
    });
    expect(podOf(set).volumes).toContainEqual({
      name: 'certificates',
      projected: {
        defaultMode: 0o440,
        sources: [
          { secret: { name: 'redis-ca', items: [{ key: 'ca.crt', path: 'redis.pem' }] } },
          { configMap: { name: 'database-ca', items: [{ key: 'ca.pem', path: 'database.pem' }] } },
        ],
      },
    });
  });

  test('asks no certificate of a database inside the cluster', () => {
    const env = envOf(make({ database: { ...database, tls: false } }));
    expect(env.PGSSLMODE).toBe('disable');
    expect(env).not.toHaveProperty('PGSSLROOTCERT');
  });

  test('fetches its models before it starts, and then loads them patiently', () => {
    const set = make({
      models: [{ name: 'big', source: 'hf:a/b/c.gguf', bytes: 100e9 }],
      replicas: { min: 3, max: 10 },
    });
    expect(podOf(set).initContainers).toMatchObject([
      { name: 'fetch-models', command: ['polypod-runtime', 'models', 'pull'] },
    ]);
    // 100 GB at 2 GB/s over ten pods, twice, and 15 s for llama.cpp
    expect(set.startupBudgetSeconds).toBe(1015);
    const { startupProbe } = runtimeOf(set);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(1015);
    expect(specOf(set).template.metadata.annotations).toMatchObject({
      'polypod.dev/model-bytes': '100000000000',
      'polypod.dev/storage-bytes-per-second': '200000000',
    });
  });

  test('is asked three questions, and liveness is four times as patient as readiness', () => {
    const { startupProbe, readinessProbe, livenessProbe } = runtimeOf(make());
    const paths = [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.path);
    expect(paths).toEqual(['/api/v1/startup', '/api/v1/ready', '/api/v1/health']);
    const patience = (probe: typeof livenessProbe) => probe.periodSeconds * probe.failureThreshold;
    expect(patience(livenessProbe)).toBe(4 * patience(readinessProbe));
  });

  test('waits, drains, and is not killed before', () => {
    const pod = podOf(make());
    expect(pod.containers[0].lifecycle.preStop.exec.command).toEqual(['sleep', '10']);
    expect(pod.terminationGracePeriodSeconds).toBe(45);

    const slow = make({ shutdown: { preStopSeconds: 20, drainSeconds: 60 } });
    expect(podOf(slow).terminationGracePeriodSeconds).toBe(95);
    expect(envOf(slow).DRAIN_TIMEOUT_SECONDS).toBe('60');
    expect(specOf(slow).template.metadata.annotations['polypod.dev/drain-seconds']).toBe('60');
  });

  test('keeps apart from the others over zones and nodes', () => {
    const constraints = podOf(
      make({ scheduling: { spread: { nodes: 'DoNotSchedule' } } }),
    ).topologySpreadConstraints;
    expect(constraints).toMatchObject([
      { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
      { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
    ]);
    expect(constraints[0].labelSelector.matchLabels).toEqual(make().workload.selector);
  });

  test('runs where it is told, and pulls with the given Secrets', () => {
    const pod = podOf(
      make({
        image: { repository: 'registry.internal/polypod', digest: 'sha256:abc', pullSecrets: ['pull'] },
        scheduling: {
          nodeSelector: { pool: 'llm' },
          tolerations: [{ key: 'llm', operator: 'Exists' }],
          priorityClassName: 'high',
        },
        serviceAccountName: 'existing',
      }),
    );
    expect(pod).toMatchObject({
      nodeSelector: { pool: 'llm' },
      tolerations: [{ key: 'llm', operator: 'Exists' }],
      priorityClassName: 'high',
      imagePullSecrets: [{ name: 'pull' }],
      serviceAccountName: 'existing',
    });
    expect(pod.containers[0].image).toBe('registry.internal/polypod@sha256:abc');
  });
});

describe('the configuration', () => {
  test('names the models, a thread for each requested core, and what the user adds', () => {
    const config = make({ config: { logLevel: 'debug' } }).config.toJson().data['config.yaml'];
    expect(config).toBe(
      [
        'models:',
        '  - id: qwen2.5-7b-instruct',
        '    source: hf:Qwen/Qwen2.5-7B-Instruct-GGUF/qwen2.5-7b-instruct-q4_k_m.gguf',
        '    threads: 4',
        'logLevel: debug',
        '',
      ].join('\n'),
    );
  });
});

test('a pod without a database keeps its own where it may write', () => {
  const alone = { replicas: 1, database: undefined, cache: undefined, clusterSecret: undefined };
  expect(make(alone).config.toJson().data['config.yaml']).toContain('dataDirectory: /tmp/polypod');
});

test('threads can be given, and are shared by several models', () => {
  const config = (props: Partial<InferenceStatefulSetProps>) =>
    make(props).config.toJson().data['config.yaml'];
  expect(config({ engine: { name: 'llama.cpp', threads: 3 } })).toContain('threads: 3');
  const models = [gguf, { ...gguf, name: 'other' }];
  expect(config({ models }).match(/threads: 2/g)).toHaveLength(2);
});

test('values that are not known yet pass through', () => {
  const set = make({
    image: { repository: placeholderText(1), digest: placeholderText(2) },
    database: {
      ...database,
      host: placeholderText(3),
      port: placeholderNumber(4),
      maxConnections: placeholderNumber(5),
    },
  });
  expect(envOf(set)).toMatchObject({ PGHOST: placeholderText(3), PGPORT: String(placeholderNumber(4)) });
  expect(runtimeOf(set).image).toBe(`${placeholderText(1)}@${placeholderText(2)}`);
});

test('any field of any object can be changed, and nothing is lost on the way', () => {
  const set = make({
    overrides: {
      statefulSet: {
        spec: {
          template: {
            spec: {
              hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
              containers: [
                { name: 'runtime', lifecycle: { preStop: { exec: null, sleep: { seconds: 10 } } } },
                { name: 'proxy', image: 'proxy:1' },
              ],
            },
          },
        },
      },
      service: { spec: { trafficDistribution: 'PreferClose' } },
    },
  });
  expect(podOf(set).containers.map(({ name }: { name: string }) => name)).toEqual(['runtime', 'proxy']);
  expect(runtimeOf(set).lifecycle.preStop).toEqual({ sleep: { seconds: 10 } });
  expect(podOf(set).hostAliases).toEqual([{ ip: '10.0.0.1', hostnames: ['db'] }]);
  expect(set.service?.toJson().spec.trafficDistribution).toBe('PreferClose');
});
