import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PhiAccrual } from '../../src/cluster/phi-accrual.js';
import { Suspicion, type Verdict } from '../../src/cluster/suspicion.js';
import fc from '../support/fuzz.js';

const OPTIONS = { heartbeatSeconds: 1, suspicion: 8, deadSeconds: 5, recoverySeconds: 3 };

/** Lets a simulated clock run, judging every `step` milliseconds, with signs of life as `beats` says. */
function simulate(
  suspicion: Suspicion,
  from: number,
  to: number,
  beats: (at: number) => boolean,
  step = 100,
): { at: number; verdict: Verdict }[] {
  const changes: { at: number; verdict: Verdict }[] = [];
  let last: Verdict | undefined;
  for (let at = from; at <= to; at += step) {
    if (beats(at)) suspicion.heard(at);
    const verdict = suspicion.judge(at);
    if (verdict !== last) changes.push({ at, verdict });
    last = verdict;
  }
  return changes;
}

const everySecond = (at: number) => at % 1000 === 0;
const silent = () => false;

describe('φ', () => {
  it('only grows while nothing comes, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 60_000 }),
        (intervals, silence) => {
          const detector = new PhiAccrual(1000, 0);
          let now = 0;
          for (const interval of intervals) {
            now += interval;
            detector.heard(now);
          }
          const [early, late] = [detector.phi(now + silence), detector.phi(now + silence + 100)];
          assert.ok(Number.isFinite(late) && early >= 0 && late >= early, `${early} ${late}`);
        },
      ),
    );
  });

  it('is as the normal distribution says: a chance of one half at the mean, of 1 in 44 two deviations later', () => {
    const detector = new PhiAccrual(1000, 0);
    assert.ok(Math.abs(detector.phi(1000) - Math.log10(2)) < 0.01);
    assert.ok(Math.abs(detector.phi(2000) - Math.log10(44)) < 0.05);
  });
});

describe('a node that falls silent', () => {
  it('is suspected after some three seconds, and dead five later', () => {
    const suspicion = new Suspicion(OPTIONS, 0);
    simulate(suspicion, 0, 60_000, everySecond);
    const changes = simulate(suspicion, 60_100, 80_000, silent);
    assert.deepEqual(
      changes.map(({ verdict }) => verdict),
      ['healthy', 'suspected', 'dead'],
    );
    const [, suspected, dead] = changes;
    assert.ok(suspected && suspected.at > 62_500 && suspected.at < 64_500, String(suspected?.at));
    assert.equal(dead?.at, suspected.at + 5000);
  });

  it('is suspected at once where its address refuses connections', () => {
    const suspicion = new Suspicion(OPTIONS, 0);
    suspicion.refused(200);
    assert.equal(suspicion.judge(200), 'suspected');
    assert.equal(suspicion.judge(5200), 'dead');
  });

  it('is suspected later where its heartbeats have long been irregular', () => {
    const regular = new Suspicion(OPTIONS, 0);
    const irregular = new Suspicion(OPTIONS, 0);
    for (let at = 1; at <= 60; at++) regular.heard(at * 1000);
    for (let at = 2; at <= 60; at += 2) irregular.heard(at * 1000 + (at % 4 === 0 ? 900 : 0));
    assert.ok(irregular.phi(64_500) < regular.phi(64_500));
  });

  it('is forgiven the time in which the observer was not there', () => {
    const suspicion = new Suspicion(OPTIONS, 0);
    simulate(suspicion, 0, 30_000, everySecond);
    suspicion.forgive(59_000, 90_000);
    assert.equal(suspicion.judge(90_000), 'healthy');
  });
});

describe('a node that comes back', () => {
  const backAfter = (silence: number, relapses: number): number => {
    const suspicion = new Suspicion(OPTIONS, 0);
    let now = 0;
    let seconds = 0;
    for (let relapse = 0; relapse < relapses; relapse++) {
      simulate(suspicion, now, now + 20_000, everySecond);
      simulate(suspicion, now + 20_100, now + 20_000 + silence, silent);
      const back = now + 21_000 + silence;
      const changes = simulate(suspicion, back, back + 120_000, everySecond);
      now = back + 121_000;
      seconds = ((changes.find(({ verdict }) => verdict === 'healthy')?.at ?? Number.NaN) - back) / 1000;
    }
    return seconds;
  };

  it('is believed after three seconds, the dead one too', () => {
    assert.equal(backAfter(5000, 1), 3);
    assert.equal(backAfter(30_000, 1), 3);
  });

  it('is believed twice as slowly after each relapse, up to a minute', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((relapses) => backAfter(5000, relapses)),
      [3, 6, 12, 24],
    );
  });

  it('does not flap while it stutters, however it does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 4000, max: 9000 }), { minLength: 5, maxLength: 30 }), (gaps) => {
        const suspicion = new Suspicion(OPTIONS, 0);
        simulate(suspicion, 0, 20_000, everySecond);
        const beats = new Set<number>();
        let at = 20_000;
        for (const gap of gaps) {
          at += Math.round(gap / 100) * 100;
          beats.add(at);
        }
        const changes = simulate(suspicion, 20_100, at, (now) => beats.has(now));
        const healthy = changes.filter(({ verdict }) => verdict === 'healthy').length;
        assert.ok(healthy <= 1, JSON.stringify(changes));
      }),
    );
  });
});
