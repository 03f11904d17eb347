import { regexes } from 'zod';
import { countOf } from './counts.js';
import type { GrammarBuilder } from './grammar-builder.js';
import type { JsonRules } from './json-grammar.js';
import { patternGrammar, UnsupportedPattern } from './pattern-grammar.js';
import { STRING_FORMATS } from './string-formats.js';
import { UnsupportedSchema } from './unsupported-schema.js';

type SchemaObject = Readonly<Record<string, unknown>>;

/**
 * Patterns with look-ahead that Zod writes beside a format, and that every string matches which the format's grammar
 * makes; told by their whole text, since no other is known to be one.
 */
const FORMAT_PATTERNS: ReadonlyMap<string, string> = new Map([
  [regexes.duration.source, 'duration'],
  [regexes.hostname.source, 'hostname'],
]);

export function stringGrammar(
  builder: GrammarBuilder,
  json: JsonRules,
  schema: SchemaObject,
  path: string,
): string {
  const { format, pattern } = schema;
  const minimum = countOf(schema, 'minLength', path);
  const maximum = countOf(schema, 'maxLength', path);
  if (pattern !== undefined || format !== undefined) {
    const beside = ['minLength', 'maxLength'].find((keyword) => schema[keyword] !== undefined);
    if (beside !== undefined) {
      const other = pattern === undefined ? 'format' : 'pattern';
      throw new UnsupportedSchema(`${path}/${beside}`, `can't be enforced beside ${other}`);
    }
    const body =
      pattern === undefined ? formatRule(builder, format, path) : patternRule(builder, json, schema, path);
    return `"\\"" ${body} "\\""`;
  }
  if (minimum === undefined && maximum === undefined) return json.string;
  if (maximum !== undefined && maximum < (minimum ?? 0)) {
    throw new UnsupportedSchema(`${path}/maxLength`, 'is less than minLength');
  }
  return `"\\"" ${json.character}{${minimum ?? 0},${maximum ?? ''}} "\\""`;
}

function formatRule(builder: GrammarBuilder, format: unknown, path: string): string {
  const body =
    typeof format === 'string' && Object.hasOwn(STRING_FORMATS, format) ? STRING_FORMATS[format] : undefined;
  if (body === undefined)
    throw new UnsupportedSchema(`${path}/format`, `${JSON.stringify(format)} can't be enforced`);
  return builder.rule(`format-${String(format)}`, body);
}

/**
 * What a pattern matches. A format beside it is left to be the annotation that JSON Schema takes it for: libraries such
 * as Zod write both, where the pattern is the narrower and the format only its name, be it one that nobody else knows.
 */
function patternRule(builder: GrammarBuilder, json: JsonRules, schema: SchemaObject, path: string): string {
  const { pattern } = schema;
  if (typeof pattern !== 'string') throw new UnsupportedSchema(`${path}/pattern`, 'must be a string');
  const format = FORMAT_PATTERNS.get(pattern);
  if (format !== undefined) return formatRule(builder, format, path);
  try {
    const name = (body: string) => builder.rule('pattern', body);
    return name(patternGrammar(pattern, json.character, name));
  } catch (error) {
    if (!(error instanceof UnsupportedPattern)) throw error;
    throw new UnsupportedSchema(`${path}/pattern`, error.message);
  }
}
