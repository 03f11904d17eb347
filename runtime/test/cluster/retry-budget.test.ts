import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryBudget } from '../../src/cluster/forwarding/retry-budget.js';
import { UnderWay } from '../../src/cluster/forwarding/under-way.js';

describe('the budget of retries', () => {
  it('lets a few through when little happens, and a share of the requests when much does', () => {
    const budget = new RetryBudget({ share: 0.2, reserve: 3 });
    const taken = (attempts: number) => Array.from({ length: attempts }, () => budget.take()).filter(Boolean);
    assert.equal(taken(10).length, 3);
    let retries = 0;
    for (let request = 0; request < 1000; request++) {
      budget.request();
      if (budget.take()) retries++;
    }
    assert.ok(retries >= 199 && retries <= 200, `${retries}`);
  });

  it('saves up no more than its reserve', () => {
    const budget = new RetryBudget({ share: 0.2, reserve: 3 });
    for (let request = 0; request < 1000; request++) budget.request();
    assert.equal(Array.from({ length: 10 }, () => budget.take()).filter(Boolean).length, 3);
  });
});

describe('what is under way', () => {
  it('is there until it leaves, in places that are used again', () => {
    const underWay = new UnderWay<string>();
    const leaveOne = underWay.enter('one');
    const leaveTwo = underWay.enter('two');
    assert.deepEqual([...underWay], ['one', 'two']);
    leaveOne();
    assert.deepEqual([...underWay], ['two']);
    underWay.enter('three');
    assert.deepEqual([...underWay], ['three', 'two']);
    leaveTwo();
    assert.deepEqual([...underWay], ['three']);
  });
});
