import { App } from 'cdk8s';
import { DbgptChart } from '../../../stacks/dbgpt/dbgpt-chart';
import type { DbgptInput } from '../../../stacks/dbgpt/schema';
import { resolveDbgpt } from '../../../stacks/dbgpt/settings';
import { givenSecrets, madeUpSecrets } from '../../../stacks/system/secrets';
import { systemOf } from '../../../stacks/system/systems';
import { validateTopology } from '../../../stacks/topology';
import { manifestsOf, strictFaults } from '../../support/strict-validation';
import { problemsOf } from '../topology/support';

const BACKING = {
  image: 'docker.io/eosphorosai/dbgpt-openai:v0.8.0',
  storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/dbgpt' },
  database: {
    host: 'mysql.acme.internal',
    ca: { configMapName: 'database-ca' },
    credentials: { secretName: 'dbgpt-database', usernameKey: 'user' },
    maxConnections: 100,
    cidrs: ['10.0.2.0/24'],
  },
} satisfies DbgptInput['backing'];

const PROXY = { kind: 'proxy', runtime: { name: 'chat' }, model: 'qwen2.5-7b-instruct' } as const;
const FILES = { kind: 'files', path: 'glm-4-9b-chat' } as const;

const BASE: DbgptInput = {
  kind: 'DBGPT',
  name: 'ask',
  llm: PROXY,
  embedding: { kind: 'proxy', runtime: { name: 'embed' }, model: 'bge-m3' },
  backing: BACKING,
};

const topology = (change: Partial<DbgptInput> = {}) => validateTopology({ ...BASE, ...change }, 'test');

function laid(change?: Partial<DbgptInput>) {
  const chart = new DbgptChart(new App(), 'dbgpt', topology(change));
  const manifests = manifestsOf(chart);
  const named = (kind: string, name: string) => {
    const found = manifests.find((one) => one.kind === kind && one.metadata?.name === name);
    if (found === undefined) throw new Error(`no ${kind}/${name}`);
    return found;
  };
  const { stack } = chart;
  const pod = (role: 'controller' | 'llm' | 'embedding' | 'web') =>
    stack[role].workloadObject.toJson().spec.template.spec;
  const config = (role: string): string => {
    const { data } = named('ConfigMap', `ask-${role}`) as unknown as { data: Record<string, string> };
    return data['config.toml'] ?? '';
  };
  return { chart, stack, manifests, named, pod, config };
}

function variables(pod: { containers: { env: { name: string; value?: string; valueFrom?: unknown }[] }[] }) {
  return Object.fromEntries(
    (pod.containers[0]?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]),
  );
}

