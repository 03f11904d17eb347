import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import * as z from 'zod';
import { GrammarBuilder } from '../../src/engine/grammar/grammar-builder.js';
import { SchemaGrammar } from '../../src/engine/grammar/schema-grammar.js';
import { UnsupportedSchema } from '../../src/engine/grammar/unsupported-schema.js';
import { type Bindings, loadBindings } from '../../src/engine/llama/child/bindings.js';

describe('grammars of JSON schemas', () => {
  let bindings: Bindings;
  before(async () => {
    bindings = await loadBindings(false, () => {});
  });

  const textOf = (schema: unknown): string => {
    const builder = new GrammarBuilder();
    return builder.build(new SchemaGrammar(builder, schema as Record<string, unknown>).rule('answer'));
  };

  /** Holds llama.cpp's own reading of the grammar against values, or JSON as it is written. */
  const check = (schema: unknown, accepted: readonly unknown[], refused: readonly unknown[]) => {
    const grammar = new bindings.AddonGrammar(textOf(schema), { addonExports: bindings });
    const matches = (value: unknown) => grammar.isTextCompatible(JSON.stringify(value));
    for (const value of accepted)
      assert.ok(matches(value), `${JSON.stringify(schema)} takes ${JSON.stringify(value)}`);
    for (const value of refused)
      assert.ok(!matches(value), `${JSON.stringify(schema)} refuses ${JSON.stringify(value)}`);
  };

  const refuses = (schema: unknown, path: RegExp) =>
    assert.throws(
      () => textOf(schema),
      (error: unknown) => error instanceof UnsupportedSchema && path.test(error.message),
      inspect(schema),
    );

  it('refuses patterns that are no regular expressions, which llama.cpp might never return from', () => {
    for (const pattern of ['^a{2,1}$', '^(a$', '^a{2}{3}$', `^a{${'0'.repeat(200)}1}$`])
      refuses({ type: 'string', pattern }, /pattern/);
    check({ type: 'string', pattern: '^\\d{3}\\-a{0}$' }, ['123-'], ['123', '123-a']);
  });

  it('takes classes in sets for what they are', () => {
    check({ type: 'string', pattern: '^[\\d-x]+$' }, ['5-x'], ['ABC', 'y']);
    check({ type: 'string', pattern: '^[a-\\d]+$' }, ['a-1'], ['b']);
    check({ type: 'string', pattern: '^[\\s-x]+$' }, [' -x'], ['A']);
    check({ type: 'string', pattern: '^[^\\s"]\\S.$' }, ['abc'], ['\u00a0bc', 'a\u2003c', 'ab\u2028']);
  });

  it('counts what repeats itself', () => {
    const pattern = '^[a-zA-Z0-9._%+-]{1,64}@([a-zA-Z0-9-]{1,63}\\.){1,125}[a-zA-Z]{2,63}$';
    check({ type: 'string', pattern }, ['me@a.example.com'], ['me@example', 'me']);
    check({ type: 'string', pattern: '^(a|"|[b-d]{2}){0,1000}$' }, ['', 'a"cd'], ['b']);
  });

  it('refuses groups that nest without end', () => {
    refuses({ pattern: `${'('.repeat(20_000)}a${')'.repeat(20_000)}` }, /pattern/);
    refuses({ pattern: `${'('.repeat(100)}a${')'.repeat(100)}` }, /pattern: groups nest deeper/);
  });

  it('takes what the client library makes of Zod schemas', () => {
    const types: readonly (readonly [
      schema: z.ZodType,
      valid: readonly unknown[],
      invalid: readonly unknown[],
    ])[] = [
      [z.int(), [0, -3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER], [1.5, '1', 9007199254740994]],
      [z.number().int(), [12], [0.5]],
      [z.int32(), [2147483647], [2147483648]],
      [z.float32(), [-1.5, 3], []],
      [z.number().positive(), [0.1, 1, 12.5], [0, -1]],
      [z.number().min(1).max(10.5), [1, 1.5, 10, 10.5], [0.5, 10.51, 11, 100]],
      [z.email(), ["o'x.y@example.org"], ['example.org', 'a@b']],
      [z.uuid(), ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-92d3-a456-426614174000']],
      [z.iso.date(), ['2024-02-29', '2023-11-30'], ['2023-02-29', '2023-11-31']],
      [z.iso.datetime(), ['2024-02-29T23:59:59.5Z'], ['2024-02-29', '2024-02-29T24:00:00Z']],
      [z.iso.datetime({ offset: true }), ['2024-02-29T23:59:59+01:00'], ['2024-02-29T23:59:59']],
      [z.iso.time(), ['23:59', '23:59:59.1'], ['24:00']],
      [z.iso.duration(), ['P3D', 'PT10M'], ['P', 'PT', '3D']],
      [z.ipv4(), ['255.1.2.3'], ['256.1.2.3', '1.2.3']],
      [z.ipv6(), ['::1', '1:2:3:4:5:6:7:8'], ['1:2']],
      [z.hostname(), ['a.example.org'], ['-a', 'a b']],
      [z.url(), ['https://example.org/a/b'], ['example', 'https://']],
      [z.ulid(), ['01ARZ3NDEKTSV4RRFFQ69G5FAV'], ['01ARZ']],
      [z.string().startsWith('ab'), ['ab', 'abc'], ['b']],
      [z.string().min(2).max(3), ['ab'], ['a', 'abcd']],
      [z.enum(['a', 'b']), ['a', 'b'], ['c']],
      [z.literal('x'), ['x'], ['y']],
      [z.string().nullable(), ['a', null], [1]],
      [z.array(z.int()).min(1).max(2), [[1], [1, 2]], [[], [1, 2, 3]]],
      [z.union([z.string(), z.number()]), ['a', 1.5], [null]],
    ];
    for (const [type, valid, invalid] of types) {
      const schema = zodResponseFormat(z.object({ v: type }), 'x').json_schema.schema;
      const wrap = (values: readonly unknown[]) => values.map((v) => ({ v }));
      for (const value of valid) assert.ok(type.safeParse(value).success, String(value));
      for (const value of invalid) assert.ok(!type.safeParse(value).success, String(value));
      check(schema, wrap(valid), wrap(invalid));
    }
    refuses(zodResponseFormat(z.object({ v: z.emoji() }), 'x').json_schema.schema, /properties\/v\/pattern/);
  });

  it('takes Zod schemas that refer to themselves, and those of tagged unions', () => {
    const tree = z.object({
      name: z.string().describe('What it is called'),
      get children() {
        return z.array(tree);
      },
    });
    const leaf = { name: 'b', children: [] };
    check(zodTextFormat(tree, 'x').schema, [{ name: 'a', children: [leaf, leaf] }], [{ name: 'a' }]);
    const shape = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('circle'), radius: z.number() }),
      z.object({ kind: z.literal('point') }),
    ]);
    check(
      zodTextFormat(z.object({ shape }), 'x').schema,
      [{ shape: { kind: 'circle', radius: 2 } }, { shape: { kind: 'point' } }],
      [{ shape: { kind: 'circle' } }, { shape: { kind: 'line' } }],
    );
  });

  it('holds numbers between any bounds', () => {
    const texts = (schema: unknown) => new bindings.AddonGrammar(textOf(schema), { addonExports: bindings });
    const bounds = [-1000, -12.5, -3.14, -1, -0.05, 0, 0.05, 1e-7, 0.1, 1, 2.75, 9.99, 10, 123.456, 1e15];
    const values = bounds.flatMap((value) => [value, value + 0.001, value - 0.001, value + 1]);
    for (const minimum of bounds) {
      for (const exclusiveMaximum of bounds) {
        const schema = { type: 'number', minimum, exclusiveMaximum };
        if (minimum >= exclusiveMaximum) {
          refuses(schema, /no number between/);
          continue;
        }
        const grammar = texts(schema);
        for (const value of values) {
          const text = String(value);
          if (text.includes('e') || text.length > 15) continue;
          const within = value >= minimum && value < exclusiveMaximum;
          assert.equal(grammar.isTextCompatible(text), within, `${text} in ${JSON.stringify(schema)}`);
        }
      }
    }
    check({ type: ['integer', 'number'], maximum: 10 }, [10, 9.5], [11.5, 11]);
    check(
      { type: 'number', multipleOf: 0.01, minimum: 0.5, maximum: 1 },
      [0.5, 0.75, 1],
      [0.49, 0.755, 1.01],
    );
    check({ type: 'integer', minimum: 1e15 }, [1e15], [1e14]);
    check({ type: 'integer', maximum: 1e300 }, [7, -7], [1.5]);
    refuses({ type: 'integer', minimum: 1e300 }, /minimum/);
  });

  it('counts a character that is written as an escape once', () => {
    const grammar = new bindings.AddonGrammar(textOf({ type: 'string', minLength: 2 }), {
      addonExports: bindings,
    });
    assert.ok(grammar.isTextCompatible('"\\u00e9\\uD7FF"'));
    assert.ok(!grammar.isTextCompatible('"\\ud83d\\uDE00"'));
  });

  it('bounds the work that a small schema can make', () => {
    const levels = Array.from({ length: 30 }, (_, level): [string, unknown] => {
      const next = { allOf: [{ $ref: `#/$defs/n${level + 1}` }, { title: 'x' }] };
      return [`n${level}`, { type: 'object', properties: { l: next, r: next } }];
    });
    const $defs = { ...Object.fromEntries(levels), n30: { type: 'string' } };
    refuses({ $defs, $ref: '#/$defs/n0' }, /more than 10000 parts/);
    const started = performance.now();
    const properties = Object.fromEntries(
      Array.from({ length: 9000 }, (_, index) => [`p${index}`, { type: 'string', maxLength: index % 1000 }]),
    );
    textOf({ type: 'object', properties });
    assert.ok(performance.now() - started < 5000);
  });

  it('refuses what would be a grammar that begins with itself', () => {
    refuses({ anyOf: [{ $ref: '#' }] }, /refers to itself/);
    const a = {
      anyOf: [{ type: 'object', properties: { x: { $ref: '#/$defs/b' } } }, { $ref: '#/$defs/b' }],
    };
    const b = { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] };
    refuses({ $defs: { a, b }, $ref: '#/$defs/a' }, /refers to itself/);
    check({ anyOf: [{ type: 'array', items: { $ref: '#' } }, { type: 'null' }] }, [null, [null, []]], [1]);
  });

  it('takes no name that every object has for one that the schema has', () => {
    refuses({ type: 'string', format: 'constructor' }, /format/);
    refuses({ type: 'constructor' }, /type/);
    refuses({ $ref: '#/constructor' }, /leads nowhere/);
    const schema = { type: 'object', properties: {}, required: ['constructor'] };
    check(schema, [{ constructor: 1 }], [{}]);
    refuses({ ...schema, additionalProperties: false }, /required/);
  });

  it('enforces what stands beside a reference, or beside values', () => {
    const $defs = { a: { type: 'string' } };
    check({ $defs, $ref: '#/$defs/a', maxLength: 1 }, ['a'], ['abc']);
    check({ $defs, allOf: [{ $ref: '#/$defs/a', maxLength: 1 }, { minLength: 1 }] }, ['a'], ['', 'abc']);
    const part = { additionalProperties: { type: 'string' } };
    refuses({ allOf: [part, { properties: { a: { type: 'integer' } } }] }, /additionalProperties/);
    check({ $defs, $ref: '#/$defs/a', description: 'x' }, ['abc'], [1]);
    check({ enum: [1, 'a', 'abc', 2.5], type: ['integer', 'string'], maxLength: 1 }, [1, 'a'], ['abc', 2.5]);
    refuses({ const: 'a', type: 'integer' }, /const/);
    refuses({ enum: ['a'], pattern: 'b' }, /pattern/);
  });

  it('enforces what is required without being described, and how many items a tuple has', () => {
    check({ type: 'object', required: ['a'] }, [{ a: 1 }], [{}]);
    const additionalProperties = { type: 'null' };
    check({ required: ['a'], additionalProperties }, [{ a: null }], [{}, { a: 1 }]);
    const prefixItems = [{ type: 'integer' }, { type: 'integer' }];
    check({ type: 'array', prefixItems, maxItems: 1 }, [[1]], [[1, 2]]);
    check({ type: 'array', prefixItems, maxItems: 0 }, [[]], [[1]]);
  });

  it('refuses schemas and values that nest without end', () => {
    const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    refuses({ const: deep(6000) }, /nests deeper/);
    refuses({ default: deep(100_000) }, /nests deeper/);
    check({ const: deep(100) }, [deep(100)], [[]]);
  });
});
