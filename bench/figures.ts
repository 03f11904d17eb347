/** One figure of a benchmark; with a goal, whether it holds. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The most that it may be. @default none: it is only told */
  readonly goal?: number;
  readonly holds: boolean;
}

/** A figure rounded to what can be trusted of it. */
export function figure(name: string, value: number, unit: string, goal?: number): Figure {
  return {
    name,
    value: Number(value.toPrecision(3)),
    unit,
    ...(goal !== undefined && { goal }),
    holds: goal === undefined || value <= goal,
  };
}

/** Prints a line for each figure and, last, all of them as one line of JSON. Exit status 1 where a goal is missed. */
export function report(bench: string, figures: readonly Figure[]): void {
  for (const { name, value, unit, goal } of figures) {
    process.stdout.write(
      `${name}: ${value} ${unit}${goal === undefined ? '' : ` (goal: at most ${goal})`}\n`,
    );
  }
  process.stdout.write(`${JSON.stringify({ bench, figures })}\n`);
  if (figures.some(({ holds }) => !holds)) process.exitCode = 1;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = low] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return (low + high) / 2;
}