describe('what it lays', () => {
  test('the managed form: every object, valid, without a finding', () => {
    const { chart, manifests } = laid();
    expect(manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`).sort()).toEqual(
      [
        'Namespace/ask',
        'StorageClass/ask-nfs',
        'PersistentVolumeClaim/ask-models',
        'PersistentVolumeClaim/ask-state',
        ...['controller', 'llm', 'embedding', 'web'].flatMap((role) => [
          `ConfigMap/ask-${role}`,
          `ServiceAccount/ask-${role}`,
          `Service/ask-${role}`,
          `Service/ask-${role}-headless`,
          `StatefulSet/ask-${role}`,
          `NetworkPolicy/ask-${role}`,
        ]),
        ...['controller', 'llm', 'embedding'].map((role) => `PodDisruptionBudget/ask-${role}`),
        ...['llm', 'embedding'].map((role) => `HorizontalPodAutoscaler/ask-${role}`),
      ].sort(),
    );
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
  });

  test('the development form runs MySQL in the namespace', () => {
    const { chart, manifests, pod } = laid({ backing: { ...BACKING, database: 'local' } });
    expect(manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`)).toContain(
      'StatefulSet/ask-database',
    );
    expect(variables(pod('web'))).toMatchObject({
      MYSQL_HOST: 'ask-database.ask.svc',
      MYSQL_PORT: '3306',
      MYSQL_DATABASE: 'polypod',
    });
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
  });

  test('models of its own: files that all workers read, GPUs, and no way out to fetch any', () => {
    const { chart, manifests, pod, config } = laid({
      llm: { ...FILES, image: 'docker.io/eosphorosai/dbgpt:v0.8.0', gpu: { count: 2 } },
      embedding: { kind: 'files', path: 'text2vec-large-chinese', name: 'text2vec' },
    });
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
    expect(config('llm')).toContain('path = "/app/models/glm-4-9b-chat"');
    expect(config('embedding')).toContain('name = "text2vec"');
    const llm = pod('llm');
    expect(llm.containers[0].image).toBe('docker.io/eosphorosai/dbgpt:v0.8.0');
    expect(llm.containers[0].resources.limits).toMatchObject({ 'nvidia.com/gpu': '2' });
    expect(llm.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
    expect(llm.volumes).toContainEqual({
      name: 'shared-memory',
      emptyDir: { medium: 'Memory', sizeLimit: '8Gi' },
    });
    expect(llm.containers[0].volumeMounts).toContainEqual({
      name: 'models',
      mountPath: '/app/models',
      readOnly: true,
    });
    expect(variables(llm)).toMatchObject({ HF_HUB_OFFLINE: '1' });
    expect(llm.initContainers[0].env).toEqual([{ name: 'MODEL', value: '/app/models/glm-4-9b-chat' }]);
    // 30 minutes until the model is loaded.
    expect(llm.containers[0].startupProbe).toMatchObject({ periodSeconds: 5, failureThreshold: 360 });
    expect(manifests.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')).toEqual([]);
  });
});

describe('controllers and who finds them', () => {
  test('everybody is told each of them by a name that stays', () => {
    const { config, pod } = laid({ roles: { controller: { replicas: 3 } } });
    const addresses = [0, 1, 2]
      .map((ordinal) => `http://ask-controller-${ordinal}.ask-controller-headless:8000`)
      .join(',');
    for (const role of ['llm', 'embedding', 'web'])
      expect(config(role)).toContain(`controller_addr = "${addresses}"`);
    expect(variables(pod('llm')).CONTROLLERS).toBe(addresses);
  });

  test('they share one table of MySQL, which is made before they start', () => {
    const { config, pod, named } = laid();
    expect(config('controller')).toContain('[service.model.controller.registry.database]\ntype = "mysql"');
    expect(pod('controller').initContainers).toMatchObject([
      { name: 'make-tables', command: ['python', '/etc/dbgpt/tables.py'] },
    ]);
    expect(JSON.stringify(named('ConfigMap', 'ask-controller'))).toContain('dbgpt_cluster_registry_instance');
    expect(named('StatefulSet', 'ask-controller')).toMatchObject({
      spec: { replicas: 2, podManagementPolicy: 'Parallel' },
    });
  });

  test('workers register a name that stays, and are ready once a controller lists it', () => {
    const { config, pod } = laid();
    expect(config('llm')).toMatch(/worker_register_host = "\$\{env:WORKER_HOST\}"/);
    const llm = pod('llm');
    expect(variables(llm)).toMatchObject({
      WORKER_HOST: '$(POD_NAME).ask-llm-headless',
      WORKER_KEY: 'qwen2.5-7b-instruct@llm',
    });
    expect(variables(pod('embedding')).WORKER_KEY).toBe('bge-m3@text2vec');
    const [container] = llm.containers;
    expect(container.readinessProbe.exec.command).toEqual(['python', '/etc/dbgpt/probe.py', 'worker']);
    expect(container.lifecycle.preStop.exec.command).toEqual(['python', '/etc/dbgpt/leave.py', '10']);
  });

  test("ports are the guide's", () => {
    const { stack } = laid();
    const ports = [stack.controller, stack.llm, stack.embedding, stack.web].map(
      ({ service }) => service?.toJson().spec.ports[0].port,
    );
    expect(ports).toEqual([8000, 8001, 8003, 5670]);
  });

  test('pods start anew when their configuration changes, and only those', () => {
    const digests = (change?: Partial<DbgptInput>) => {
      const { stack } = laid(change);
      return [stack.controller, stack.llm, stack.web].map(
        ({ workloadObject }) =>
          workloadObject.toJson().spec.template.metadata.annotations['polypod.dev/config'],
      );
    };
    const [controller, llm, web] = digests();
    const [sameController, otherLlm, sameWeb] = digests({ llm: { ...PROXY, contextLength: 16_384 } });
    expect([sameController, sameWeb]).toEqual([controller, web]);
    expect(otherLlm).not.toBe(llm);
  });
});

describe('what pods are told', () => {
  test('a worker passes on to a Polypod runtime, without a key or with one of a Secret', () => {
    const { config, pod } = laid();
    expect(config('llm')).toContain('api_base = "http://chat.chat.svc.cluster.local:8080/v1"');
    expect(config('embedding')).toContain(
      'api_url = "http://embed.embed.svc.cluster.local:8080/v1/embeddings"',
    );
    expect(variables(pod('llm')).API_KEY).toBeUndefined();
    const keyed = laid({ llm: { ...PROXY, apiKey: { secretName: 'llm-api' } } });
    expect(variables(keyed.pod('llm')).API_KEY).toEqual({
      secretKeyRef: { name: 'llm-api', key: 'api-key' },
    });
  });

  test('the account of the database is nowhere but in its Secret, and the server is verified', () => {
    const { manifests, pod } = laid();
    expect(variables(pod('controller'))).toMatchObject({
      MYSQL_HOST: 'mysql.acme.internal',
      MYSQL_PORT: '3306',
      MYSQL_DATABASE:
        'dbgpt?charset=utf8mb4&ssl_ca=/etc/dbgpt-database-ca/ca.crt&ssl_check_hostname=true&program_name=dbgpt',
      MYSQL_USER: { secretKeyRef: { name: 'dbgpt-database', key: 'user' } },
      MYSQL_PASSWORD: { secretKeyRef: { name: 'dbgpt-database', key: 'password' } },
    });
    for (const { kind, spec } of manifests) {
      if (kind === 'StatefulSet') expect(JSON.stringify(spec)).not.toMatch(/--registry|password=/i);
    }
    const byAddress = laid({
      backing: { ...BACKING, database: { ...BACKING.database, host: 'fd00::5', cidrs: ['fd00::/64'] } },
    });
    expect(variables(byAddress.pod('web')).MYSQL_HOST).toBe('[fd00::5]');
    const { ca: _none, ...database } = BACKING.database;
    const open = laid({ backing: { ...BACKING, database } });
    expect(variables(open.pod('web')).MYSQL_DATABASE).toContain('&ssl_capath=/etc/ssl/certs&');
  });

  test('the web server keeps vectors on a disk, and files by a name that outlives its pod', () => {
    const { config, pod, named } = laid({ state: { size: '50Gi', storageClass: 'fast' } });
    expect(config('web')).toMatch(/type = "file"\nhost = "ask-web"/);
    expect(config('web')).toContain('local_storage_path = "/app/models/.uploads"');
    expect(named('PersistentVolumeClaim', 'ask-state')).toMatchObject({
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'fast',
        resources: { requests: { storage: '50Gi' } },
      },
    });
    expect(pod('web').containers[0].volumeMounts).toContainEqual({ name: 'state', mountPath: '/app/pilot' });
    expect(variables(pod('web')).ENCRYPT_KEY).toEqual({
      secretKeyRef: { name: 'ask-keys', key: 'encrypt-key' },
    });
  });

  test('answers are not lost over tokens that nobody can count', () => {
    expect(laid().config('web')).toContain(
      '[[app.configs]]\nname = "chat_normal"\n\n[app.configs.memory]\ntype = "window"',
    );
  });
});

