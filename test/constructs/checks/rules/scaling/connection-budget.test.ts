import { connectionBudget } from '../../../../../constructs/checks/rules/scaling/connection-budget';
import { findingsOf } from '../../../../support/check-rule';

const all = (...parts: string[]) => parts.join('\n---\n');
const service = (name: string, port: number, annotations = '') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, annotations: { ${annotations} } }
spec: { selector: { app: ${name} }, ports: [{ port: ${port} }] }
`;
const server = (name: string, image: string, args = '', port = 5432, extra = '') =>
  all(
    service(name, port),
    `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ${name} }
spec:
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: server, image: '${image}', args: [${args}]${extra} }] }
`,
  );
const postgres = (args = "-c, 'max_connections=100'") => server('db', 'postgres:17', args);
const redis = (args: string) => server('cache', 'redis:7', args, 6379);
const client = (env: Record<string, string>, replicas = 'replicas: 6', name = 'api') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  ${replicas}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: api
          image: example/api:1
          env: ${JSON.stringify(Object.entries(env).map(([key, value]) => ({ name: key, value })))}
`;
const scaler = (maximum: string, kind = 'HorizontalPodAutoscaler') => `
apiVersion: x/v1
kind: ${kind}
metadata: { name: scale }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: api }, ${maximum} }
`;
const URL = 'postgres://u@db:5432/app';
const check = (...parts: string[]) => findingsOf(connectionBudget, all(...parts));

test('more replicas than the database has connections for', () => {
  const [finding, ...others] = check(postgres(), client({ DATABASE_URL: URL, DB_POOL_SIZE: '20' }));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: 'Deployment/api',
    path: 'spec.replicas',
    severity: 'error',
    message: expect.stringContaining('6 × 20 = 120 connections'),
  });
  expect(finding?.message).toContain('max_connections of StatefulSet/db allows 100');
});

test('an autoscaler that outgrows the database: its maximum is what must change', () => {
  const api = client({ DATABASE_URL: URL, DB_POOL_SIZE: '20' }, '');
  expect(check(postgres(), api, scaler('minReplicas: 2, maxReplicas: 6'))).toEqual([
    expect.objectContaining({ object: 'HorizontalPodAutoscaler/scale', path: 'spec.maxReplicas' }),
  ]);
  expect(check(postgres(), api, scaler('minReplicaCount: 1', 'ScaledObject'))).toEqual([
    expect.objectContaining({ object: 'ScaledObject/scale', path: 'spec.maxReplicaCount' }),
  ]);
  expect(check(postgres(), api, scaler('maxReplicas: 5'))).toEqual([]);
});

test('one pod with too large a pool: the pool is what must change', () => {
  expect(check(postgres(), client({ DATABASE_URL: URL, DB_POOL_SIZE: '101' }, ''))).toEqual([
    expect.objectContaining({ path: 'spec.template.spec.containers[0].env[1].value' }),
  ]);
});

test('several clients share one limit; the largest is named', () => {
  const env = { DATABASE_URL: URL, DB_POOL_SIZE: '10' };
  const [finding, ...others] = check(
    postgres(),
    client(env, 'replicas: 4', 'worker'),
    client(env, 'replicas: 7'),
  );
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: 'Deployment/api',
    message: expect.stringContaining('110 in all'),
  });
});

test.each<[string, Record<string, string>]>([
  ['a pool in the URL', { DATABASE_URL: `${URL}?connection_limit=20` }],
  ['pgx', { DATABASE_URL: `${URL}?sslmode=disable&pool_max_conns=20` }],
  ['SQLAlchemy with overflow', { DB_HOST: 'db', SQLALCHEMY_POOL_SIZE: '10', SQLALCHEMY_MAX_OVERFLOW: '10' }],
  [
    'HikariCP',
    {
      SPRING_DATASOURCE_URL: 'jdbc:postgresql://db:5432/a',
      SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: '20',
    },
  ],
  ['n8n', { DB_POSTGRESDB_HOST: 'db', DB_POSTGRESDB_POOL_SIZE: '20' }],
  ['Grafana', { GF_DATABASE_HOST: 'db:5432', GF_DATABASE_MAX_OPEN_CONN: '20' }],
  ["the runtime's own", { PGHOST: 'db', PG_POOL_SIZE: '20' }],
  ['a name of its own', { STORE_DSN: URL, STORE_MAX_CONNECTIONS: '20' }],
  ['no more than a pool', { DATABASE_URL: URL, APP_POOL_SIZE: '20' }],
])('pools as people set them: %s', (_case, env) => {
  expect(check(postgres(), client(env))).toHaveLength(1);
});

