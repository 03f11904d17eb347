import { type Registered, UNKNOWN } from './pulumi-mocks';

/** A resource's inputs, under Pulumi's names of fields. */
export type Inputs = Readonly<Record<string, unknown>>;
/** What is wrong with inputs by one rule. */
export type Rule = (inputs: Inputs) => string[];

/** All values at a path, through lists. */
export function at(inputs: unknown, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (values, key) =>
      values.flatMap((value) => {
        const next = (value as Inputs | null | undefined)?.[key];
        return next === undefined ? [] : Array.isArray(next) ? next : [next];
      }),
    [inputs],
  );
}

export const each =
  (path: string, holds: (value: never) => boolean, wanted: string): Rule =>
  (inputs) =>
    at(inputs, path)
      .filter((value) => value !== UNKNOWN && !holds(value as never))
      .map((value) => `${path} is ${JSON.stringify(value)}, not ${wanted}`);

export const form = (path: string, pattern: RegExp) =>
  each(path, (text: string) => pattern.test(text), String(pattern));
export const word = (path: string, ...words: unknown[]) =>
  each(path, (value) => words.includes(value), words.join(' or '));
export const range = (path: string, least: number, most: number) =>
  each(
    path,
    (value: number) => Number.isInteger(value) && value >= least && value <= most,
    `${least}–${most}`,
  );
export const needs =
  (...paths: string[]): Rule =>
  (inputs) =>
    paths.filter((path) => at(inputs, path).length === 0).map((path) => `${path} is missing`);
export const notBoth =
  (one: string, ...others: string[]): Rule =>
  (inputs) =>
    at(inputs, one).length === 0
      ? []
      : others.filter((other) => at(inputs, other).length > 0).map((other) => `${one} excludes ${other}`);
export const when =
  (holds: (inputs: Inputs) => boolean, ...rules: Rule[]): Rule =>
  (inputs) =>
    holds(inputs) ? rules.flatMap((rule) => rule(inputs)) : [];

export const CIDR = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;

/** Rules by resource type. */
export type Rules = Readonly<Record<string, readonly Rule[]>>;

/** Gives every way in which a provider's resources break its rules, and every type that has none. */
export function faultsBy(
  prefix: string,
  rules: Rules,
  common: Rule,
): (all: readonly Registered[]) => string[] {
  return (all) =>
    all
      .filter(({ type }) => type.startsWith(prefix))
      .flatMap(({ type, name, inputs }) => {
        const own = rules[type];
        if (own === undefined) return [`${type} has no rules`];
        return [...own, common].flatMap((rule) => rule(inputs)).map((fault) => `${type} ${name}: ${fault}`);
      });
}
