import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '../../../constructs/contracts/problem';
import { parseTopology, readTopologyFile, validateTopology } from '../../../stacks/topology';
import fc from '../../support/fuzz';
import { caught, minimal, problemsOf, problemsOfText } from './support';

const GOOD = `kind: Inference
name: chat
models:
  - { name: tiny, source: hf:acme/tiny-GGUF/tiny.gguf, size: 2Gi }
backing:
  image: ghcr.io/acme/polypod-runtime:0.1.0
  storage: { kind: existing-class, name: nfs-client }
  cache: local
  database: local
`;

describe('files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'topology-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test('YAML, with or without a byte order mark, and JSON', () => {
    expect(readTopologyFile(file('a.yaml', GOOD))).toHaveLength(1);
    expect(readTopologyFile(file('b.yaml', `\uFEFF${GOOD}`))).toHaveLength(1);
    expect(readTopologyFile(file('c.json', JSON.stringify(minimal())))).toHaveLength(1);
  });

  test.each([
    ['lists', `kind: Inference\nname: chat\nmodels: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`],
    ['maps', Array.from({ length: 1200 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('%s nested without end are refused in words', (_, text) => {
    const [problem] = caught(() => readTopologyFile(file('deep.yaml', text)));
    expect(problem?.reason).toMatch(/^nests lists and maps more than 100 levels/);
    expect(problem?.line).toBeGreaterThan(0);
  });

  test('a list of half a million items is refused as any other that is wrong', () => {
    const [problem] = caught(() =>
      readTopologyFile(file('wide.yaml', `${GOOD}labels: [${'1,'.repeat(450_000)}1]\n`)),
    );
    expect(problem?.reason).toMatch(/more than 50000 values/);
  });

  test('a file that is not there names its nearest neighbour', () => {
    file('topology.yaml', GOOD);
    const [problem] = caught(() => readTopologyFile(join(folder, 'topolgy.yaml')));
    expect(problem).toMatchObject({ reason: 'is not there', mend: 'did you mean topology.yaml?' });
    const [other] = caught(() => readTopologyFile(join(folder, 'no', 'such', 'folder.yaml')));
    expect(other?.mend).toContain('polypod init');
  });

  test('a folder, a binary file, a huge file, a file without rights', () => {
    mkdirSync(join(folder, 'sub'));
    const reason = (path: string) => caught(() => readTopologyFile(path))[0]?.reason;
    expect(reason(join(folder, 'sub'))).toBe('is a folder');
    expect(reason(file('a.bin', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff])))).toBe(
      'is not a text in UTF-8',
    );
    expect(reason(file('b.yaml', 'a\0b'))).toBe('is not a text in UTF-8');
    expect(reason(file('c.yaml', '#'.repeat(2 ** 20 + 1)))).toMatch(/at most 1 MiB/);
    const locked = file('d.yaml', GOOD);
    chmodSync(locked, 0);
    // root reads it all the same
    if (process.getuid?.() !== 0) expect(reason(locked)).toBe('may not be read');
  });

  test('the message names the file, the place, the value, the reason and the mend', () => {
    const path = file('a.yaml', GOOD.replace('2Gi', '2GB'));
    expect(() => readTopologyFile(path)).toThrow(InvalidInputError);
    expect(() => readTopologyFile(path)).toThrow(
      `${path}: 1 problem\n  4:56  models[0].size = "2GB"\n` +
        '    has the unit GB, which Kubernetes does not know\n' +
        '    → did you mean 2Gi (2 × 2^30) or 2G (2 × 10^9)?',
    );
  });
});

describe('texts', () => {
  test.each([
    ['an unclosed list', 'kind: Inference\nmodels: [a\nname: b\n', 3, /^is not YAML: /],
    ['a tab', 'kind: Inference\nmodels:\n\t- a\n', 3, /^is not YAML: tabs/],
    ['a key that stands twice', `${GOOD}name: other\n`, 10, /keys must be unique/],
    ['an alias to nothing', 'kind: Inference\nname: *nobody\n', 2, /alias/],
    ['an unknown tag', 'kind: !ruby/object Inference\n', 1, /^is not YAML: /],
    ['a list as a key', '? [a, b]\n: c\n', 1, /^is not YAML: /],
  ])('%s is told with its line', (_, text, line, reason) => {
    const [problem] = problemsOfText(text);
    expect(problem?.reason).toMatch(reason);
    expect(problem?.line).toBe(line);
    expect(problem?.column).toBeGreaterThan(0);
  });

  test.each(['', '\n\n', '# nothing yet\n', '---\n---\n', 'null'])('%p holds no topology', (text) => {
    expect(problemsOfText(text)).toMatchObject([{ reason: 'holds no topology' }]);
  });

  test('something that is not a map', () => {
    expect(problemsOfText('just text')[0]?.reason).toBe('is text; a map of fields is meant');
    expect(problemsOfText('- a\n- b\n')[0]?.reason).toBe('is a list; a map of fields is meant');
  });

  test('several documents are several topologies', () => {
    const other = GOOD.replace('name: chat', 'name: other');
    expect(parseTopology(`${GOOD}---\n# empty\n---\n${other}`, 'x').map(({ name }) => name)).toEqual([
      'chat',
      'other',
    ]);
  });

  test('problems of all documents come together, each with its own line', () => {
    const problems = problemsOfText(`${GOOD.replace('2Gi', '2')}---\n${GOOD.replace('local', 'loca')}`);
    expect(problems.map(({ path, line }) => [path, line])).toEqual([
      ['models[0].size', 4],
      ['backing.cache', 18],
    ]);
  });

  test('two topologies of one name, or one host, in a file', () => {
    expect(problemsOfText(`${GOOD}---\n${GOOD}`)[0]).toMatchObject({ path: 'name', value: 'chat', line: 12 });
    const traffic = 'traffic: { type: gateway-api, hosts: [a.internal] }\n';
    const other = GOOD.replace('name: chat', 'name: other');
    const problems = problemsOfText(`${GOOD}${traffic}---\n${other}${traffic}`);
    expect(problems).toMatchObject([{ path: 'traffic.hosts[0]', value: 'a.internal', line: 21 }]);
  });

  test('aliases of aliases, cycles and deep nesting end at once', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    const start = performance.now();
    expect(problemsOfText(lines.join('\n'))[0]?.reason).toMatch(/aliases/);
    expect(problemsOfText('kind: Inference\nmodels: &a [*a]\n')[0]?.reason).toMatch(/aliases|alias/);
    expect(problemsOfText('['.repeat(100_000))).not.toHaveLength(0);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  test('an alias used plainly works, and its problems are found in the place of the anchor or the use', () => {
    const text = GOOD.replace('size: 2Gi', 'size: &size 2Gi').concat('modelStore: { size: *size }\n');
    expect(parseTopology(text, 'x')).toHaveLength(1);
  });

  test('whatever the text, the answer is a topology or an InvalidInputError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(problemsOfText(text)).not.toHaveLength(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('values', () => {
  test('whatever is put in the place of any field, the answer is a topology or an InvalidInputError', () => {
    const fields = Object.keys(minimal()).concat(
      'engine',
      'roles',
      'replicas',
      'traffic',
      'network',
      'autoscaling',
    );
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 4 }), (field, value) => {
        try {
          validateTopology({ ...minimal(), [field]: value }, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [{ ...minimal(), kind: 'Inferense' }, 'kind', 'did you mean Inference?'],
    [{ ...minimal(), kind: undefined }, 'kind', /^write one of: Inference, /],
    [{ Kind: 'Inference', name: 'chat' }, 'Kind', 'did you mean kind?'],
    [{ ...minimal(), profil: 'small' }, 'profil', 'did you mean profile?'],
    [{ ...minimal(), profile: 'Medium' }, 'profile', 'did you mean medium?'],
    [{ ...minimal(), nmae: 'x' }, 'nmae', 'did you mean name?'],
    [{ ...minimal(), name: undefined }, 'name', /^add it: name of the topology/],
    [{ ...minimal(), models: [] }, 'models', 'write at least 1'],
    [{ ...minimal(), models: { name: 'x' } }, 'models', /each item after "- "/],
    [{ ...minimal(), engine: { name: 'vlm' } }, 'engine.name', 'did you mean vllm?'],
    [{ ...minimal(), engine: {} }, 'engine.name', /^write one of: llama.cpp, vllm/],
    [
      { ...minimal(), engine: { name: 'ollama', gpu: { cuont: 2 } } },
      'engine.gpu.cuont',
      'did you mean count?',
    ],
    [{ ...minimal(), roles: 'al' }, 'roles', 'did you mean all?'],
    [{ ...minimal(), roles: { gatway: {} } }, 'roles.gatway', 'did you mean gateway?'],
    [{ ...minimal(), replicas: { min: '2' } }, 'replicas.min', 'write it without quotes: 2'],
    [{ ...minimal(), replicas: 2.5 }, 'replicas', 'did you mean 3?'],
    [{ ...minimal(), replicas: null }, 'replicas', 'give it a value, or take the line out'],
    [{ ...minimal(), createNamespace: 'yes' }, 'createNamespace', 'did you mean true?'],
    [{ ...minimal(), labels: { 'a/b/c': 'x' } }, 'labels["a/b/c"]', /prefix/],
    [
      { ...minimal(), labels: { version: 1.1 } },
      'labels.version',
      'put it in quotes, exactly as it is meant: "1.1"',
    ],
    [{ ...minimal(), shutdown: { drain: '1d' } }, 'shutdown.drain', 'did you mean 24h?'],
    [{ ...minimal(), shutdown: { drain: '100ms' } }, 'shutdown.drain', 'did you mean 1s?'],
    [{ ...minimal(), disruption: { maxUnavailable: '25' } }, 'disruption.maxUnavailable', /"25%"/],
    [
      { ...minimal(), backing: { ...minimal().backing, storage: { kind: 'filestore', tier: 'standard' } } },
      'backing.storage.tier',
      /regional/,
    ],
    [
      { ...minimal(), backing: { ...minimal().backing, storage: { kind: 'filestore', tier: 'reginal' } } },
      'backing.storage.tier',
      'did you mean regional?',
    ],
    [
      {
        ...minimal(),
        backing: { ...minimal().backing, storage: { kind: 'azure-files', sku: 'Standard_LRS' } },
      },
      'backing.storage.sku',
      /Premium_ZRS/,
    ],
    [{ ...minimal(), traffic: { type: 'ingress' } }, 'traffic.type', /nginx-ingress/],
    [
      { ...minimal(), backing: { ...minimal().backing, cache: 'lokal' } },
      'backing.cache',
      'did you mean local?',
    ],
    [
      { ...minimal(), backing: { ...minimal().backing, image: 'ghcr.io/acme/runtime' } },
      'backing.image',
      'pin it: ghcr.io/acme/runtime:1.2.3 or ghcr.io/acme/runtime@sha256:…',
    ],
    [
      { ...minimal(), backing: { ...minimal().backing, image: 'ghcr.io/acme/runtime:latest' } },
      'backing.image',
      /pin it/,
    ],
  ])('%#: the field, and what was meant', (value, path, mend) => {
    const problems = problemsOf(value);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    if (typeof mend === 'string') expect(problems[0]?.mend).toBe(mend);
    else expect(problems[0]?.mend).toMatch(mend);
  });

  test('what only a program can hold: functions, promises, cycles', () => {
    const cycle: Record<string, unknown> = { kind: 'Inference' };
    cycle.models = [cycle];
    expect(problemsOf(cycle)).not.toHaveLength(0);
    const value = { ...minimal(), name: Promise.resolve('chat'), labels: { a: () => 'b' }, replicas: 0 };
    expect(problemsOf(value).map(({ path }) => path)).toEqual(['name', 'labels.a']);
    expect(
      problemsOf({ ...minimal(), profil: () => 1, shutdown: { grace: '1s' } }).map(({ path }) => path),
    ).toEqual(['profil', 'shutdown.grace']);
  });

  test.each([
    { backing: { database: { host: 'db', credentials: { secretName: 'db', password: 'hunter2' } } } },
    { backing: { database: { host: 'db', credentials: 'admin:hunter2' } } },
    { backing: { cache: { url: 'rediss://admin:hunter2@cache:6379' } } },
    { backing: { cache: 'rediss://admin:hunter2@cache:6379' } },
    { models: [{ name: 'a', source: 'https://user:hunter2@example.com/a.gguf', size: '1Gi' }] },
    { security: { huggingFaceToken: 'hunter2' } },
    { auth: { user: 'admin', password: 'hunter2' } },
    { database_password: 'hunter2' },
  ])('%j: a secret is never repeated', (fields) => {
    expect(() => validateTopology({ ...minimal(), ...fields }, 'x')).toThrow(InvalidInputError);
    expect(() => validateTopology({ ...minimal(), ...fields }, 'x')).not.toThrow(/hunter2/);
    expect(JSON.stringify(problemsOf({ ...minimal(), ...fields }))).not.toContain('hunter2');
  });

  test('shape and combinations are told in one run, but no combination of a field that could not be read', () => {
    const value = { ...minimal(), profil: 'small', replicas: { min: 5, max: 2 }, shutdown: { grace: '5s' } };
    expect(problemsOf(value).map(({ path }) => path)).toEqual(['profil', 'replicas.min', 'shutdown.grace']);
    const unread = { ...minimal(), replicas: { min: 50, max: 'ten' }, shutdown: { grace: '5s' } };
    expect(problemsOf(unread).map(({ path }) => path)).toEqual(['replicas.max', 'shutdown.grace']);
  });

  test('the value that was given is left as it was', () => {
    const value = { ...minimal(), profil: 'small', labels: { 'bad key!': 'x' } };
    const before = structuredClone(value);
    problemsOf(value);
    expect(value).toEqual(before);
  });
});
