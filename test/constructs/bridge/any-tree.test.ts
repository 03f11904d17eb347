import * as pulumi from '@pulumi/pulumi';
import { type Chart, Yaml } from 'cdk8s';
import { asNumber, asString } from '../../../constructs/bridge';
import fc from '../../support/fuzz';
import { UNKNOWN } from '../../support/pulumi-mocks';
import { add, chartOf, deploy, unknown } from './deploy';

/** A JSON tree in which some leaves, or whole branches, are Outputs. */
type Tree =
  | { leaf: string | number | boolean; how: How }
  | { branch: fc.JsonValue; how: 'output' | 'secret' | 'unknown' }
  | { items: Tree[] }
  | { fields: [string, Tree][] };

type How = 'literal' | 'output' | 'secret' | 'unknown' | 'promise' | 'token' | 'secret token' | 'nested';

const HOWS: How[] = ['literal', 'output', 'secret', 'unknown', 'promise', 'token', 'secret token', 'nested'];
const leaf = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,6}$/);
const branch = fc.oneof(
  fc.array(leaf),
  fc.dictionary(name, fc.oneof(leaf, fc.array(leaf), fc.dictionary(name, leaf, { noNullPrototype: true })), {
    noNullPrototype: true,
  }),
);

const { tree } = fc.letrec<{ tree: Tree; node: Tree }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ leaf, how: fc.constantFrom(...HOWS) }),
    fc.record({ branch, how: fc.constantFrom('output' as const, 'secret' as const, 'unknown' as const) }),
    fc.record({ items: fc.array(tie('node'), { maxLength: 4 }) }),
    fc.record({
      fields: fc.uniqueArray(fc.tuple(name, tie('node')), { maxLength: 5, selector: ([key]) => key }),
    }),
  ),
  tree: fc.record({
    fields: fc.uniqueArray(fc.tuple(name, tie('node')), {
      minLength: 1,
      maxLength: 5,
      selector: ([key]) => key,
    }),
  }),
}));

/** Writes a tree, each leaf and branch by what `write` makes of it. */
function build(
  node: Tree,
  path: string,
  write: (value: fc.JsonValue, how: How, path: string) => unknown,
): unknown {
  if ('leaf' in node) return write(node.leaf, node.how, path);
  if ('branch' in node) return write(node.branch, node.how, path);
  if ('items' in node) return node.items.map((item, index) => build(item, `${path}[${index}]`, write));
  return Object.fromEntries(node.fields.map(([key, item]) => [key, build(item, `${path}.${key}`, write)]));
}

function withOutputs(value: fc.JsonValue, how: How): unknown {
  switch (how) {
    case 'literal':
      return value;
    case 'output':
      return pulumi.output(value);
    case 'promise':
      return Promise.resolve(value);
    case 'nested':
      return pulumi.output(Promise.resolve(pulumi.output(value)));
    case 'secret':
      return pulumi.secret(value);
    case 'unknown':
      return unknown();
    default: {
      const output = how === 'token' ? pulumi.output(value) : pulumi.secret(value);
      if (typeof value === 'number') return asNumber(output as pulumi.Output<number>);
      return typeof value === 'string' ? asString(output as pulumi.Output<string>) : output;
    }
  }
}

const custom = (spec: unknown) => (chart: Chart) =>
  add(chart, 'example.com/v1', 'Anything', 'thing', { spec });

/** The manifest that plain cdk8s writes for the same literals. */
function plain(spec: unknown): Record<string, unknown> {
  const [manifest] = chartOf(custom(spec)).toJson();
  return manifest;
}

/** JSON has no -0, and a registration's fields have no order. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
};
const yaml = (value: unknown) => Yaml.stringify(canonical(JSON.parse(JSON.stringify(value))));

test('any tree comes out as plain cdk8s writes it, with secrets and unknowns exactly where they were', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (tree) => {
      const secrets: string[] = [];
      const unknowns: string[] = [];
      const expected = plain(
        build(tree, 'spec', (value, how, path) => {
          if (how === 'secret' || how === 'secret token') secrets.push(path);
          if (how === 'unknown') unknowns.push(path);
          return how === 'unknown' ? UNKNOWN : value;
        }),
      );
      const spec = build(tree, 'spec', withOutputs);
      const [resource] = await deploy(custom(spec), {}, 'preview');

      expect(yaml(resource?.inputs)).toBe(yaml(expected));
      expect(resource?.secrets.toSorted()).toEqual(secrets.sort());
      expect(resource?.unknowns.toSorted()).toEqual(unknowns.sort());
    }),
    { numRuns: 100 },
  );
});

test('when all is known, any tree comes out byte for byte as plain cdk8s writes it', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (tree) => {
      const known = (value: fc.JsonValue, how: How) => withOutputs(value, how === 'unknown' ? 'output' : how);
      const [resource] = await deploy(custom(build(tree, 'spec', known)));
      const expected = plain(build(tree, 'spec', (value) => value));

      expect(yaml(resource?.inputs)).toBe(yaml(expected));
      expect(resource?.unknowns).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
