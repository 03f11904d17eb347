import { isPlaceholder, type Problem } from '../../contracts';

/** Like {@link countProblems}, of a count from which others are reckoned: it must be known now. */
export function knownCountProblems(path: string, value: number, least = 0): Problem[] {
  if (!isPlaceholder(value)) return countProblems(path, value, least);
  const reason = 'is known only when a cloud has answered, and probes and limits are reckoned from it';
  return [{ path, value: undefined, reason, mend: 'write the number itself' }];
}

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
