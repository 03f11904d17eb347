import { InvalidInputError, type Problem } from '../contracts';
import { inField } from './arguments';

/**
 * Asks the cloud about an existing resource. An answer that can't be had is a problem of the argument that names
 * the resource, not a crash.
 */
export async function lookUp<T>(path: string, value: unknown, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [
      {
        path,
        value,
        reason: `can't be looked up: ${error instanceof Error ? error.message : String(error)}`,
        mend: 'check the name or id, the region or project, and the right to describe it',
      },
    ]);
  }
}

/** A look-up whose problems are seen from the field that holds its arguments. */
export async function lookUpField<T>(field: string, found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(field, inField(field, error.problems));
  }
}

/**
 * Waits for all look-ups (`undefined` where there is nothing to look up). Whatever they and the arguments have wrong
 * is thrown together.
 */
export async function allFit<LookUps extends Record<string, Promise<unknown> | undefined>>(
  source: string,
  problems: readonly Problem[],
  lookUps: LookUps,
): Promise<{ [Key in keyof LookUps]: Awaited<LookUps[Key]> }> {
  const found: Problem[] = [...problems];
  const facts: Partial<Record<keyof LookUps, unknown>> = {};
  await Promise.all(
    Object.keys(lookUps).map(async (key: keyof LookUps) => {
      try {
        facts[key] = await lookUps[key];
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        found.push(...error.problems);
      }
    }),
  );
  if (found.length > 0) throw new InvalidInputError(source, found);
  return facts as { [Key in keyof LookUps]: Awaited<LookUps[Key]> };
}
