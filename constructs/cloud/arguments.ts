import { type Input, Output } from '@pulumi/pulumi';
import { InvalidInputError, isPlaceholder, type Problem } from '../contracts';

/**
 * The value that an argument holds now, or `undefined` where only Pulumi will know it. What is not known is not
 * checked here: the cloud's API has the last word on it.
 */
export function known<T>(value: Input<T> | undefined): T | undefined {
  if (Output.isInstance(value) || value instanceof Promise || isPlaceholder(value)) return undefined;
  return value;
}

/** An argument that can't be done without. */
export function required(path: string, value: unknown, mend: string): Problem[] {
  const missing =
    value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length);
  return missing ? [{ path, value: undefined, reason: 'is missing', mend }] : [];
}

/** A text of a given form. */
export function matches(
  path: string,
  value: Input<string> | undefined,
  form: RegExp,
  wanted: { readonly reason: string; readonly mend: string },
): Problem[] {
  const text: unknown = known(value);
  if (text === undefined || (typeof text === 'string' && form.test(text))) return [];
  return [{ path, value: text, ...wanted }];
}

/** One of a few words. */
export function oneOf(
  path: string,
  value: Input<string | number> | undefined,
  allowed: readonly (string | number)[],
): Problem[] {
  const word = known(value);
  if (word === undefined || allowed.includes(word)) return [];
  return [{ path, value: word, reason: 'is not a value of this field', mend: `write ${listed(allowed)}` }];
}

/** A whole number in a range, both ends included. */
export function within(
  path: string,
  value: Input<number> | undefined,
  [minimum, maximum]: readonly [number, number],
  unit: string,
): Problem[] {
  const number: unknown = known(value);
  if (number === undefined) return [];
  if (typeof number === 'number' && Number.isInteger(number) && number >= minimum && number <= maximum)
    return [];
  const range = maximum === Number.POSITIVE_INFINITY ? `${minimum} or more` : `${minimum} to ${maximum}`;
  return [
    { path, value: number, reason: `is not a whole number of ${range} ${unit}`, mend: `write ${range}` },
  ];
}

/** The same problems, seen from the field that holds the arguments. */
export function inField(field: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: `${field}.${problem.path}` }));
}

/** Throws every problem together; call it before anything is registered. */
export function refuse(source: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidInputError(source, problems);
}

function listed(words: readonly (string | number)[]): string {
  const quoted = words.map((word) => JSON.stringify(word));
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
