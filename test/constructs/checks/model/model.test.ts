import { placeholderNumber } from '../../../../constructs/contracts/placeholder';
import { modelOf } from '../../../support/check-rule';

const pods = (spec: string, metadata = 'name: app', kind = 'Deployment') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { ${metadata} }
spec: ${spec}
`;
const join = (...parts: string[]) => parts.join('\n---\n');
const only = <T>(items: Iterable<T>): T => {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0)
    throw new Error(`expected one item, found ${others.length + (item ? 1 : 0)}`);
  return item;
};

describe('namespaces', () => {
  const service = (metadata: string) => `apiVersion: v1\nkind: Service\nmetadata: { ${metadata} }`;

  test('an object without one lives in the only one that the input names', () => {
    expect(
      modelOf(join(service('name: a, namespace: chat'), service('name: b'))).service('chat', 'b'),
    ).toBeDefined();
    expect(
      modelOf(join('apiVersion: v1\nkind: Namespace\nmetadata: { name: chat }', service('name: b'))).service(
        'chat',
        'b',
      ),
    ).toBeDefined();
  });

  test('else in default, or the given one', () => {
    const two = join(service('name: a, namespace: x'), service('name: b, namespace: y'), service('name: c'));
    expect(modelOf(two).service('default', 'c')).toBeDefined();
    expect(modelOf(two, 'mine').service('mine', 'c')).toBeDefined();
  });

  test('cluster-scoped kinds have none, those of the input too', () => {
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: x }\nspec: { scope: Cluster, names: { kind: Thing } }';
    const model = modelOf(
      join(
        'apiVersion: v1\nkind: Namespace\nmetadata: { name: chat }',
        definition,
        'apiVersion: x.io/v1\nkind: Thing\nmetadata: { name: t }',
      ),
    );
    expect(model.find('Thing', '', 't')).toBeDefined();
  });
});

describe('replicas', () => {
  const template = 'template: { spec: { containers: [{ name: a, image: x }] } }';
  const scaler = (spec: string, kind = 'HorizontalPodAutoscaler') =>
    `apiVersion: x/v1\nkind: ${kind}\nmetadata: { name: s }\nspec: { scaleTargetRef: { kind: Deployment, name: app }, ${spec} }`;

  test.each([
    ['nothing said', '', 1, 1, 'spec.replicas'],
    ['an HPA without minimum', scaler('maxReplicas: 5'), 1, 5, 'spec.maxReplicas'],
    ['an HPA', scaler('minReplicas: 3, maxReplicas: 5'), 3, 5, 'spec.maxReplicas'],
    [
      'a ScaledObject without figures',
      scaler('triggers: []', 'ScaledObject'),
      0,
      100,
      'spec.maxReplicaCount',
    ],
    [
      'an HPA for another kind',
      scaler('maxReplicas: 5').replace('kind: Deployment', 'kind: StatefulSet'),
      1,
      1,
      'spec.replicas',
    ],
  ])('%s', (_case, other, guaranteed, possible, path) => {
    const { replicas } = only(modelOf(join(pods(`{ ${template} }`), other)).workloads);
    expect(replicas).toMatchObject({ guaranteed, possible, path });
  });

  test('an autoscaler wins over spec.replicas', () => {
    const model = modelOf(
      join(pods(`{ replicas: 9, ${template} }`), scaler('minReplicas: 2, maxReplicas: 3')),
    );
    expect(only(model.workloads).replicas).toMatchObject({ guaranteed: 2, possible: 3 });
  });

  test('a number that a cloud has yet to say is not known', () => {
    const number = placeholderNumber(3);
    const known = (yaml: string) => only(modelOf(yaml).workloads).replicas.isKnown;
    expect(known(pods(`{ replicas: ${number}, ${template} }`))).toBe(false);
    expect(known(pods(`{ replicas: 3, ${template} }`))).toBe(true);
    const scaled = (figures: string) => join(pods(`{ ${template} }`), scaler(figures, 'ScaledObject'));
    expect(known(scaled(`maxReplicaCount: ${number}`))).toBe(false);
    expect(known(scaled('maxReplicaCount: 3'))).toBe(true);
  });

  test('a LeaderWorkerSet is leaders and workers', () => {
    const model = modelOf(`
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: { name: big }
spec:
  replicas: 2
  leaderWorkerTemplate:
    size: 4
    leaderTemplate: { metadata: { labels: { role: leader } }, spec: { containers: [] } }
    workerTemplate: { spec: { containers: [] } }
