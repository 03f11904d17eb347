/** One figure of a benchmark; with a goal, whether it holds. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
  readonly holds: boolean;
}

export function atLeast(name: string, value: number, unit: string, goal: number): Figure {
  return { name, value: rounded(value), unit, goal, holds: value >= goal };
}

export function atMost(name: string, value: number, unit: string, goal: number): Figure {
  return { name, value: rounded(value), unit, goal, holds: value <= goal };
}

export function told(name: string, value: number, unit: string): Figure {
  return { name, value: rounded(value), unit, holds: true };
}

/** Prints all figures as one line of JSON. Exit status 1 where a goal is missed. */
export function report(bench: string, figures: readonly Figure[]): void {
  process.stdout.write(`${JSON.stringify({ bench, figures })}\n`);
  if (figures.some(({ holds }) => !holds)) process.exitCode = 1;
}

/** The value below which this share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
