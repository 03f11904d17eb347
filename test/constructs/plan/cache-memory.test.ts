import { cacheMemory, cacheMemoryPlan, sessionsIn } from '../../../constructs/plan/cache-memory';
import fc from '../../support/fuzz';

describe("seed 001's figures", () => {
  test.each([
    ['small: 1 GB handles about 500,000 sessions', 1e9, 500_000],
    ['medium: 2 GB handle about 1 million', 2e9, 1_000_000],
    ['medium: 4 GB handle about 2 million', 4e9, 2_000_000],
    ['large: 8 GB handle about 4 million', 8e9, 4_000_000],
  ])('%s', (_row, bytes, sessions) => {
    expect(sessionsIn(bytes, 0) / sessions).toBeGreaterThan(0.94);
    expect(sessionsIn(bytes, 0) / sessions).toBeLessThan(1.01);
  });

  test('50 MB, 2 KB a session, 1 KB a setting', () => {
    expect(cacheMemory(0, 0)).toBe(50e6);
    expect(cacheMemory(1000, 0)).toBe(52e6);
    expect(cacheMemory(1000, 500)).toBe(52.5e6);
  });
});

test('what is said to fit takes no more than there is, and one more would', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60_000_000, max: 64e9 }),
      fc.integer({ min: 0, max: 9000 }),
      (bytes, settings) => {
        const sessions = sessionsIn(bytes, settings);
        expect(cacheMemory(sessions, settings)).toBeLessThanOrEqual(bytes);
        expect(cacheMemory(sessions + 1, settings)).toBeGreaterThan(bytes);
      },
    ),
  );
});

test.each([
  ['fits', 2e9, 900_000, 'fits'],
  ['exceeds', 1e9, 900_000, 'exceeds'],
  ['is not known without a size', undefined, 900_000, 'unknown'],
  ['is not known without sessions', 1e9, undefined, 'unknown'],
])('%s', (_case, memory, sessions, verdict) => {
  expect(cacheMemoryPlan(memory, { sessions }).verdict).toBe(verdict);
});
