import { appendFileSync } from 'node:fs';
import { currentRun } from './run';

/** Figures that a test measured, for the one line at the end and for people. */
export function record(figures: Readonly<Record<string, number | string>>): void {
  appendFileSync(currentRun().figures, `${JSON.stringify(figures)}\n`);
}
