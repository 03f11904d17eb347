import { decimalRange, type Limit, MOST_DECIMALS } from './decimal-range.js';
import { integerRange } from './integer-range.js';
import type { JsonRules } from './json-grammar.js';
import { UnsupportedSchema } from './unsupported-schema.js';

type SchemaObject = Readonly<Record<string, unknown>>;

/** More multiples than these are not counted up. */
const MOST_MULTIPLES = 1000;

export function integerGrammar(json: JsonRules, schema: SchemaObject, path: string): string {
  const { low, high } = limits(schema, path);
  const minimum = low && (low.exclusive ? Math.floor(low.value) + 1 : Math.ceil(low.value));
  const maximum = high && (high.exclusive ? Math.ceil(high.value) - 1 : Math.floor(high.value));
  const step = numberOf(schema, 'multipleOf', path) ?? 1;
  if (step !== 1) return multiples(step, minimum, maximum, path);
  if (minimum === undefined && maximum === undefined) return json.integer;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) throw nothingBetween(path);
  return `(${integerRange(minimum, maximum)})`;
}

export function numberGrammar(json: JsonRules, schema: SchemaObject, path: string): string {
  const step = numberOf(schema, 'multipleOf', path);
  if (step !== undefined && Number.isInteger(step)) return integerGrammar(json, schema, path);
  const { low, high } = limits(schema, path);
  if (step === undefined && low === undefined && high === undefined) return json.number;
  if (low && high && low.value > high.value) throw nothingBetween(path);
  const body = decimalRange(low, high, step === undefined ? MOST_DECIMALS : decimalsOf(step, path));
  if (body === '') throw nothingBetween(path);
  return `(${body})`;
}

/** The narrower of the bounds that a schema has below and above. */
function limits(schema: SchemaObject, path: string): { low: Limit | undefined; high: Limit | undefined } {
  const limit = (keyword: string, exclusive: boolean, sign: number): Limit | undefined => {
    const value = numberOf(schema, keyword, path);
    if (value === undefined) return undefined;
    if (value * sign > Number.MAX_SAFE_INTEGER)
      throw new UnsupportedSchema(`${path}/${keyword}`, 'is past the integers that are exact');
    // No number past those that are exact is ever written: to keep within these is to keep within the bound.
    if (value * sign < -Number.MAX_SAFE_INTEGER)
      return { value: -sign * Number.MAX_SAFE_INTEGER, exclusive: false };
    return { value: value + 0, exclusive };
  };
  const narrower = (one: Limit | undefined, other: Limit | undefined, sign: number) => {
    if (one === undefined || other === undefined) return one ?? other;
    if (one.value === other.value) return one.exclusive ? one : other;
    return (one.value - other.value) * sign > 0 ? one : other;
  };
  return {
    low: narrower(limit('minimum', false, 1), limit('exclusiveMinimum', true, 1), 1),
    high: narrower(limit('maximum', false, -1), limit('exclusiveMaximum', true, -1), -1),
  };
}

/** All multiples between two bounds, or those of a power of ten. */
function multiples(
  step: number,
  minimum: number | undefined,
  maximum: number | undefined,
  path: string,
): string {
  const keyword = `${path}/multipleOf`;
  if (minimum !== undefined && maximum !== undefined && Number.isInteger(step) && step > 0) {
    const first = Math.ceil(minimum / step);
    const count = Math.floor(maximum / step) - first + 1;
    if (count < 1) throw new UnsupportedSchema(keyword, 'has no multiple between the bounds');
    if (count <= MOST_MULTIPLES) {
      const all = Array.from({ length: count }, (_, index) => `"${(first + index) * step + 0}"`);
      return `(${all.join(' | ')})`;
    }
  }
  const zeros = Math.log10(step);
  if (minimum !== undefined || maximum !== undefined || !Number.isInteger(zeros) || zeros < 0 || zeros > 15) {
    const reason = `needs bounds with at most ${MOST_MULTIPLES} multiples, or a power of ten and no bounds`;
    throw new UnsupportedSchema(keyword, reason);
  }
  return `("0" | "-"? [1-9] [0-9]{0,${15 - zeros}} "${'0'.repeat(zeros)}")`;
}

function decimalsOf(step: number, path: string): number {
  const decimals = -Math.round(Math.log10(step));
  if (decimals >= 1 && decimals <= 15 && Number(`1e-${decimals}`) === step) return decimals;
  throw new UnsupportedSchema(
    `${path}/multipleOf`,
    'only whole numbers and 0.1, 0.01 and so on can be enforced',
  );
}

function numberOf(schema: SchemaObject, keyword: string, path: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw new UnsupportedSchema(`${path}/${keyword}`, 'must be a number');
}

function nothingBetween(path: string): UnsupportedSchema {
  return new UnsupportedSchema(path, 'has no number between its bounds');
}
