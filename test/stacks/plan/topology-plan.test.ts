import { InvalidInputError } from '../../../constructs/contracts';
import { inferenceTopology } from '../../../stacks/inference/inference-chart';
import { leftOut } from '../../../stacks/plan/topology-objects';
import { planTopology } from '../../../stacks/plan/topology-plan';

const model = { name: 'chat', source: 'hf:acme/chat/chat.gguf', size: '4G', contextLength: 4096 };
const NAMED = {
  image: 'ghcr.io/acme/runtime:1.0.0',
  storage: { kind: 'nfs', server: 'nfs.acme.dev', path: '/models' },
  cache: 'local',
  database: 'local',
} as const;
type Input = Parameters<typeof inferenceTopology>[0];
const topology = (more: Partial<Input> = {}) =>
  inferenceTopology({ name: 'chat', models: [model], backing: NAMED, ...more });
/** Everything is left to a foundation. */
const bare = (more: Partial<Input> = {}) => {
  const { backing, ...rest } = topology(more);
  return {
    ...rest,
    backing: { ...backing, image: undefined, storage: undefined, cache: undefined, database: undefined },
  };
};

describe("seed 001's profiles, reckoned", () => {
  test.each([
    // profile, pods, database at 20 a pod, cache at 10 a pod, sessions that the cache holds at least
    ['small', 2, 3, 60, 30, 500_000],
    ['medium', 3, 8, 160, 80, 2_000_000],
    ['large', 8, 20, 400, 200, 4_000_000],
  ] as const)('%s: %d to %d pods, %d and %d connections', (profile, min, max, database, cache, sessions) => {
    const { totals, connections, cacheMemory } = planTopology(bare({ profile }), { cloud: 'aws' });
    expect(totals.min.pods).toBe(min);
    expect(totals.max?.pods).toBe(max);
    const needed = Object.fromEntries(connections.map((one) => [one.kind, one.needed]));
    expect(needed).toEqual({ database, cache });
    expect(cacheMemory?.holds).toBeGreaterThanOrEqual(sessions);
  });
});

describe("seed 002's cluster: 3 to 10 nodes of 4 CPU and 8 GB", () => {
  const plan = planTopology(
    topology({
      replicas: { min: 3, max: 10 },
      resources: { requests: { cpu: 4, memory: '8Gi' } },
    }),
  );

  test('asks for 12 CPU and 24 GiB at least, 40 and 80 at most, beside cache and database', () => {
    const chat = plan.workloads.find(({ name }) => name === 'chat');
    expect(chat).toMatchObject({ pods: { min: 3, max: 10 }, perPod: { cpu: 4, memory: 8 * 2 ** 30 } });
  });

  test('grows by two pods a minute after 300 s', () => {
    expect(plan.scaleOuts).toMatchObject([{ from: 3, to: 10, askedAfter: 15 + 300 + 180 }]);
  });
});

describe('what a topology knows beyond its manifests', () => {
  test('how fast its storage is, for all pods at once', () => {
    const [start] = planTopology(topology({ replicas: { min: 2, max: 4 } })).starts;
    const alone = 4e9 / (110 * 2 ** 20);
    expect(start?.storage).toMatchObject({ kind: 'nfs', source: 'a network of 1 Gbit/s' });
    expect(start?.starts.map(({ pods, readSeconds }) => [pods, Math.round(readSeconds)])).toEqual([
      [1, Math.round(alone)],
      [2, Math.round(2 * alone)],
      [4, Math.round(4 * alone)],
    ]);
    expect(start?.verdict).not.toBe('killed'); // the construct's startup probe waits long enough
  });

  test('how often Ollama reads a model, and how long vLLM warms up', () => {
    const seconds = (engine: Input['engine']) =>
      planTopology(topology({ engine, replicas: 2 })).starts[0]?.starts[0]?.seconds ?? 0;
    expect(seconds({ name: 'ollama' })).toBeGreaterThan(seconds({ name: 'llama.cpp' }) + 60);
  });

  test('what is noticed while cache and database are away', () => {
    const lost = Object.fromEntries(
      planTopology(topology()).losses.map(({ lost: what, text }) => [what, text]),
    );
    expect(lost.cache).toContain('One pod, StatefulSet/chat-cache');
    expect(lost.cache).toContain('running streams wait');
    expect(lost.database).toContain('streams go on');
  });
});

