import { Yaml } from 'cdk8s';
import { manifestYaml } from '../../apps/manifest-yaml';
import type { JsonObject } from '../../constructs/checks';
import fc from '../support/fuzz';

const awkward = fc.constantFrom(
  ...[
    '',
    ' ',
    'a b',
    'a: b',
    'a:',
    'a #b',
    '- a',
    'a-',
    '-',
    '---',
    '--flag=x',
    '/',
    '~',
    'yes',
    'No',
    'NULL',
    'y',
  ],
  ...[
    '1',
    '01',
    '1e3',
    'e5',
    'E-5',
    '0x1f',
    '12:30',
    '1.5',
    '.5',
    '2026-01-01',
    '<<',
    '=',
    '*',
    '&a',
    '!x',
    '%',
    '@x',
    '`',
    '"',
    "'",
  ],
  ...[
    'a\n',
    'a\nb',
    'a\n\nb\n',
    'a\n\n',
    '\n',
    ' a\nb',
    'a\n b\n',
    'a \nb',
    'a\n---\nb',
    'a\tb',
    '\ta',
    'é',
    '👍',
    '\u0001',
  ],
  ...[
    '{{ x }}',
    '{a: b}',
    '[a]',
    'hf://a/b?c=d#e',
    'redis://h:6379/0',
    'x'.repeat(200),
    `${'word '.repeat(40)}end`,
  ],
  ...['a, b (c)', 'it\'s "so"', 'long text\nwith "quotes": and # signs, and more than forty characters'],
);
const text = fc.oneof(awkward, fc.string(), fc.string({ unit: 'binary' }), fc.lorem());
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    text,
    fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.maxSafeInteger()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof({ weight: 5, arbitrary: fc.lorem({ maxCount: 1 }) }, text), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}));
const manifest = fc.dictionary(fc.lorem({ maxCount: 1 }), value, { maxKeys: 5, noNullPrototype: true });

test('is byte for byte what cdk8s writes', () => {
  fc.assert(
    fc.property(fc.array(manifest as fc.Arbitrary<JsonObject>, { maxLength: 3 }), (manifests) => {
      expect(manifestYaml(manifests)).toBe(Yaml.stringify(...manifests));
    }),
    { numRuns: 2000 },
  );
});

test('a value that stands in a manifest twice becomes the alias that cdk8s makes of it', () => {
  const labels = { app: 'chat' };
  const twice = { kind: 'Deployment', metadata: { labels }, spec: { selector: labels } };
  expect(manifestYaml([twice])).toBe(Yaml.stringify(twice));
});
