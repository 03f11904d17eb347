import { App } from 'cdk8s';
import { AnythingLlmChart } from '../../../stacks/anything-llm/anything-llm-chart';
import type { AnythingLlmInput } from '../../../stacks/anything-llm/schema';
import { systemOf } from '../../../stacks/system/systems';
import { validateTopology } from '../../../stacks/topology';
import { manifestsOf, strictFaults } from '../../support/strict-validation';
import { problemsOf } from '../topology/support';

const BACKING = {
  image: 'docker.io/mintplexlabs/anythingllm:1.16.0',
  storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/files' },
  database: {
    host: 'database.acme.internal',
    database: 'docs',
    ca: { configMapName: 'database-ca' },
    credentials: { secretName: 'docs-database' },
    maxConnections: 400,
    cidrs: ['10.0.2.0/24'],
  },
} satisfies AnythingLlmInput['backing'];
const MINIMAL: AnythingLlmInput = {
  kind: 'AnythingLLM',
  name: 'docs',
  llm: { runtime: { name: 'chat', namespace: 'llm' }, model: 'qwen' },
  backing: BACKING,
};
/** Several pods, on an image that was built for it. */
const SEVERAL = {
  state: { kind: 'postgresql' },
  replicas: { min: 2, max: 5 },
} satisfies Partial<AnythingLlmInput>;

const topology = (change: Partial<AnythingLlmInput> = {}) =>
  validateTopology({ ...MINIMAL, ...change }, 'test');

function laid(change?: Partial<AnythingLlmInput>) {
  const chart = new AnythingLlmChart(new App(), 'docs', topology(change));
  const manifests = manifestsOf(chart);
  const workload = chart.stack.application?.workloadObject.toJson();
  return { chart, manifests, workload, pod: workload?.spec.template.spec };
}

