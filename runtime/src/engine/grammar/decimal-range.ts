import { integerRange } from './integer-range.js';

/** Where numbers end, and whether they may reach it. */
export interface Limit {
  readonly value: number;
  readonly exclusive: boolean;
}

/** Digits after the point that a number may have. */
export const MOST_DECIMALS = 16;
/** Of so many digits no two numbers are the same double, so that one past a limit is past it for readers, too. */
const EXACT_DIGITS = 15;

/**
 * GBNF for the numbers without exponent between two safe limits, either of which may be missing, with at most
 * `decimals` digits after the point; empty if there is none.
 */
export function decimalRange(low: Limit | undefined, high: Limit | undefined, decimals: number): string {
  const alternatives: string[] = [];
  if (low === undefined || low.value < 0) {
    const negative = magnitudes(
      high === undefined || high.value > 0 ? undefined : { ...high, value: 0 - high.value },
      low && { ...low, value: -low.value },
      decimals,
    );
    if (negative !== '') alternatives.push(`"-" (${negative})`);
  }
  if (high === undefined || high.value >= 0) {
    const positive = magnitudes(low === undefined || low.value < 0 ? undefined : low, high, decimals);
    if (positive !== '') alternatives.push(positive);
  }
  return alternatives.join(' | ');
}

/** Numbers from 0 on, by what stands before the point: the limits' own, and all between. */
function magnitudes(minimum: Limit | undefined, maximum: Limit | undefined, decimals: number): string {
  const low = minimum && parts(minimum);
  const high = maximum && parts(maximum);
  if (low && high && low.whole === high.whole) {
    const within = fractions(low, high, decimals);
    return within === undefined ? '' : `"${low.whole}" ${within}`;
  }
  const alternatives: string[] = [];
  const [from, to] = [low ? low.whole + 1 : 0, high ? high.whole - 1 : undefined];
  const first = low && fractions(low, undefined, decimals);
  if (low && first !== undefined) alternatives.push(`"${low.whole}" ${first}`);
  if (to === undefined || from <= to)
    alternatives.push(`(${integerRange(from, to)}) ${anyFraction(decimals)}`);
  const last = high && (!low || low.whole < high.whole) ? fractions(undefined, high, decimals) : undefined;
  if (high && last !== undefined) alternatives.push(`"${high.whole}" ${last}`);
  return alternatives.join(' | ');
}

function anyFraction(decimals: number): string {
  return decimals === 0 ? '' : `("." [0-9]{1,${decimals}})?`;
}

interface Parts {
  readonly whole: number;
  /** Digits after the point, without zeros at the end. */
  readonly digits: string;
  readonly exclusive: boolean;
}

function parts({ value, exclusive }: Limit): Parts {
  // Only those below 0.000001 are written with an exponent.
  const [mantissa = '', exponent] = String(value).split('e-');
  const [whole = '0', digits = ''] = mantissa.split('.');
  if (exponent !== undefined) {
    return { whole: 0, digits: `${'0'.repeat(Number(exponent) - 1)}${whole}${digits}`, exclusive };
  }
  return { whole: Number(whole), digits, exclusive };
}

/** What may follow the whole part that the limits have; nothing if no fraction lies between them. */
function fractions(low: Parts | undefined, high: Parts | undefined, decimals: number): string | undefined {
  const { whole } = low ?? high ?? { whole: 0 };
  const room = Math.max(Math.min(decimals, EXACT_DIGITS - String(whole).length), 0);
  const [from, to] = [low ?? { digits: '', exclusive: false }, high];
  const digits = between(from.digits, from.exclusive, to?.digits, to?.exclusive ?? false, room);
  const withPoint = digits.filter((each) => each !== '');
  const bare = digits.length > withPoint.length;
  if (digits.length === 0) return undefined;
  if (withPoint.length === 0) return '""';
  return `("." (${withPoint.join(' | ')}))${bare ? '?' : ''}`;
}

/**
 * Sequences of at most `room` digits that are, as a fraction, from `low` to `high`, without `high` to the end. An empty
 * one says that the number may end here.
 */
function between(
  low: string,
  lowExclusive: boolean,
  high: string | undefined,
  highExclusive: boolean,
  room: number,
): string[] {
  // Whatever the limits' rest is, zeros alone are the least of all fractions.
  const zero = low === '' && !lowExclusive && !(high === '' && highExclusive);
  const ends = zero ? [''] : [];
  if (room === 0) return ends;
  if (low === '' && !lowExclusive && high === undefined) return ['', `[0-9]{1,${room}}`];
  if (high === '') return zero ? ['', `"0"{1,${room}}`] : [];
  const [first, last] = [Number(low[0] ?? 0), high === undefined ? 9 : Number(high[0])];
  const alternatives: string[] = [];
  const add = (digit: string, rest: string[]) => {
    const more = rest.filter((each) => each !== '');
    if (more.length > 0) {
      const optional = rest.length > more.length ? '?' : '';
      alternatives.push(`${digit} (${more.join(' | ')})${optional}`);
    } else if (rest.length > 0) alternatives.push(digit);
  };
  for (let digit = first; digit <= last; digit++) {
    const onLow = digit === first;
    const onHigh = high !== undefined && digit === last;
    add(
      `"${digit}"`,
      between(
        onLow ? low.slice(1) : '',
        onLow && lowExclusive,
        onHigh ? high.slice(1) : undefined,
        onHigh && highExclusive,
        room - 1,
      ),
    );
  }
  return [...ends, ...alternatives];
}