`);
    expect(model.workloads.map(({ label, replicas }) => [label, replicas.guaranteed])).toEqual([
      ['LeaderWorkerSet/big (leader)', 2],
      ['LeaderWorkerSet/big (worker)', 6],
    ]);
  });

  test('what another object of the input owns is not counted again', () => {
    const owned = pods(
      `{ ${template} }`,
      'name: app-1, ownerReferences: [{ kind: Deployment, name: app }]',
      'ReplicaSet',
    );
    expect(modelOf(join(pods(`{ ${template} }`), owned)).workloads).toHaveLength(1);
  });

  test('hooks are no replicas', () => {
    const model = modelOf(pods(`{ ${template} }`, "name: app, annotations: { helm.sh/hook: 'test' }"));
    expect(model.workloads).toEqual([]);
    expect(model.allWorkloads).toHaveLength(1);
  });
});

describe('who belongs to whom', () => {
  const model = modelOf(
    join(
      pods(
        '{ template: { metadata: { labels: { app: web, tier: front } }, spec: { containers: [{ name: a, image: x, ports: [{ name: http, containerPort: 8080 }] }] } } }',
        'name: web',
      ),
      pods(
        '{ template: { metadata: { labels: { app: db, tier: back } }, spec: { containers: [] } } }',
        'name: db',
        'StatefulSet',
      ),
      'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ name: main, port: 80, targetPort: http }] }',
      'apiVersion: v1\nkind: Service\nmetadata: { name: db }\nspec: { clusterIP: None, selector: { app: db } , ports: [{ port: 5432 }] }',
      'apiVersion: v1\nkind: Service\nmetadata: { name: manual }\nspec: { ports: [{ port: 80 }] }',
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: all }\nspec: { selector: { matchExpressions: [{ key: tier, operator: In, values: [front, back] }] } }',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: deny }\nspec: { podSelector: {}, egress: [{}] }',
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: in }\nspec: { rules: [{ host: a.example, http: { paths: [{ path: /x, pathType: Prefix, backend: { service: { name: web, port: { name: main } } } }] } }] }',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: route }\nspec: { hostnames: [b.example], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }',
    ),
  );
  const web = model.workloads[0];
  const db = model.workloads[1];
  if (!web || !db) throw new Error('two workloads expected');

  test('Services, budgets, policies', () => {
    expect(model.servicesOf(web).map(({ name }) => name)).toEqual(['web']);
    expect(model.service('default', 'manual')?.workloads).toEqual([]);
    expect(model.budgetsOf(web)).toHaveLength(1);
    expect(model.budgetsOf(db)).toHaveLength(1);
    expect(model.policiesOf(db)).toMatchObject([{ isolatesIngress: true, isolatesEgress: true }]);
  });

  test('routes lead to the port of a Service', () => {
    const service = model.service('default', 'web');
    if (!service) throw new Error('a Service expected');
    expect(
      model.routesTo(service).map(({ hosts, urlPath, servicePort }) => [hosts, urlPath, servicePort?.port]),
    ).toEqual([
      [['a.example'], '/x', 80],
      [['b.example'], '/', 80],
    ]);
  });

  test.each([
    ['db', 'db'],
    ['db.default', 'db'],
    ['db.default.svc', 'db'],
    ['db.default.svc.cluster.local', 'db'],
    ['db.default.svc.cluster.local.', 'db'],
    ['db-0.db', 'db'],
    ['db-0.db.default.svc.cluster.local', 'db'],
    ['db.other', undefined],
    ['db.example.com', undefined],
    ['example.com', undefined],
  ])('the host %s is the Service %s', (host, name) => {
    expect(model.serviceOfHost(host, 'default')?.name).toBe(name);
  });
});

describe('what a container is told', () => {
  const model = modelOf(
    join(
      pods(
        `
  template:
    spec:
      volumes:
        - { name: conf, configMap: { name: files } }
      containers:
        - name: app
          image: ghcr.io/acme/app:1@sha256:abc
          command: [sh, -c, 'MODE=fast exec app --port 80 --model="a b" -v']
          args: [--url=http://$(DB_HOST):8000, -c, max_connections=50]
          envFrom: [{ prefix: P_, configMapRef: { name: env } }, { secretRef: { name: absent } }]
          env:
            - { name: DB_HOST, value: db }
            - { name: DB_PORT, value: '6543' }
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: s, key: p } } }
            - { name: URL, value: 'postgres://u:$(PASSWORD)@$(DB_HOST):5433/x' }
            - { name: ENCODED, valueFrom: { secretKeyRef: { name: known, key: token } } }
            - { name: LISTEN, value: '0.0.0.0:8080' }
            - { name: WEBUI_URL, value: 'https://chat.example.com' }
            - { name: REDIS_URL, value: 'rediss://cache.example.com' }
          volumeMounts: [{ name: conf, mountPath: /etc/app }]
