import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { GrammarBuilder } from '../../src/engine/grammar/grammar-builder.js';
import { SchemaGrammar, UnsupportedSchema } from '../../src/engine/grammar/schema-grammar.js';
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
      JSON.stringify(schema).slice(0, 200),
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
});
