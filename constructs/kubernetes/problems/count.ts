import { isPlaceholder, type Problem } from '../../contracts';

/** What is wrong with a count, if anything: it must be whole and within the bounds. */
export function countProblems(
  path: string,
  value: number | undefined,
  least = 0,
  most = Infinity,
): Problem[] {
  if (value === undefined || isPlaceholder(value)) return [];
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  const bounds = most === Infinity ? `${least} or more` : `from ${least} to ${most}`;
  return [{ path, value, reason: 'is no count that can work here', mend: `write a whole number, ${bounds}` }];
}