`
          .replace(/^/gm, '  ')
          .replace('    ', '\n    '),
      ),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: env }\ndata: { A: "1" }',
      'apiVersion: v1\nkind: Secret\nmetadata: { name: known }\ndata: { token: aGVsbG8= }',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: files }\ndata:\n  app.yaml: |\n    cache: { host: cache.svc, port: 6380 }\n  db.ini: |\n    [mysqld]\n    max_connections = 20',
    ),
  );
  const container = only(only(model.workloads).containers);
  const { settings } = container;

  test('environment, from values, ConfigMaps and Secrets', () => {
    expect(settings.get('P_A')).toMatchObject({ value: '1', object: { name: 'env' }, path: 'data.A' });
    expect(settings.get('PASSWORD')).toMatchObject({ value: undefined, isSecret: true });
    expect(settings.get('ENCODED')).toMatchObject({ value: 'hello', isSecret: true, path: 'data.token' });
    expect(settings.value('URL')).toBe('postgres://u:$(PASSWORD)@db:5433/x');
    expect(settings.unread).toEqual(['Secret/absent']);
  });

  test('arguments, in scripts too', () => {
    expect(settings.value('--port')).toBe('80');
    expect(settings.value('--model')).toBe('a b');
    expect(settings.value('MODE')).toBe('fast');
    expect(settings.value('-v')).toBe('true');
    expect(settings.value('--url')).toBe('http://db:8000');
    expect(settings.get('max_connections')).toMatchObject({
      value: '50',
      path: 'spec.template.spec.containers[0].args[2]',
    });
  });

  test('configuration files', () => {
    expect(settings.get('cache.port')).toMatchObject({
      value: '6380',
      file: '/etc/app/app.yaml',
      path: 'data["app.yaml"]',
    });
    expect(settings.value('mysqld.max_connections')).toBe('20');
  });

  test('hosts and ports that it connects to, not those it is reached at', () => {
    expect(container.targets.map(({ host, port, isInCluster }) => [host, port, isInCluster])).toEqual([
      ['db', 6543, true],
      ['db', 5433, true],
      ['cache.example.com', 6379, false],
      ['db', 8000, true],
      ['cache.svc', 6380, true],
    ]);
  });

  test('the image in its parts', () => {
    expect(container.image).toMatchObject({
      registry: 'ghcr.io',
      repository: 'acme/app',
      tag: '1',
      digest: 'sha256:abc',
    });
  });
});
