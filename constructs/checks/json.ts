import { isPlaceholder } from '../contracts/placeholder';
import type { JsonObject, JsonValue } from './kubernetes-object';

/**
 * Reading manifests defensively: any field may be missing or of another type than it should be, and none of
 * these functions throws. A value of a wrong type reads as if it were missing.
 */

const NO_OBJECT: JsonObject = Object.freeze({});
const NO_ITEMS: readonly JsonValue[] = Object.freeze([]);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys and indexes. */
export function valueAt(value: JsonValue, ...path: readonly (string | number)[]): JsonValue {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as JsonObject)[step];
  }
  return current;
}

/** The map at a path, or an empty one. */
export function objectAt(value: JsonValue, ...path: readonly (string | number)[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : NO_OBJECT;
}

/** The list at a path, or an empty one. */
export function listAt(value: JsonValue, ...path: readonly (string | number)[]): readonly JsonValue[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : NO_ITEMS;
}

/** The maps of the list at a path, each with its index in the list. */
export function objectsAt(
  value: JsonValue,
  ...path: readonly (string | number)[]
): { readonly item: JsonObject; readonly index: number }[] {
  const found: { item: JsonObject; index: number }[] = [];
  listAt(value, ...path).forEach((item, index) => {
    if (isObject(item)) found.push({ item, index });
  });
  return found;
}

/** The text at a path; empty text reads as missing, as Kubernetes does. A placeholder stays as it is. */
export function textAt(value: JsonValue, ...path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The number at a path; a placeholder reads as missing, since it is not known. */
export function numberAt(value: JsonValue, ...path: readonly (string | number)[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) && !isPlaceholder(found) ? found : undefined;
}

/** A map whose values are texts (labels, annotations); other values are left out. Has no prototype. */
export function textsAt(value: JsonValue, ...path: readonly (string | number)[]): Record<string, string> {
  const texts: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(objectAt(value, ...path))) {
    if (typeof text === 'string') texts[key] = text;
  }
  return texts;
}

/** A scalar as Kubernetes or a program would see it as text: `80`, `true`. */
export function scalarText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A field path and one more step: `spec` + `ports` + 0 → `spec.ports[0]`; odd keys are quoted. */
export function pathTo(base: string, ...steps: readonly (string | number)[]): string {
  let path = base;
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) path += `[${JSON.stringify(step)}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path;
}

/** The steps of a field path that {@link pathTo} wrote. */
export function pathSteps(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const [, key, index, quoted] of path.matchAll(/([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    if (key !== undefined) steps.push(key);
    else if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(String(JSON.parse(quoted)));
  }
  return steps;
}

/** What a table has under a key that others chose; never what every object has, such as `toString`. */
export function entryOf<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
