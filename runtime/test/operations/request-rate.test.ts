import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestRate } from '../../src/operations/request-rate.js';

describe('the rate of requests', () => {
  it("lets a minute's worth through at once, then as they come back, evenly", () => {
    const rate = new RequestRate();
    const at = (seconds: number) => rate.take('a', 6, seconds * 1000);
    for (let left = 5; left >= 0; left--) assert.equal(at(0).remaining, left);
    assert.deepEqual(at(0), { isAllowed: false, remaining: 0, retrySeconds: 10, resetSeconds: 60 });
    assert.equal(at(7).retrySeconds, 3);
    assert.equal(at(10).isAllowed, true);
    assert.equal(at(10).isAllowed, false);
    assert.equal(rate.take('b', 6, 10_000).isAllowed, true);
  });

  it('never lets more through than the rate and one minute ahead', () => {
    const rate = new RequestRate();
    let allowed = 0;
    for (let tenth = 0; tenth < 3000; tenth++) if (rate.take('a', 60, tenth * 100).isAllowed) allowed++;
    assert.ok(allowed >= 358 && allowed <= 360, String(allowed));
  });

  it('is told right by those who wait as long as they are told', () => {
    for (const perMinute of [1, 7, 13, 1000]) {
      const rate = new RequestRate();
      let now = 0;
      for (let i = 0; i < perMinute; i++) assert.ok(rate.take('a', perMinute, now).isAllowed);
      for (let i = 0; i < 20; i++) {
        const { retrySeconds } = rate.take('a', perMinute, now);
        now += retrySeconds * 1000;
        assert.ok(rate.take('a', perMinute, now).isAllowed, `${perMinute} a minute, after ${now} ms`);
      }
    }
  });
});
