import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchPlanner } from '../../src/engine/llama/child/batch-planner.js';

/** "x" is active, "." idle; the plan names its segments as "from-to". */
function plan(costs: number[], active: string, padding = true): string {
  const planner = new BatchPlanner(costs, padding);
  return planner
    .plan([...active].map((each) => each === 'x'))
    .map(({ from, to }) => `${from}-${to}`)
    .join(' ');
}

describe('the plan of a step', () => {
  it('is one batch where that is cheapest', () => {
    assert.equal(plan([10, 11, 12, 13], 'xxxx'), '0-4');
    assert.equal(plan([10, 11, 12, 13], '....'), '');
  });

  it('is one batch a sequence where batches cost more than their parts', () => {
    assert.equal(plan([2, 8, 9, 11], 'xxxx'), '0-1 1-2 2-3 3-4');
  });

  it('fills gaps, and grows to a size that is cheaper, with idle sequences', () => {
    assert.equal(plan([10, 11, 12, 13], 'x.x.'), '0-3');
    assert.equal(plan([10, 20, 30, 13], 'xx..'), '0-4');
    assert.equal(plan([2, 8, 9, 11], 'x.x.'), '0-1 2-3');
  });

  it('leaves idle sequences alone where they could not be cleaned', () => {
    assert.equal(plan([10, 11, 12, 13], 'x.xx', false), '0-1 2-4');
  });

  it('is one batch a sequence where answers have to be reproducible', () => {
    assert.deepEqual(BatchPlanner.apart(4).plan([true, false, true, true]), [
      { from: 0, to: 1 },
      { from: 2, to: 3 },
      { from: 3, to: 4 },
    ]);
  });

  it('covers every active sequence exactly once, whatever the costs', () => {
    for (let bits = 0; bits < 256; bits++) {
      const active = bits.toString(2).padStart(8, '0').replaceAll('1', 'x').replaceAll('0', '.');
      const covered = Array.from({ length: 8 }, () => 0);
      for (const segment of plan([3, 8, 9, 10, 17, 20, 18, 12], active).split(' ').filter(Boolean)) {
        const [from = 0, to = 0] = segment.split('-').map(Number);
        for (let at = from; at < to; at++) covered[at] = (covered[at] ?? 0) + 1;
      }
      for (const [at, each] of [...active].entries())
        assert.ok(each === 'x' ? covered[at] === 1 : (covered[at] ?? 0) <= 1);
    }
  });
});