const names = (change?: Partial<AnythingLlmInput>) =>
  laid(change).manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`);

function variables(change?: Partial<AnythingLlmInput>): Record<string, unknown> {
  const [container] = laid(change).pod.containers;
  return Object.fromEntries(
    container.env.map((one: { name: string; value?: string; valueFrom?: unknown }) => [
      one.name,
      one.value ?? one.valueFrom,
    ]),
  );
}

describe('the safe form, which is the default', () => {
  test('one pod, whose SQLite lies on a disk of its own', () => {
    const { workload, pod, manifests, chart } = laid();
    expect(workload).toMatchObject({ kind: 'StatefulSet', spec: { replicas: 1 } });
    const disk = manifests.find(({ metadata }) => metadata?.name === 'docs-state');
    expect(disk?.spec).toMatchObject({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '20Gi' } },
    });
    expect(pod.containers[0].volumeMounts).toEqual(
      expect.arrayContaining([
        { name: 'state', mountPath: '/app/server/storage' },
        { name: 'files', mountPath: '/app/server/storage/models' },
      ]),
    );
    expect(names()).not.toContain('HorizontalPodAutoscaler/docs');
    expect(names()).not.toContain('PodDisruptionBudget/docs');
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
  });

  test('models lie on a claim that several pods can mount', () => {
    const claim = laid().manifests.find(({ metadata }) => metadata?.name === 'docs-models');
    expect(claim?.spec).toMatchObject({ accessModes: ['ReadWriteMany'] });
  });

  test('the pod runs as the user of the image, within the restricted standard', () => {
    const { securityContext, containers } = laid().pod;
    expect(securityContext).toMatchObject({ runAsUser: 1000, runAsNonRoot: true });
    expect(containers[0].securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('a class of disks can be named', () => {
    const { manifests } = laid({ state: { kind: 'sqlite', size: '50Gi', storageClass: 'premium-rwo' } });
    const disk = manifests.find(({ metadata }) => metadata?.name === 'docs-state');
    expect(disk?.spec).toMatchObject({
      storageClassName: 'premium-rwo',
      resources: { requests: { storage: '50Gi' } },
    });
  });
});

describe('several pods', () => {
  test('a Deployment over one directory, with autoscaler, budget and affinity, and no disk', () => {
    const { workload, pod, manifests, chart } = laid(SEVERAL);
    expect(names(SEVERAL)).toEqual([
      'Namespace/docs',
      'StorageClass/docs-nfs',
      'PersistentVolumeClaim/docs-storage',
      'ServiceAccount/docs',
      'Service/docs',
      'Deployment/docs',
      'HorizontalPodAutoscaler/docs',
      'PodDisruptionBudget/docs',
      'NetworkPolicy/docs',
    ]);
    expect(workload?.spec.replicas).toBeUndefined();
    expect(pod.containers[0].volumeMounts).toEqual(
      expect.arrayContaining([
        { name: 'files', mountPath: '/app/server/storage' },
        // Each pod makes keys of its own at its start: they must not overwrite each other's.
        { name: 'pod-keys', mountPath: '/app/server/storage/comkey' },
      ]),
    );
    const service = manifests.find(({ kind }) => kind === 'Service');
    expect(service?.spec).toMatchObject({ sessionAffinity: 'ClientIP' });
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
  });

  test('Prisma gets its account by a URL that is whole only in the container', () => {
    const [container] = laid(SEVERAL).pod.containers;
    expect(variables(SEVERAL).DATABASE_URL).toBe(
      'postgresql://database.acme.internal:5432/docs?sslmode=require&sslaccept=strict&sslcert=/etc/anything-llm/database-ca/ca.crt&connection_limit=10',
    );
    expect(container.command[2]).toContain('exec /bin/bash /usr/local/bin/docker-entrypoint.sh');
  });
});

describe('what pods are told', () => {
  test("upstream's variables: models of the runtime, vectors in PostgreSQL, keys that all pods share", () => {
    const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } });
    expect(variables()).toEqual({
      SERVER_PORT: '3001',
      STORAGE_DIR: '/app/server/storage',
      DISABLE_TELEMETRY: 'true',
      ANYTHINGLLM_CHROMIUM_ARGS: '--no-sandbox,--disable-setuid-sandbox',
      AUTH_TOKEN: secret('docs-keys', 'auth-token'),
      JWT_SECRET: secret('docs-keys', 'jwt-secret'),
      SIG_KEY: secret('docs-keys', 'sig-key'),
      SIG_SALT: secret('docs-keys', 'sig-salt'),
      LLM_PROVIDER: 'generic-openai',
      GENERIC_OPEN_AI_BASE_PATH: 'http://chat.llm.svc.cluster.local:8080/v1',
      GENERIC_OPEN_AI_MODEL_PREF: 'qwen',
      GENERIC_OPEN_AI_MODEL_TOKEN_LIMIT: '8192',
      GENERIC_OPEN_AI_MAX_TOKENS: '1024',
      EMBEDDING_ENGINE: 'native',
      VECTOR_DB: 'pgvector',
      PGVECTOR_CONNECTION_STRING:
        'postgresql://database.acme.internal:5432/docs?sslmode=verify-full&sslrootcert=/etc/anything-llm/database-ca/ca.crt',
      PGUSER: secret('docs-database', 'username'),
      PGPASSWORD: secret('docs-database', 'password'),
    });
  });

  test('embeddings may come from another model, and APIs may want keys', () => {
    const told = variables({
      llm: {
        url: 'https://llm.acme.dev/v1',
        cidrs: ['10.1.0.0/24'],
        model: 'big',
        apiKey: { secretName: 'llm' },
      },
      embedding: {
        runtime: { name: 'embeddings' },
        model: 'bge',
        apiKey: { secretName: 'llm', key: 'other' },
      },
    });
    expect(told).toMatchObject({
      GENERIC_OPEN_AI_BASE_PATH: 'https://llm.acme.dev/v1',
      GENERIC_OPEN_AI_API_KEY: { secretKeyRef: { name: 'llm', key: 'api-key' } },
      EMBEDDING_ENGINE: 'generic-openai',
      EMBEDDING_BASE_PATH: 'http://embeddings.embeddings.svc.cluster.local:8080/v1',
      EMBEDDING_MODEL_PREF: 'bge',
      GENERIC_OPEN_AI_EMBEDDING_API_KEY: { secretKeyRef: { name: 'llm', key: 'other' } },
    });
  });

  test('the development database is one that has pgvector', () => {
    const { manifests } = laid({ backing: { ...BACKING, database: 'local' } });
    expect(JSON.stringify(manifests)).toContain('docker.io/pgvector/pgvector:');
  });
});

test('who may reach whom: the runtime, the database, public pages, and nothing else', () => {
  const reach = (change?: Partial<AnythingLlmInput>) =>
    laid(change)
      .chart.stack.reach.filter(({ port }) => port !== 53)
      .map(({ from, to, port }) => `${from.name} → ${to.name}:${port}`);
  expect(reach({ network: { clientsFrom: [{ namespace: 'portal' }] } })).toEqual([
    'namespace portal → docs:3001',
    'docs → 10.0.2.0/24:5432',
    'docs → pods app.kubernetes.io/instance=chat,app.kubernetes.io/name=polypod-runtime in namespace llm:8080',
    'docs → 0.0.0.0/0, ::/0:80',
    'docs → 0.0.0.0/0, ::/0:443',
  ]);
  const elsewhere = reach({
    web: false,
    llm: { url: 'http://models.acme.internal:9000/v1', cidrs: ['10.7.0.0/24'], model: 'big' },
    embedding: { runtime: { name: 'chat' }, model: 'bge' },
  });
  expect(elsewhere).toEqual([
    'docs → 10.0.2.0/24:5432',
    'docs → 10.7.0.0/24:9000',
    'docs → pods app.kubernetes.io/instance=chat,app.kubernetes.io/name=polypod-runtime in namespace chat:8080',
  ]);
});

test('a topology of kind Inference lets it in', () => {
  const settings = systemOf('Inference');
  const inference = validateTopology(
    {
      kind: 'Inference',
      name: 'chat',
      models: [{ name: 'tiny', source: 'hf:acme/tiny/tiny.gguf', size: '1Gi' }],
      network: { clientsFrom: [{ namespace: 'docs' }] },
      backing: { ...BACKING, image: 'ghcr.io/acme/runtime:1.0.0', cache: 'local', database: 'local' },
    },
    'test',
  );
  const policy = manifestsOf(settings.chart(new App(), 'chat', inference)).find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata?.name === 'chat',
  );
  expect(JSON.stringify(policy?.spec)).toContain('"kubernetes.io/metadata.name":"docs"');
});

describe('what can not work is refused', () => {
  const refused = (change: Partial<AnythingLlmInput>) =>
    problemsOf({ ...MINIMAL, ...change }).map(({ path }) => path);
  const llm = (change: object) => ({ llm: { model: 'qwen', ...change } }) as Partial<AnythingLlmInput>;

  test('SQLite with several pods, with the reason and both ways out', () => {
    const [problem, ...others] = problemsOf({ ...MINIMAL, replicas: { min: 2, max: 3 } });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: 'replicas', value: 3 });
    expect(problem?.reason).toMatch(/SQLite.*locks.*damaged/);
    expect(problem?.mend).toMatch(/leave it out.*postgresql/);
  });

  test.each<[string, Partial<AnythingLlmInput>, string[]]>([
    [
      'SQLite on a network file system',
      { state: { kind: 'sqlite', storageClass: 'azurefile-csi' } },
      ['state.storageClass'],
    ],
    [
      'shared files on a disk',
      { backing: { ...BACKING, storage: { kind: 'existing-class', name: 'gp3' } } },
      ['backing.storage.name'],
    ],
    ['nobody who answers', llm({}), ['llm.runtime']],
    [
      'two who answer',
      llm({ runtime: { name: 'chat' }, url: 'https://llm.acme.dev/v1', cidrs: ['10.1.0.0/24'] }),
      ['llm.url'],
    ],
    ['an API that the network policy blocks', llm({ url: 'https://llm.acme.dev/v1' }), ['llm.cidrs']],
    [
      'the whole internet for one API',
      llm({ url: 'https://llm.acme.dev/v1', cidrs: ['0.0.0.0/0'] }),
      ['llm.cidrs[0]'],
    ],
    ['a port without a URL', llm({ runtime: { name: 'chat' }, port: 9000 }), ['llm.port']],
    [
      'a key in clear text',
      llm({ url: 'http://llm.acme.dev/v1', cidrs: ['10.1.0.0/24'], apiKey: { secretName: 'key' } }),
      ['llm.url'],
    ],
    [
      'a URL with a password',
      llm({ url: 'https://me:secret@llm.acme.dev/v1', cidrs: ['10.1.0.0/24'] }),
      ['llm.url'],
    ],
    ['a native embedder that can not fetch its model', { web: false }, ['web']],
    ['a cache that nobody uses', { backing: { ...BACKING, cache: 'local' } }, ['backing.cache']],
    [
      'clients that are sent from pod to pod',
      {
        ...SEVERAL,
        traffic: {
          type: 'gateway-api',
          hosts: ['docs.acme.dev'],
          tls: { secretName: 'tls' },
          affinity: { by: 'off' },
        },
      },
      ['traffic.affinity.by'],
    ],
    [
      'more pods than the database grants connections',
      { ...SEVERAL, replicas: { min: 2, max: 30 } },
      ['backing.database.maxConnections'],
    ],
    ['files copied into PostgreSQL', { ...SEVERAL, migration: { claim: 'old' } }, ['migration']],
    [
      'a claim that is copied to itself',
      {
        migration: { claim: 'old' },
        backing: { ...BACKING, storage: { kind: 'existing-claim', name: 'old' } },
      },
      ['migration.claim'],
    ],
    ['a folder outside the claim', { migration: { claim: 'old', path: '/../etc' } }, ['migration.path']],
  ])('%s', (_what, change, paths) => {
    expect(refused(change)).toEqual(paths);
  });
});

test('Secrets: its keys are made up, those of APIs are given', () => {
  const system = systemOf('AnythingLLM');
  const settings = system.resolve(
    topology({
      llm: {
        url: 'https://llm.acme.dev/v1',
        cidrs: ['10.1.0.0/24'],
        model: 'big',
        apiKey: { secretName: 'llm' },
      },
    }),
  );
  expect(system.ownSecrets(settings)).toEqual([
    { name: 'docs-keys', random: ['auth-token', 'jwt-secret', 'sig-key', 'sig-salt'], fixed: {} },
  ]);
  expect([...system.givenSecrets(settings).keys()]).toEqual(['llm']);
});
