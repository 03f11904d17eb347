import assert from 'node:assert/strict';
import { it } from 'node:test';
import { quantile } from '../../bench/report.js';
import { clusterChaos } from './cluster-chaos.js';

// The long one is `npm run test:chaos`.
it('loses and repeats no token while nodes die, servers restart and one is cut off', {
  timeout: 600_000,
}, async (test) => {
  const { streams, damaged, encounters, faults, contested, epochs, sessionsLost } = await clusterChaos({
    streams: 60,
    concurrency: 12,
    tokens: 200,
    faults: ['kill', 'restartRedis', 'partition', 'restartPostgres'],
    peace: 1,
  });
  test.diagnostic(`${JSON.stringify(faults)}, gap p50 ${quantile(encounters.pauses, 0.5).toFixed(0)} ms`);
  assert.ok(streams >= 60, `${streams} streams`);
  assert.ok((faults.kill ?? 0) > 0 && (faults.restartRedis ?? 0) > 0 && (faults.restartPostgres ?? 0) > 0);
  assert.deepEqual(damaged, []);
  assert.deepEqual(encounters.wrong, []);
  assert.deepEqual(contested, []);
  assert.ok(epochs > 0, 'somebody led');
  assert.equal(sessionsLost, 0);
});
