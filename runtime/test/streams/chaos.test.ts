import { it } from 'node:test';
import { chaos } from '../support/chaos.js';

it('survive 20 kills at random tokens: nothing lost, nothing twice, the same text', {
  timeout: 600_000,
}, async (test) => {
  const { gaps } = await chaos(20);
  test.diagnostic(`longest gap ${Math.max(...gaps).toFixed(0)} ms`);
});
