import { Output } from '@pulumi/pulumi';
import { asString } from '../bridge/outputs';

/**
 * A contract of which any free text may still be an Output. Numbers, booleans and fixed words are plain, because
 * plans and checks are made from them before anything is created.
 */
export type Unresolved<T> = T extends string
  ? string extends T
    ? T | Output<T>
    : T
  : T extends object
    ? { readonly [Key in keyof T]: Unresolved<T[Key]> }
    : T;

/**
 * The contract itself, each Output replaced by a placeholder. Done once, where a foundation meets the stack; the
 * bridge puts the Outputs back.
 */
export function withPlaceholders<T>(contract: Unresolved<T>): T {
  return replaced(contract) as T;
}

function replaced(value: unknown): unknown {
  if (Output.isInstance<string>(value)) return asString(value);
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item)]));
}
