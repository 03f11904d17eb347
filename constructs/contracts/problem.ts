/**
 * One thing that is wrong with an input, said so that the reader can mend it. All problems of an input are
 * reported together.
 */
export interface Problem {
  /** Path of the field, as one would write it: `autoscaling.replicas.max`, `models[0].source`. */
  readonly path: string;
  /** The value found, or `undefined` where the field is missing. Never a secret. */
  readonly value: unknown;
  /** What is wrong with it. */
  readonly reason: string;
  /** What to write instead. */
  readonly mend: string;
  /** Line of the field in its file, from 1. @default the input has no lines */
  readonly line?: number;
  /** Column of the field in its line, from 1. */
  readonly column?: number;
}

/** An input that can't be used. Carries every problem; its message lists them, without a stack trace. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';

  constructor(
    /** What was read: a file name, or a construct's path. */
    readonly source: string,
    readonly problems: readonly Problem[],
  ) {
    super(
      `${source}: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${problems.map(problemText).join('\n')}`,
    );
  }
}

/** One problem as indented lines: place, path and value, reason, mend. */
export function problemText(problem: Problem): string {
  const value = problem.value === undefined ? '' : ` = ${shortValue(problem.value)}`;
  const place = problem.line === undefined ? '' : `${problem.line}:${problem.column ?? 1}  `;
  return `  ${place}${problem.path || '(the whole)'}${value}\n    ${problem.reason}\n    → ${problem.mend}`;
}

function shortValue(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