describe('on a cloud', () => {
  test.each([
    ['aws', 'efs', ['cluster', 'nodes', 'network', 'storage', 'cache', 'database', 'image']],
    ['gcp', 'filestore', ['cluster', 'nodes', 'network', 'storage', 'cache', 'database', 'image']],
    ['azure', 'azure-files', ['cluster', 'nodes', 'network', 'storage', 'cache', 'database', 'image']],
  ] as const)(
    '%s makes what is left out, each with what is billed and where its price stands',
    (cloud, kind, parts) => {
      const plan = planTopology(bare(), { cloud });
      expect(plan.created.map(({ part }) => part)).toEqual(parts);
      for (const { billedBy, page } of plan.created) {
        expect(billedBy).not.toBe('');
        expect(page).toMatch(/^https:\/\//);
      }
      expect(plan.starts[0]?.storage.kind).toBe(kind);
      expect(plan.connections.every(({ verdict }) => verdict === 'fits')).toBe(true);
    },
  );

  test('what the topology names is not made', () => {
    const plan = planTopology(topology(), { cloud: 'gcp' });
    expect(plan.created.map(({ part }) => part)).toEqual(['cluster', 'nodes', 'network']);
  });

  test('the machine and its connections are those that the foundation would take', () => {
    const { created, connections } = planTopology(bare({ profile: 'medium' }), { cloud: 'aws' });
    const text = created.map(({ what }) => what).join('\n');
    expect(text).toContain('db.m7g.xlarge');
    expect(connections.find(({ kind }) => kind === 'database')?.granted).toBe(1607); // docs/aws.md, "Sizes"
    // Of two shards, each holds half.
    expect(text).toContain('4 × cache.t4g.medium');
    expect(connections.find(({ kind }) => kind === 'cache')?.granted).toBe(20_000);
  });

  test("the stack's section changes what is made", () => {
    const section = {
      cluster: { existing: { clusterName: 'platform' } },
      storage: { throughput: { provisioned: 100 } },
      database: { multiAz: false },
    };
    const { created, starts, losses } = planTopology(bare(), { cloud: 'aws', section });
    expect(created.map(({ part }) => part)).toEqual(['storage', 'cache', 'database', 'image']);
    expect(created.find(({ part }) => part === 'database')?.billedBy).not.toContain('× 2');
    expect(starts[0]?.storage).toMatchObject({ perClient: 100 * 2 ** 20, aggregate: 100 * 2 ** 20 });
    expect(losses.find(({ lost }) => lost === 'database')?.text).toContain('away with its zone');
  });

  test('too many sessions for the cache are refused', () => {
    const { attention } = planTopology(bare(), { cloud: 'aws', sessions: 600_000 });
    expect(attention).toMatchObject([{ severity: 'refused' }]);
    expect(attention[0]?.text).toContain('the cache needs 1,250 MB for 600,000 sessions');
  });
});

test('what is left out, and no cloud makes, is refused', () => {
  expect(leftOut(bare())).toEqual(['image', 'storage', 'database']);
  expect(() => planTopology(bare())).toThrow(InvalidInputError);
});

test('more replicas never take less', () => {
  const plans = [2, 3, 5, 8].map((max) =>
    planTopology(topology({ replicas: { min: 2, max }, models: [{ ...model, size: '1G' }] })),
  );
  const figures = plans.map(({ totals, connections, starts }) => [
    totals.max?.cpu ?? 0,
    totals.max?.memory ?? 0,
    ...connections.map(({ needed }) => needed),
    starts[0]?.starts.at(-1)?.seconds ?? 0,
  ]);
  for (const [index, later] of figures.slice(1).entries())
    later.forEach((figure, place) => {
      expect(figure).toBeGreaterThanOrEqual(figures[index]?.[place] ?? 0);
    });
});
