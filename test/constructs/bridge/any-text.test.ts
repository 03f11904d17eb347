import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { Yaml } from 'cdk8s';
import { parse, stringify } from 'yaml';
import { asNumber, asString, contentHash } from '../../../constructs/bridge';
import fc from '../../support/fuzz';
import { UNKNOWN } from '../../support/pulumi-mocks';
import { deployedData, unknown } from './deploy';

/** Values that break whoever quotes or escapes badly, and any others. */
const nasty = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'yes',
    'null',
    '~',
    '123',
    '1e3',
    '0x1F',
    '12:30:45',
    '- a',
    'a: b',
    'a #b',
    '#',
    '{}',
    '["',
  ),
  fc.constantFrom(
    '"',
    "'",
    '\\',
    '"; drop',
    'two\nlines\n',
    '\ttab',
    '&anchor',
    '*alias',
    '!tag',
    '%',
    '@',
    '`',
    '$&',
    '$1',
  ),
  fc.constantFrom(
    '10.0.0.1',
    'db.example.com',
    'arn:aws:rds:eu-west-1:1:db/x',
    'p@ss:w/rd?&=',
    'ünï😀',
    '&PolypodOutput0_',
  ),
  fc.string(),
);
/** What makes a leaf of a value: the value itself, or its token. */
type Write = (value: string | number) => unknown;
const token: Write = (value) =>
  typeof value === 'number' ? asNumber(pulumi.output(value)) : asString(pulumi.output(value));
const itself: Write = (value) => value;

/** Deploys one text of a ConfigMap, written once with tokens; what arrives must be what is written with values. */
async function arrivesAsWritten(text: (write: Write) => string): Promise<void> {
  const { data } = await deployedData({ text: text(token) });
  expect(data).toEqual({ text: text(itself) });
}

const config = (write: Write, [host, password, name]: string[], port: number) => ({
  server: { host: write(host ?? ''), port: write(port), debug: false, name: 'x' },
  users: [{ name: 'admin', password: write(password ?? '') }, { name: write(name ?? '') }],
  url: `postgres://${write(host ?? '')}:${write(port)}/db`,
  note: 'true',
  empty: {},
});
const values = fc.tuple(
  fc.array(nasty, { minLength: 3, maxLength: 3 }),
  fc.integer({ min: -1, max: 65_535 }),
);

const writers: [string, (value: unknown) => string][] = [
  ['JSON.stringify', (value) => JSON.stringify(value)],
  ['JSON.stringify with an indent', (value) => JSON.stringify(value, null, 2)],
  ['JSON.stringify and a line end', (value) => `${JSON.stringify(value, null, 2)}\n`],
  ['cdk8s Yaml.stringify', (value) => Yaml.stringify(value)],
  ['base64 of JSON', (value) => Buffer.from(JSON.stringify(value)).toString('base64')],
  ['JSON in JSON', (value) => JSON.stringify({ inner: JSON.stringify(value) })],
  ['JSON in YAML', (value) => Yaml.stringify({ inner: JSON.stringify(value), list: [1] })],
  [
    'base64 in JSON',
    (value) => JSON.stringify({ auth: Buffer.from(JSON.stringify(value)).toString('base64') }),
  ],
  ['the hash of YAML', (value) => contentHash(Yaml.stringify(value))],
];

test.each(writers)('a configuration arrives byte for byte as %s writes it', async (_, stringifyConfig) => {
  await fc.assert(
    fc.asyncProperty(values, ([texts, port]) =>
      arrivesAsWritten((write) => stringifyConfig(config(write, texts, port))),
    ),
    { numRuns: 40 },
  );
});

test('a configuration that the yaml package writes arrives with every value what it was', async () => {
  await fc.assert(
    fc.asyncProperty(values, async ([texts, port]) => {
      const { data } = await deployedData({ text: stringify(config(token, texts, port)) });
      const { text } = data as { text: string };
      expect(parse(text)).toEqual(config(itself, texts, port));
      expect(parse(text, { version: '1.1' })).toEqual(config(itself, texts, port));
    }),
    { numRuns: 40 },
  );
});

test('a token that a YAML writer breaks over two lines is found', async () => {
  const long = (value: string) => ({ a: { b: `%${'x'.repeat(62)}${value}${'y'.repeat(30)}` } });
  const text = stringify(long(asString(pulumi.output('ä: ö'))));
  expect(text).toMatch(/&Polypod\w*\\\n/);
  const { data } = await deployedData({ text });
  expect(parse((data as { text: string }).text)).toEqual(long('ä: ö'));
});

