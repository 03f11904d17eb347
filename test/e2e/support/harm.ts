import type { Clients, Load } from './clients';
import { record } from './figures';

/** Streams that last long enough to be disturbed. */
export const streams = (clients: Clients, { url }: { readonly url: string }, count = 20): Promise<Load> =>
  clients.load({ url, model: 'demo', mode: 'streams', clients: count, prompts: 6, maxTokens: 160 });

/** Ends the load, and holds against it what no fault may cause: an answer that failed, lost a word or had one twice. */
export function unharmed(load: Load) {
  const result = load.stop();
  const { failed, faults, lostOrRepeated, answered } = result;
  expect({ failed, faults, lostOrRepeated }).toEqual({ failed: 0, faults: [], lostOrRepeated: 0 });
  expect(answered).toBeGreaterThan(0);
  return result;
}

/** The value that `share` of the values (0–1) do not exceed, in seconds; 0 where there are none. */
export function quantileSeconds(milliseconds: readonly number[], share: number): number {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value / 10) / 100;
}

/** Records how long streams were silent, under names that begin with `name`. */
export function recordGaps(name: string, gaps: readonly number[]): void {
  record({
    [`${name}GapP50Seconds`]: quantileSeconds(gaps, 0.5),
    [`${name}GapP99Seconds`]: quantileSeconds(gaps, 0.99),
  });
}
