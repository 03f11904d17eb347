import { bytesPerSecond, startupBudgetSeconds } from '../../../../constructs/kubernetes';

const throughput = { perClient: 500e6, aggregate: 2e9 };

test('few pods read as fast as one client can, many share what there is', () => {
  expect(bytesPerSecond({ throughput, pods: 1 })).toBe(500e6);
  expect(bytesPerSecond({ throughput, pods: 4 })).toBe(500e6);
  expect(bytesPerSecond({ throughput, pods: 10 })).toBe(200e6);
  expect(bytesPerSecond({ throughput: { perClient: 500e6 }, pods: 1000 })).toBe(500e6);
});

test('twice the time of reading, and the engine on top', () => {
  expect(startupBudgetSeconds({ modelBytes: 40e9, throughput, pods: 4, engineSeconds: 300 })).toBe(460);
  expect(startupBudgetSeconds({ modelBytes: 40e9, throughput, pods: 10, engineSeconds: 300 })).toBe(700);
});