test('values in any other text stand as they are', async () => {
  const words = fc.string().filter((word) => !/^\s*[[{]/.test(word));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(words, nasty), { minLength: 1 }), (parts) =>
      arrivesAsWritten((write) => parts.map(([before, value]) => `${before}${write(value)}.`).join('')),
    ),
    { numRuns: 100 },
  );
});

test('hand-written YAML keeps its comments and layout, and takes values as a template literal does', async () => {
  await arrivesAsWritten(
    (write) => `# database
database:
    host:   ${write('db.example.com')}   # primary
    port: ${write(5432)}
    url: "postgres://${write('db.example.com')}:${write(5432)}"
    ids: [${write('a')}, ${write('b')}]
`,
  );
});

test('a value in hand-written JSON is escaped', async () => {
  const { data } = await deployedData({ text: `{ "password":   "${asString(pulumi.output('a"b\\c'))}" }` });
  expect(data).toEqual({ text: '{ "password":   "a\\"b\\\\c" }' });
});

test('texts, numbers and structure inside hand-written JSON stay what they are', async () => {
  await arrivesAsWritten(
    (write) => `{ "port" : ${write(80)}, "text": "${write(80)}",
      "inner" : ${JSON.stringify(JSON.stringify({ a: write('"') }))} }`,
  );
});

test('a number token that a construct turns into text stays text', async () => {
  const { data } = await deployedData({ port: String(asNumber(pulumi.output(80))) });
  expect(data).toEqual({ port: '80' });
});

test('a script is no YAML', async () => {
  await arrivesAsWritten((write) => `redis-cli -h ${write('a: b')}\n`);
  await arrivesAsWritten((write) => `#!/bin/sh\nset -e\necho ${write('a #b')}\n`);
});

test('an escaped value in a URL stays escaped', async () => {
  await arrivesAsWritten(
    (write) =>
      `postgres://me:${encodeURIComponent(String(write('p@ss/wörd')))}@${write('host')}:${write(5432)}/db`,
  );
});

test('a token can be used many times and next to another', async () => {
  const host = asString(pulumi.output('h'));
  const port = asNumber(pulumi.output(1));
  const { data } = await deployedData({ a: `${host}${host}${port}${port}7`, b: host });
  expect(data).toEqual({ a: 'hh117', b: 'h' });
});

test('numbers and booleans can be asked for as text', async () => {
  const { data } = await deployedData({
    port: asString(pulumi.output(80)),
    debug: asString(pulumi.output(true)),
  });
  expect(data).toEqual({ port: '80', debug: 'true' });
});

test('numbers near the limits of what JSON holds are no placeholders', async () => {
  const text = '{"maximum":9007199254740991,"id":9007100000000000,"account":"9007000000000001"}';
  const { data } = await deployedData({
    text,
    number: Number.MAX_SAFE_INTEGER,
    host: asNumber(pulumi.output(1)),
  });
  expect(data).toEqual({ text, number: Number.MAX_SAFE_INTEGER, host: 1 });
});

test('a text with one secret is secret, and with one unknown unknown, and its neighbours are not', async () => {
  const password = asString(pulumi.secret('s3cr3t-s3cr3t'));
  const host = asString(unknown<string>());
  const { data, secrets, unknowns } = await deployedData(
    {
      plain: `x ${asString(pulumi.output('known'))}`,
      json: JSON.stringify({ password, user: 'me' }),
      hash: contentHash(`a ${password}`),
      url: `http://${host}/`,
      both: `${host}:${password}`,
    },
    'preview',
  );
  expect(data).toEqual({
    plain: 'x known',
    json: '{"password":"s3cr3t-s3cr3t","user":"me"}',
    hash: createHash('sha256').update('a s3cr3t-s3cr3t').digest('hex'),
    url: UNKNOWN,
    both: UNKNOWN,
  });
  expect(secrets.toSorted()).toEqual(['data.both', 'data.hash', 'data.json']);
  expect(unknowns.toSorted()).toEqual(['data.both', 'data.url']);
});

test('contentHash is the plain hash where nothing is pending, and can be shortened', async () => {
  const plain = createHash('sha256').update('text').digest('hex');
  expect(contentHash('text')).toBe(plain);
  const { data } = await deployedData({ short: contentHash(asString(pulumi.output('text')), 8) });
  expect(data).toEqual({ short: plain.slice(0, 8) });
});
