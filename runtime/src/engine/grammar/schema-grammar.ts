import type { JsonSchema } from '../generation.js';
import { allowedValues } from './allowed-values.js';
import { countOf } from './counts.js';
import { type GrammarBuilder, literal } from './grammar-builder.js';
import { JsonRules } from './json-grammar.js';
import { mergeSchemas } from './merge-schemas.js';
import { integerGrammar, numberGrammar } from './number-grammar.js';
import { checkNesting, circleIn } from './schema-limits.js';
import { stringGrammar } from './string-grammar.js';
import { UnsupportedSchema } from './unsupported-schema.js';

type SchemaObject = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about which values are valid. */
const ANNOTATIONS = [
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
];

/** Keywords that are honoured, by the type that they bear on. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'format', 'pattern'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
};

/** Schemas that nest deeper are refused. */
const MOST_DEPTH = 64;
/** Parts of `allOf` are merged anew wherever they stand, so that a small schema can double at each level. */
const MOST_VISITS = 10_000;

/**
 * Turns JSON Schemas into grammar rules. What the rules match is valid; not everything that is valid matches
 * (properties come in the schema's order, and none that it does not name). A keyword that can't be honoured is refused.
 */
export class SchemaGrammar {
  private readonly json: JsonRules;
  private readonly references = new Map<string, string>();
  /** Which references each one may begin with. */
  private readonly leads = new Map<string, Set<string>>();
  /** The reference that is being visited, as long as nothing of it has been written. */
  private beginning: string | undefined;
  private visits = 0;

  constructor(
    private readonly builder: GrammarBuilder,
    private readonly root: JsonSchema,
  ) {
    this.json = new JsonRules(builder);
  }

  /** The rule for the whole schema. */
  rule(name: string): string {
    checkNesting(this.root);
    const body = this.visit(this.root, '', 0);
    const circle = circleIn(this.leads);
    if (circle !== undefined) throw new UnsupportedSchema(circle, 'refers to itself and to nothing else');
    return this.builder.rule(name, body);
  }

  private visit(schema: unknown, path: string, depth: number): string {
    if (depth > MOST_DEPTH) throw new UnsupportedSchema(path, `nests deeper than ${MOST_DEPTH} levels`);
    if (++this.visits > MOST_VISITS)
      throw new UnsupportedSchema(path, `makes the schema one of more than ${MOST_VISITS} parts`);
    if (schema === true) return this.json.value;
    if (!isObject(schema)) throw new UnsupportedSchema(path, 'is no schema that a value could satisfy');
    if (typeof schema.$ref === 'string') {
      const { $ref, ...own } = schema;
      if (!says(own)) return this.reference($ref, path, depth);
      const parts = own.allOf === undefined ? [] : own.allOf;
      if (Array.isArray(parts)) return this.allOf(own, [{ $ref }, ...parts], path, depth);
    }
    if (schema.allOf !== undefined) return this.allOf(schema, schema.allOf, path, depth);
    if ('const' in schema || Array.isArray(schema.enum))
      return this.enumeration(allowedValues(schema, ANNOTATIONS, path), path);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives !== undefined) return this.alternatives(schema, alternatives, path, depth);

