import { isDeepStrictEqual } from 'node:util';

type SchemaObject = Readonly<Record<string, unknown>>;

const LARGER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems']);
const SMALLER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems']);

/** One schema that holds where both hold. Keywords that can't be merged are added to `conflicts`. */
export function mergeSchemas(one: SchemaObject, other: SchemaObject, conflicts: string[]): SchemaObject {
  const merged: Record<string, unknown> = { ...one };
  for (const [keyword, value] of Object.entries(other)) {
    const before = merged[keyword];
    if (before === undefined || isDeepStrictEqual(before, value)) merged[keyword] = value;
    else if (keyword === 'properties') merged[keyword] = mergeProperties(before, value);
    else if (keyword === 'required') merged[keyword] = [...new Set([...listOf(before), ...listOf(value)])];
    else if (keyword === 'enum' || keyword === 'type')
      merged[keyword] = shared(listOf(before), listOf(value));
    else if (LARGER.has(keyword)) merged[keyword] = Math.max(Number(before), Number(value));
    else if (SMALLER.has(keyword)) merged[keyword] = Math.min(Number(before), Number(value));
    else if (!['title', 'description', 'default', 'examples', '$comment'].includes(keyword))
      conflicts.push(keyword);
  }
  const closed = [one, other].filter(({ additionalProperties }) => (additionalProperties ?? true) !== true);
  const names = Object.keys(Object(merged.properties));
  // It would bear on what only the other one names.
  if (closed.some(({ properties }) => Object.keys(Object(properties)).length < names.length))
    conflicts.push('additionalProperties');
  // The one's items would become those after the other's.
  if (('items' in one && 'prefixItems' in other) || ('prefixItems' in one && 'items' in other))
    conflicts.push('items');
  return merged;
}

function mergeProperties(one: unknown, other: unknown): SchemaObject {
  // No object while it grows: a property may have any name, `__proto__` too.
  const merged = new Map<string, unknown>(Object.entries(Object(one)));
  for (const [name, schema] of Object.entries(Object(other))) {
    merged.set(name, merged.has(name) ? { allOf: [merged.get(name), schema] } : schema);
  }
  return Object.fromEntries(merged);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function shared(one: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  return one.filter((value) => other.some((each) => isDeepStrictEqual(each, value)));
}