test.each([
  ['its default', postgres('')],
  ['an argument', postgres("'--max_connections=100'")],
  ['its short form', postgres("'-N', '100'")],
  [
    "Bitnami's variable",
    server(
      'db',
      'bitnami/postgresql:17',
      '',
      5432,
      ", env: [{ name: POSTGRESQL_MAX_CONNECTIONS, value: '100' }]",
    ),
  ],
  ['an annotation of a Service without pods', service('db', 5432, "polypod.dev/max-connections: '100'")],
])('limits: %s', (_case, database) => {
  expect(check(database, client({ DATABASE_URL: URL, DB_POOL_SIZE: '20' }))).toHaveLength(1);
  expect(check(database, client({ DATABASE_URL: URL, DB_POOL_SIZE: '16' }))).toEqual([]);
});

test('a cache has a budget, too', () => {
  const env = { REDIS_URL: 'redis://cache:6379/0', REDIS_MAX_CONNECTIONS: '20' };
  expect(check(redis("'--maxclients', '100'"), client(env))).toHaveLength(1);
  expect(check(redis(''), client(env))).toEqual([]);
});

test('a pool counts only where it leads', () => {
  const env = { DATABASE_URL: URL, REDIS_URL: 'redis://cache:6379' };
  const both = all(postgres(), redis("'--maxclients', '1000'"));
  expect(check(both, client({ ...env, REDIS_POOL_SIZE: '50', DB_POOL_SIZE: '5' }))).toEqual([]);
  expect(check(both, client({ ...env, REDIS_POOL_SIZE: '5', DB_POOL_SIZE: '50' }))).toHaveLength(1);
});

test.each<[string, string, string]>([
  ['exactly as many', postgres(), client({ DATABASE_URL: URL, DB_POOL_SIZE: '20' }, 'replicas: 5')],
  [
    'a pool of other things',
    postgres(),
    client({ DATABASE_URL: URL, THREAD_POOL_SIZE: '200', HTTP_MAX_CONNECTIONS: '900' }),
  ],
  ['the least size of a pool', postgres(), client({ DATABASE_URL: URL, DB_MIN_POOL_SIZE: '200' })],
  [
    'a limit that nobody can know',
    server('db', 'postgres:17', '', 5432, ', envFrom: [{ configMapRef: { name: x } }]'),
    client({ DATABASE_URL: URL, DB_POOL_SIZE: '20' }),
  ],
  [
    'a database outside the input',
    '',
    client({ DATABASE_URL: 'postgres://u@elsewhere.example:5432/a', DB_POOL_SIZE: '99' }),
  ],
  [
    'a pooler between',
    server('db', 'edoburu/pgbouncer:1.23', ''),
    client({ DATABASE_URL: URL, DB_POOL_SIZE: '99' }),
  ],
  ['no replicas', postgres(), client({ DATABASE_URL: URL, DB_POOL_SIZE: '500' }, 'replicas: 0')],
  ['a size that is no number', postgres(), client({ DATABASE_URL: URL, DB_POOL_SIZE: 'auto' })],
  [
    'the same object twice',
    postgres(),
    all(client({ DATABASE_URL: URL, DB_POOL_SIZE: '10' }), client({ DATABASE_URL: URL, DB_POOL_SIZE: '10' })),
  ],
])('says nothing of %s', (_case, database, api) => {
  expect(check(database, api)).toEqual([]);
});