    const types = this.types(schema, path);
    this.checkKeywords(schema, types, path);
    return group(types.map((type) => this.typed(type, schema, path, depth)));
  }

  private types(schema: SchemaObject, path: string): string[] {
    const { type } = schema;
    if (type === undefined) {
      const implied = Object.keys(KEYWORDS).filter((each) =>
        KEYWORDS[each]?.some((keyword) => keyword in schema),
      );
      return implied[0] === undefined ? ['any'] : [implied[0]];
    }
    const types = Array.isArray(type) ? type : [type];
    for (const each of types) {
      if (typeof each !== 'string' || !Object.hasOwn(KEYWORDS, each)) {
        throw new UnsupportedSchema(`${path}/type`, `${JSON.stringify(each)} is not a type`);
      }
    }
    if (types.length === 0) throw new UnsupportedSchema(`${path}/type`, 'names no type');
    return types;
  }

  private checkKeywords(schema: SchemaObject, types: readonly string[], path: string): void {
    const known = [...ANNOTATIONS, 'type', ...types.flatMap((type) => KEYWORDS[type] ?? [])];
    const unknown = Object.keys(schema).find((keyword) => !known.includes(keyword));
    if (unknown === undefined) return;
    throw new UnsupportedSchema(
      `${path}/${unknown}`,
      `'${unknown}' can't be enforced for type ${types.join(', ')}`,
    );
  }

  private typed(type: string, schema: SchemaObject, path: string, depth: number): string {
    switch (type) {
      case 'object':
        return this.within(() => this.object(schema, path, depth));
      case 'array':
        return this.within(() => this.array(schema, path, depth));
      case 'string':
        return stringGrammar(this.builder, this.json, schema, path);
      case 'integer':
        return integerGrammar(this.json, schema, path);
      case 'number':
        return numberGrammar(this.json, schema, path);
      case 'boolean':
        return this.json.boolean;
      case 'null':
        return this.json.null;
      default:
        return this.json.value;
    }
  }

  private object(schema: SchemaObject, path: string, depth: number): string {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
    const { space } = this.json;
    const additional = schema.additionalProperties;
    const missing = [...new Set(required)].filter(
      (name) => typeof name !== 'string' || !Object.hasOwn(properties, name),
    );
    const wrong = missing.find((name) => typeof name !== 'string' || additional === false);
    if (wrong !== undefined) {
      throw new UnsupportedSchema(`${path}/required`, `${JSON.stringify(wrong)} is not among the properties`);
    }
    const all: (readonly [name: string, schema: unknown, path: string])[] = [
      ...Object.entries(properties).map(
        ([name, each]) => [name, each, `${path}/properties/${name}`] as const,
      ),
      // What is required but not described is whatever further properties are.
      ...missing.map((name) => [String(name), additional ?? true, `${path}/additionalProperties`] as const),
    ];
    const pairs = all.map(([name, property, at]) => ({
      required: required.includes(name),
      pair: `${literal(JSON.stringify(name))} ${space} ":" ${space} ${this.named(property, at, depth)} ${space}`,
    }));
    if (pairs.length === 0) {
      if (additional === undefined || additional === true) return this.json.object;
      if (additional === false) return `"{" ${space} "}"`;
      const value = this.named(additional, `${path}/additionalProperties`, depth);
      const pair = `${this.json.string} ${space} ":" ${space} ${value} ${space}`;
      return `"{" ${space} (${pair} ("," ${space} ${pair})*)? "}"`;
    }
    return `"{" ${space} ${this.pairs(pairs)} "}"`;
  }

  /** The pairs in order, where optional ones may be left out and commas stand between those that are there. */
  private pairs(pairs: readonly { required: boolean; pair: string }[]): string {
    const comma = `"," ${this.json.space}`;
    // From the end: what may follow a pair that has been written.
    let following = '';
    const followings: string[] = [];
    for (const { required, pair } of [...pairs].reverse()) {
      followings.unshift(following);
      const next = `${comma} ${pair} ${following}`.trim();
      following = required
        ? this.builder.rule('pairs', next)
        : this.builder.rule('pairs', `${next} | ${following || '""'}`);
    }
    const firsts: string[] = [];
    for (const [index, { required, pair }] of pairs.entries()) {
      firsts.push(`${pair} ${followings[index] ?? ''}`.trim());
      if (required) return group(firsts);
    }
    return group([...firsts, '""']);
  }

  private array(schema: SchemaObject, path: string, depth: number): string {
    const { space } = this.json;
    const prefix: unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    const minimum = countOf(schema, 'minItems', path) ?? 0;
    const maximum = countOf(schema, 'maxItems', path);
    const comma = `"," ${space}`;
    if (prefix.length > 0) {
      if (schema.items !== undefined && schema.items !== false) {
        throw new UnsupportedSchema(`${path}/items`, "'items' after 'prefixItems' can't be enforced");
      }
      if (minimum > prefix.length)
        throw new UnsupportedSchema(`${path}/minItems`, 'is more than prefixItems has');
      if (maximum !== undefined && maximum < minimum)
        throw new UnsupportedSchema(`${path}/maxItems`, 'is less than minItems');
      if (maximum === 0) return `"[" ${space} "]"`;
      const items = prefix
        .slice(0, maximum)
        .map((item, index) => `${this.named(item, `${path}/prefixItems/${index}`, depth)} ${space}`);
      return `"[" ${space} ${items.join(`${comma} `)} "]"`;
    }
    if (maximum !== undefined && maximum < minimum)
      throw new UnsupportedSchema(`${path}/maxItems`, 'is less than minItems');
    if (maximum === 0) return `"[" ${space} "]"`;
    const item = `${this.named(schema.items ?? true, `${path}/items`, depth)} ${space}`;
    const more = `(${comma} ${item}){${Math.max(minimum - 1, 0)},${maximum === undefined ? '' : maximum - 1}}`;
    const items = `${item} ${more}`;
    return `"[" ${space} ${minimum === 0 ? `(${items})?` : items} "]"`;
  }

  private enumeration(values: readonly unknown[], path: string): string {
    if (values.length === 0) throw new UnsupportedSchema(`${path}/enum`, 'is empty');
    return group(values.map((value) => literal(JSON.stringify(value))));
  }

  private alternatives(schema: SchemaObject, alternatives: unknown, path: string, depth: number): string {
    const keyword = 'anyOf' in schema ? 'anyOf' : 'oneOf';
    const beside = Object.keys(schema).find((key) => key !== keyword && !ANNOTATIONS.includes(key));
    if (beside !== undefined)
      throw new UnsupportedSchema(`${path}/${beside}`, `can't be enforced beside ${keyword}`);
    if (!Array.isArray(alternatives) || alternatives.length === 0) {
      throw new UnsupportedSchema(`${path}/${keyword}`, 'must be a list that is not empty');
    }
    return group(alternatives.map((each, index) => this.named(each, `${path}/${keyword}/${index}`, depth)));
  }

  /** One schema in place of several that must all hold. */
  private allOf(schema: SchemaObject, parts: unknown, path: string, depth: number): string {
    const { allOf: _, ...own } = schema;
    if (!Array.isArray(parts) || parts.length === 0)
      throw new UnsupportedSchema(`${path}/allOf`, 'must be a list that is not empty');
    if (parts.length === 1 && !says(own)) return this.named(parts[0], `${path}/allOf/0`, depth);
    const conflicts: string[] = [];
    const merged = parts.reduce<SchemaObject>((whole, part, index) => {
      const resolved = this.resolved(part, `${path}/allOf/${index}`, conflicts);
      return mergeSchemas(whole, resolved, conflicts);
    }, own);
    if (conflicts[0] !== undefined)
      throw new UnsupportedSchema(`${path}/allOf`, `'${conflicts[0]}' of its parts can't be merged`);
    return this.visit(merged, path, depth + 1);
  }

  /** A part of `allOf`, itself or what it refers to. */
  private resolved(part: unknown, path: string, conflicts: string[]): SchemaObject {
    if (!isObject(part)) throw new UnsupportedSchema(path, 'is no schema that a value could satisfy');
    if (typeof part.$ref !== 'string') return part;
    const { $ref, ...beside } = part;
    const target = this.target($ref, path);
    if (!isObject(target)) throw new UnsupportedSchema(path, 'is no schema that a value could satisfy');
    return mergeSchemas(target, beside, conflicts);
  }

  private reference(target: string, path: string, depth: number): string {
    if (this.beginning !== undefined)
      this.leads.set(this.beginning, (this.leads.get(this.beginning) ?? new Set()).add(target));
    const known = this.references.get(target);
    if (known !== undefined) return known;
    const schema = this.target(target, path);
    const name = this.builder.reserve('reference');
    this.references.set(target, name);
    this.builder.define(
      name,
      this.within(() => this.visit(schema, target, depth + 1), target),
    );
    return name;
  }

  /** Visits what stands behind a bracket, or what a reference begins with. */
  private within(visit: () => string, beginning?: string): string {
    const before = this.beginning;
    this.beginning = beginning;
    const body = visit();
    this.beginning = before;
    return body;
  }

  /** What a reference leads to. */
  private target(target: string, path: string): unknown {
    const steps = target === '#' ? [] : target.split('/').slice(1);
    const schema = steps.reduce<unknown>(
      (value, step) => ownProperty(value, step.replaceAll('~1', '/').replaceAll('~0', '~')),
      target.startsWith('#') ? this.root : undefined,
    );
    if (schema === undefined)
      throw new UnsupportedSchema(`${path}/$ref`, `'${target}' leads nowhere in this schema`);
    if (isObject(schema) && schema.$ref !== undefined)
      throw new UnsupportedSchema(`${path}/$ref`, `'${target}' leads to a $ref`);
    return schema;
  }

  private named(schema: unknown, path: string, depth: number): string {
    const body = this.visit(schema, path, depth + 1);
    return /^[\w-]+$/.test(body) ? body : this.builder.rule('part', body);
  }
}

function group(alternatives: readonly string[]): string {
  return alternatives.length === 1 ? (alternatives[0] ?? '') : `(${alternatives.join(' | ')})`;
}

/** Whether a schema has keywords that bear on which values are valid. */
function says(schema: SchemaObject): boolean {
  return Object.keys(schema).some((keyword) => !ANNOTATIONS.includes(keyword));
}

function ownProperty(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
