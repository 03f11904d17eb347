import { InvalidInputError } from '../constructs/contracts/problem';

const UNUSABLE_INPUT = 2;

/** Runs a command; the problems of its input are printed, all together, and it ends with status 2. */
export function reportInputErrors(command: () => void): void {
  try {
    command();
  } catch (error) {
    process.stderr.write(
      `${inputErrors(error)
        .map(({ message }) => message)
        .join('\n\n')}\n`,
    );
    process.exitCode = UNUSABLE_INPUT;
  }
}

/** Each file may have problems of its own; anything else is a fault of ours, and passed on. */
function inputErrors(error: unknown): readonly Error[] {
  if (error instanceof InvalidInputError) return [error];
  if (error instanceof AggregateError) return error.errors.flatMap(inputErrors);
  throw error;
}