test('who may reach whom is what is wired, and nothing else', () => {
  const { reach } = laid({
    traffic: { type: 'gateway-api', hosts: ['ask.acme.dev'], tls: { secretName: 'ask-tls' } },
    allow: { 'no-login': 'a proxy that knows our analysts stands before it' },
    network: { egress: [{ cidrs: ['10.9.0.0/24'], ports: [5432], why: 'the warehouse' }] },
  }).stack;
  expect(
    reach
      .filter(({ port }) => port !== 53)
      .map(({ from, to, port }) => `${from.name} → ${to.name}:${port}`)
      .sort(),
  ).toEqual(
    [
      'namespace envoy-gateway-system → ask-web:5670',
      'ask-llm → ask-controller:8000',
      'ask-embedding → ask-controller:8000',
      'ask-web → ask-controller:8000',
      'ask-web → ask-llm:8001',
      'ask-web → ask-embedding:8003',
      'ask-controller → 10.0.2.0/24:3306',
      'ask-web → 10.0.2.0/24:3306',
      'ask-web → 10.9.0.0/24:5432',
      ...['chat', 'embed'].map(
        (name) =>
          `ask-${name === 'chat' ? 'llm' : 'embedding'} → pods app.kubernetes.io/instance=${name},app.kubernetes.io/name=polypod-runtime in namespace ${name}:8080`,
      ),
    ].sort(),
  );
});

test('controllers and the web server open connections, workers none', () => {
  const { sizing, workloads } = resolveDbgpt(topology());
  expect(workloads.map(({ role, replicas }) => [role, replicas.min, replicas.max])).toEqual([
    ['controller', 2, 2],
    ['llm', 2, 4],
    ['embedding', 2, 4],
    ['web', 1, 1],
  ]);
  expect(sizing.database).toMatchObject({ engine: 'mysql', maxConnections: 60 });
});

