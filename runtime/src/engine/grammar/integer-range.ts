/** Digits that an integer without a bound may have. */
const MOST_DIGITS = 16;

/** GBNF for the integers from `minimum` to `maximum`, either of which may be missing. */
export function integerRange(minimum: number | undefined, maximum: number | undefined): string {
  const alternatives: string[] = [];
  if (minimum === undefined || minimum < 0) {
    const least = maximum === undefined || maximum >= 0 ? 1 : -maximum;
    alternatives.push(`"-" (${naturals(least, minimum === undefined ? undefined : -minimum)})`);
  }
  if (maximum === undefined || maximum >= 0) alternatives.push(naturals(Math.max(minimum ?? 0, 0), maximum));
  return alternatives.join(' | ');
}

/** Natural numbers, by their count of digits. */
function naturals(minimum: number, maximum: number | undefined): string {
  const low = String(minimum);
  const high = maximum === undefined ? undefined : String(maximum);
  const alternatives: string[] = [];
  const longest = high?.length ?? low.length;
  for (let digits = low.length; digits <= longest; digits++) {
    const from = digits === low.length ? low : `1${'0'.repeat(digits - 1)}`;
    const to = digits === high?.length ? high : '9'.repeat(digits);
    alternatives.push(between(from, to));
  }
  // llama.cpp never returns from a count that ends before it begins.
  if (high === undefined && low.length < MOST_DIGITS)
    alternatives.push(`[1-9] [0-9]{${low.length},${MOST_DIGITS - 1}}`);
  return alternatives.join(' | ');
}

/** Numbers of as many digits as `low` and `high` both have. */
function between(low: string, high: string): string {
  if (low === '') return '';
  if (/^0+$/.test(low) && /^9+$/.test(high)) return `[0-9]{${low.length}}`;
  const [first = '', last = ''] = [low[0], high[0]];
  const rest = { low: low.slice(1), high: high.slice(1) };
  if (first === last) return sequence(`"${first}"`, between(rest.low, rest.high));
  const zeros = '0'.repeat(rest.low.length);
  const nines = '9'.repeat(rest.low.length);
  const lowWhole = rest.low === zeros;
  const highWhole = rest.high === nines;
  const from = lowWhole ? Number(first) : Number(first) + 1;
  const to = highWhole ? Number(last) : Number(last) - 1;
  return [
    ...(lowWhole ? [] : [sequence(`"${first}"`, between(rest.low, nines))]),
    ...(from <= to ? [sequence(`[${from}-${to}]`, between(zeros, nines))] : []),
    ...(highWhole ? [] : [sequence(`"${last}"`, between(zeros, rest.high))]),
  ].join(' | ');
}

function sequence(first: string, rest: string): string {
  if (rest === '') return first;
  return rest.includes('|') ? `${first} (${rest})` : `${first} ${rest}`;
}
