import { UnsupportedSchema } from './unsupported-schema.js';

/** Counts that would make the grammar huge are refused. */
const MOST_REPETITIONS = 1000;

/** A keyword that counts, such as `minItems`. */
export function countOf(
  schema: Readonly<Record<string, unknown>>,
  keyword: string,
  path: string,
): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_REPETITIONS)
    return value;
  throw new UnsupportedSchema(`${path}/${keyword}`, `must be a whole number from 0 to ${MOST_REPETITIONS}`);
}
