/** How long it takes to say who answers, and how many keys move when a node leaves. */
import { affinityKey } from '../../src/cluster/routing/affinity.js';
import { Router } from '../../src/cluster/routing/router.js';
import type { Target } from '../../src/cluster/routing/target.js';
import { atMost, type Figure, quantile } from '../report.js';

const NODES = 100;
const DECISIONS = 20_000;
const KEYS = 10_000;
const GOALS = { microseconds: 20, moved: 0.05 };

export function decisions(): Figure[] {
  return [
    atMost(`decision at ${NODES} nodes, key included, p50`, decisionMicroseconds(), 'µs', GOALS.microseconds),
    atMost('keys that move beyond the share of one node of 20', movedShare(), 'share', GOALS.moved),
  ];
}

function decisionMicroseconds(): number {
  const router = routerOf(NODES);
  const times: number[] = [];
  for (let index = 0; index < DECISIONS; index++) {
    const body = {
      messages: [{ role: 'user', content: `Question ${index}. ${'It is a long one. '.repeat(50)}` }],
    };
    const start = performance.now();
    const choice = router.choose('bench', affinityKey({}, body));
    times.push(1000 * (performance.now() - start));
    if (!choice) throw new Error('nobody was chosen');
    // So that loads differ, and bounds are felt.
    const leave = router.enter(choice.target);
    if (index % 4 > 0) leave();
  }
  return quantile(times.slice(DECISIONS / 2), 0.5);
}

/** Every key is under way at once: the bound is felt as much as it can be. */
function movedShare(): number {
  const [before, after] = [owners(routerOf(20)), owners(routerOf(20, 1))];
  const moved = before.filter((owner, index) => owner !== 'node-0' && owner !== after[index]);
  return moved.length / KEYS;
}

function owners(router: Router): string[] {
  return Array.from({ length: KEYS }, (_, index) => {
    const choice = router.choose('bench', affinityKey({ 'polypod-session': `session ${index}` }, {}));
    if (!choice) throw new Error('nobody was chosen');
    router.enter(choice.target);
    return choice.target.id;
  });
}

function routerOf(count: number, without = 0): Router {
  const targets = Array.from(
    { length: count },
    (_, index): Target => ({
      id: `node-${index}`,
      kind: 'peer',
      url: '',
      weight: 1,
      load: 0,
      sequences: 4,
    }),
  );
  return new Router({ targetsOf: () => targets.slice(without), zone: undefined });
}
