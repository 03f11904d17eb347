import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlaceableModel, type PlaceableNode, planPlacement } from '../../src/cluster/placement-plan.js';
import { ReplicaDemand } from '../../src/cluster/replica-demand.js';
import fc from '../support/fuzz.js';

const MODELS: PlaceableModel[] = Array.from({ length: 12 }, (_, index) => ({
  id: `model-${index}`,
  replicas: (index % 3) + 1,
}));
const nodes = (count: number): PlaceableNode[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `node-${index}`,
    offers: MODELS.map(({ id }) => id),
    unable: [],
  }));

describe('placement', () => {
  it('puts each model on as many nodes as it wants, and spreads them evenly', () => {
    const plan = planPlacement(MODELS, nodes(6), new Map());
    for (const { id, replicas } of MODELS) assert.equal(new Set(plan.get(id)).size, replicas);
    const counts = nodes(6).map(
      ({ id }) => [...plan.values()].filter((placed) => placed.includes(id)).length,
    );
    assert.deepEqual(counts, [4, 4, 4, 4, 4, 4]);
  });

  it('moves only what a node had that is gone, and nothing for one that comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 20 }), fc.nat(), (count, pick) => {
        const all = nodes(count);
        const before = planPlacement(MODELS, all, new Map());
        const lost = all[pick % count]?.id;
        const after = planPlacement(
          MODELS,
          all.filter(({ id }) => id !== lost),
          before,
        );
        for (const { id, replicas } of MODELS) {
          const stayed = (before.get(id) ?? []).filter((node) => node !== lost);
          assert.deepEqual(after.get(id)?.slice(0, stayed.length), stayed);
          assert.equal(after.get(id)?.length, replicas);
        }
        const grown = planPlacement(MODELS, nodes(count + 1), before);
        assert.deepEqual([...grown], [...before]);
      }),
    );
  });

  it('leaves out nodes that do not offer a model or have it quarantined, and makes do with too few', () => {
    const [one, two, three] = nodes(3);
    assert.ok(one && two && three);
    const plan = planPlacement(
      [{ id: 'model-0', replicas: 3 }],
      [one, { ...two, offers: [] }, { ...three, unable: ['model-0'] }],
      new Map([['model-0', ['node-2', 'node-0']]]),
    );
    assert.deepEqual(plan.get('model-0'), ['node-0']);
  });

  it('does not depend on the order in which nodes are known', () => {
    const forth = planPlacement(MODELS, nodes(9), new Map());
    const back = planPlacement(MODELS, nodes(9).reverse(), new Map());
    assert.deepEqual([...forth], [...back]);
  });
});

describe('the number of replicas', () => {
  const offer = { model: 'demo', replicas: 1, max: 3 };
  const member = (running: number, queued: number) => ({
    id: 'node-0',
    role: 'all' as const,
    peerUrl: undefined,
    version: '1',
    startedAt: new Date(0),
    weight: 1,
    status: 'healthy' as const,
    phi: 0,
    load: { running, queued, sequences: 4 },
    models: [
      {
        id: 'demo',
        state: 'ready' as const,
        enabled: true,
        weight: 1,
        load: { running, queued, sequences: 4 },
      },
    ],
  });

  it('grows while requests have waited for half a minute, up to the most, and shrinks after five idle minutes', () => {
    const demand = new ReplicaDemand();
    const at = (seconds: number, running: number, queued: number) =>
      demand.replicas(offer, [member(running, queued)], seconds * 1000);
    assert.equal(at(0, 4, 3), 1);
    assert.equal(at(29, 4, 3), 1);
    assert.equal(at(30, 4, 3), 2);
    assert.equal(at(60, 4, 3), 3);
    assert.equal(at(90, 4, 3), 3);
    assert.equal(at(100, 0, 0), 3);
    assert.equal(at(399, 0, 0), 3);
    assert.equal(at(400, 0, 0), 2);
    assert.equal(at(700, 0, 0), 1);
    assert.equal(at(1100, 0, 0), 1);
  });

  it('stays where a short burst has been served', () => {
    const demand = new ReplicaDemand();
    assert.equal(demand.replicas(offer, [member(4, 9)], 0), 1);
    assert.equal(demand.replicas(offer, [member(4, 0)], 20_000), 1);
    assert.equal(demand.replicas(offer, [member(4, 9)], 40_000), 1);
  });
});
