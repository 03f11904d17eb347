import { planOf } from '../../../constructs/plan';
import { verdictOf } from '../../../constructs/plan/connections';
import fc from '../../support/fuzz';
import { objectsOf } from '../../support/objects';

const client = (env: Record<string, string>, replicas = 3) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'memos' },
  spec: {
    replicas,
    template: {
      metadata: { labels: { app: 'memos' } },
      spec: {
        containers: [
          {
            name: 'memos',
            image: 'neosmemo/memos:0.25.0',
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
          },
        ],
      },
    },
  },
});
const server = (name: string, image: string, port: number, args: string[] = []) => [
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName: name,
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, image, args }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port }] },
  },
];
const planned = (objects: readonly object[], facts = {}) =>
  planOf(objectsOf(objects.map((one) => JSON.stringify(one)).join('\n---\n')), { facts }).connections;

const MEMOS = {
  MEMOS_DSN: 'postgres://memos@db:5432/memos',
  MEMOS_REDIS_URL: 'redis://redis:6379',
};

test("seed 001's start: 20 connections to the database and 10 to Redis for each pod", () => {
  const found = planned([
    client(MEMOS),
    ...server('db', 'postgres:17', 5432),
    ...server('redis', 'redis:7', 6379, ['--maxclients', '25']),
  ]);
  expect(found).toEqual([
    expect.objectContaining({ product: 'PostgreSQL', needed: 60, granted: 100, verdict: 'fits' }),
    expect.objectContaining({ product: 'Redis', needed: 30, granted: 25, verdict: 'exceeds' }),
  ]);
});

test("the seed's own MEMOS_REDIS_POOL_SIZE of 20 counts instead", () => {
  const [, redis] = planned([
    client({ ...MEMOS, MEMOS_REDIS_POOL_SIZE: '20' }),
    ...server('db', 'postgres:17', 5432),
    ...server('redis', 'redis:7', 6379),
  ]);
  expect(redis).toMatchObject({ needed: 60, clients: [{ workload: 'Deployment/memos', pods: 3, pool: 20 }] });
});

test('a managed server is outside the input: its pool is found by name, its limit from what is known', () => {
  const env = { PGHOST: 'db.example.rds.amazonaws.com', PGPORT: '5432', PG_POOL_SIZE: '15' };
  expect(planned([client(env, 4)], { database: { granted: 64 } })).toEqual([
    {
      product: 'PostgreSQL',
      kind: 'database',
      host: 'db.example.rds.amazonaws.com',
      clients: [{ workload: 'Deployment/memos', pods: 4, pool: 15 }],
      needed: 60,
      granted: 64,
      verdict: 'tight',
    },
  ]);
  expect(planned([client(env, 4)])).toMatchObject([{ granted: null, verdict: 'unknown' }]);
});

test('an HTTP API is no database, whatever its setting is called', () => {
  expect(planned([client({ REDIS_COMMANDER_URL: 'https://redis-ui.example.com' })])).toEqual([]);
});

test('more pods never need fewer connections, and more that is granted never makes it worse', () => {
  const count = fc.integer({ min: 1, max: 60 });
  const order = ['exceeds', 'tight', 'fits'];
  fc.assert(
    fc.property(count, count, fc.integer({ min: 1, max: 3000 }), (pods, more, granted) => {
      const env = { DATABASE_URL: 'postgresql://u@db.example.com/x?pool_size=7' };
      const [few] = planned([client(env, pods)]);
      const [many] = planned([client(env, pods + more)]);
      expect(many?.needed).toBe((few?.needed ?? 0) + 7 * more);
      const needed = few?.needed ?? 0;
      expect(order.indexOf(verdictOf(needed, granted + more))).toBeGreaterThanOrEqual(
        order.indexOf(verdictOf(needed, granted)),
      );
    }),
    { numRuns: 30 },
  );
});
