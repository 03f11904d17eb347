import { appendFileSync } from 'node:fs';
import { currentRun } from './run';

/** Figures that a test measured, for the one line at the end and for people. */
export function record(figures: Readonly<Record<string, number | string>>): void {
  appendFileSync(currentRun().figures, `${JSON.stringify(figures)}\n`);
}

/** The value that `share` of the values (0–1) do not exceed; 0 where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
