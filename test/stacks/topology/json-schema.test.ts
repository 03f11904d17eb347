import { readFileSync } from 'node:fs';
import { topologyJsonSchema } from '../../../stacks/topology/json-schema';

const schema = topologyJsonSchema();

/** Every schema inside a schema, with its path. */
function* schemas(node: unknown, path = ''): Generator<[path: string, schema: Record<string, unknown>]> {
  if (typeof node !== 'object' || node === null) return;
  const found = node as Record<string, unknown>;
  yield [path, found];
  for (const [name, field] of Object.entries((found.properties ?? {}) as object))
    yield* schemas(field, `${path}.${name}`);
  for (const word of ['anyOf', 'oneOf'] as const) {
    for (const [index, branch] of ((found[word] ?? []) as unknown[]).entries())
      yield* schemas(branch, `${path}|${index}`);
  }
  yield* schemas(found.items, `${path}[]`);
}

test('schemas/topology.schema.json is current; `npm run schema` writes it', () => {
  expect(JSON.parse(readFileSync('schemas/topology.schema.json', 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});

test('every field is described, every map is closed, nothing refers elsewhere', () => {
  expect(JSON.stringify(schema)).not.toContain('$ref');
  let fields = 0;
  for (const [path, found] of schemas(schema)) {
    if (found.properties) expect([path, found.additionalProperties]).toEqual([path, false]);
    if (/\.[^.[|]+$/.test(path)) {
      fields += 1;
      expect([path, typeof found.description]).toEqual([path, 'string']);
    }
  }
  expect(fields).toBeGreaterThan(150);
});

test('fields with units have a pattern, and their examples match it', () => {
  let checked = 0;
  for (const [, { pattern, examples }] of schemas(schema)) {
    if (typeof pattern !== 'string' || !Array.isArray(examples)) continue;
    for (const example of examples.filter((one) => typeof one === 'string')) {
      expect(example).toMatch(new RegExp(pattern));
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(10);
});

test('defaults are shown as one writes them', () => {
  const [inference] = schema.oneOf as Record<string, unknown>[];
  const properties = inference?.properties as Record<
    string,
    { default?: unknown; properties?: Record<string, { default?: unknown }> }
  >;
  expect(properties.profile?.default).toBe('small');
  expect(properties.update?.properties?.minReady?.default).toBe('10s');
});