test('its Secrets: keys that are made up, accounts that are given', () => {
  const system = systemOf('DBGPT');
  const settings = system.resolve(topology({ llm: { ...PROXY, apiKey: { secretName: 'llm-api' } } }));
  expect(madeUpSecrets(system, settings)).toEqual([{ name: 'ask-keys', random: ['encrypt-key'], fixed: {} }]);
  expect([...givenSecrets(system, settings).keys()]).toEqual(['dbgpt-database', 'llm-api']);
  expect(system.endpoint(settings)).toBe('http://ask-web.ask.svc.cluster.local:5670');
  expect(system.commandToTry(settings)).toContain('service/ask-web 5670:5670');
});

describe('what can not work is refused', () => {
  const server = (change: object) => ({ ...BACKING, database: { ...BACKING.database, ...change } });
  const hosts = ['ask.acme.dev'];
  const tls = { secretName: 'ask-tls' };

  test.each<[string, Partial<DbgptInput>, string]>([
    ['two web servers', { roles: { web: { replicas: 2 } } }, 'roles.web.replicas'],
    ['a single controller', { roles: { controller: { replicas: 1 } } }, 'roles.controller.replicas'],
    ['a site that nobody guards', { traffic: { type: 'gateway-api', hosts, tls } }, 'traffic.hosts'],
    ['neither a runtime nor an address', { llm: { kind: 'proxy', model: 'a' } }, 'llm.runtime'],
    [
      'an address without a way to it',
      { llm: { kind: 'proxy', model: 'a', url: 'https://llm.acme.dev/v1' } },
      'llm.cidrs',
    ],
    [
      'a key in clear text',
      {
        embedding: {
          kind: 'proxy',
          model: 'a',
          url: 'http://llm.acme.dev/v1',
          cidrs: ['10.0.0.0/24'],
          apiKey: { secretName: 'key' },
        },
      },
      'embedding.url',
    ],
    ['one name for both models', { embedding: { ...PROXY } }, 'embedding.name'],
    ['a model whose name no registry can hold', { llm: { ...PROXY, model: 'a model' } }, 'llm.name'],
    ['a name with the sign that parts it', { llm: { ...PROXY, name: 'a@b' } }, 'llm.name'],
    ['a path out of the claim', { llm: { kind: 'files', path: '../etc' } }, 'llm.path'],
    ['vLLM without a GPU', { llm: { ...FILES, provider: 'vllm' } }, 'llm.gpu'],
    [
      'an autoscaler that can not see GPUs',
      { llm: { ...FILES, gpu: {} }, roles: { llm: { replicas: { min: 1, max: 3 } } } },
      'roles.llm.replicas',
    ],
    [
      'a toleration that is none',
      { llm: { ...FILES, gpu: { tolerations: [{ operator: 'Equal', value: 'a' }] } } },
      'llm.gpu.tolerations[0].key',
    ],
    ['vectors on a network file system', { state: { storageClass: 'azurefile-csi' } }, 'state.storageClass'],
    ['fewer connections than pools', { connections: { database: 3 } }, 'connections.database'],
    [
      'a database that grants too few',
      { backing: server({ maxConnections: 50 }) },
      'backing.database.maxConnections',
    ],
    [
      'a database whose name a URL would cut',
      { backing: server({ database: 'a/b?c' }) },
      'backing.database.database',
    ],
    [
      'a database in clear text outside the cluster',
      { backing: server({ tls: 'off', ca: undefined }) },
      'backing.database.tls',
    ],
    ['a cache that nobody asks', { backing: { ...BACKING, cache: 'local' } }, 'backing.cache'],
    [
      'a disk for all pods',
      { backing: { ...BACKING, storage: { kind: 'existing-class', name: 'gp3' } } },
      'backing.storage.name',
    ],
    ["backups of PostgreSQL's kind", { backup: {} }, 'backup'],
    ["the node's own users", { models: { uid: 1000 } }, 'models.uid'],
    ['a silence shorter than a heartbeat', { heartbeat: { timeout: '10s' } }, 'heartbeat.timeout'],
  ])('%s', (_what, change, path) => {
    expect(problemsOf({ ...BASE, ...change }).map((problem) => problem.path)).toEqual([path]);
  });

  test('a site without a login, where somebody says what guards it', () => {
    const allow = { 'no-login': 'the company’s identity-aware proxy' };
    expect(topology({ traffic: { type: 'gateway-api', hosts, tls }, allow }).kind).toBe('DBGPT');
  });
});
