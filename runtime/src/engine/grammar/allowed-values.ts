import { isDeepStrictEqual } from 'node:util';
import { UnsupportedSchema } from './unsupported-schema.js';

type SchemaObject = Readonly<Record<string, unknown>>;

/** Whether a value satisfies what a keyword says. */
type Test = (value: unknown, argument: unknown) => boolean;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const number =
  (holds: (value: number, bound: number) => boolean): Test =>
  (value, bound) =>
    typeof value !== 'number' || holds(value, Number(bound));
const length =
  (holds: (length: number, bound: number) => boolean): Test =>
  (value, bound) =>
    typeof value !== 'string' || holds([...value].length, Number(bound));

/** Keywords that can be held against a value; patterns can't, since one could take for ever. */
const TESTS: Readonly<Record<string, Test>> = {
  const: isDeepStrictEqual,
  enum: (value, values) => !Array.isArray(values) || values.some((each) => isDeepStrictEqual(each, value)),
  type: (value, types) =>
    [types].flat().some((type) => Object.hasOwn(TYPES, String(type)) && TYPES[String(type)]?.(value)),
  minimum: number((value, bound) => value >= bound),
  maximum: number((value, bound) => value <= bound),
  exclusiveMinimum: number((value, bound) => value > bound),
  exclusiveMaximum: number((value, bound) => value < bound),
  minLength: length((characters, bound) => characters >= bound),
  maxLength: length((characters, bound) => characters <= bound),
};

/** The values of `enum` or `const` that satisfy the keywords beside them. */
export function allowedValues(
  schema: SchemaObject,
  annotations: readonly string[],
  path: string,
): readonly unknown[] {
  const keyword = 'const' in schema ? 'const' : 'enum';
  const values = keyword === 'const' ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : [];
  const beside = Object.entries(schema).filter(([each]) => each !== keyword && !annotations.includes(each));
  const tests = beside.map(([each, argument]) => {
    const test = Object.hasOwn(TESTS, each) ? TESTS[each] : undefined;
    if (!test) throw new UnsupportedSchema(`${path}/${each}`, `can't be enforced beside ${keyword}`);
    return (value: unknown) => test(value, argument);
  });
  const allowed = values.filter((value) => tests.every((test) => test(value)));
  if (allowed.length === 0)
    throw new UnsupportedSchema(`${path}/${keyword}`, 'has no value that what is beside it allows');
  return allowed;
}
