import { InvalidInputError, type Problem } from '../contracts';

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

/** Waits for all look-ups; whatever they and the arguments have wrong is thrown together. */
export async function allFit<T extends Record<string, unknown>>(
  source: string,
  problems: readonly Problem[],
  lookUps: { [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  const found: Problem[] = [...problems];
  const facts: Partial<T> = {};
  await Promise.all(
    Object.keys(lookUps).map(async (key: keyof T) => {
      try {
        facts[key] = await lookUps[key];
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        found.push(...error.problems);
      }
    }),
  );
  if (found.length > 0) throw new InvalidInputError(source, found);
  return facts as T;
}
