import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadManifests, readText } from '../../../../constructs/checks/load';

const object = (name: string, kind = 'ConfigMap') =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
const names = (text: string, file = 'a.yaml') =>
  readText(text, file).manifests.map(({ manifest }) => (manifest.metadata as { name: string }).name);

describe('one text', () => {
  test('several documents, empty ones and comments between them', () => {
    expect(names(`# first\n---\n${object('a')}---\n---\n# nothing\n---\n${object('b')}...\n`)).toEqual([
      'a',
      'b',
    ]);
  });

  test('a document marker inside of a block scalar ends the document, indented it does not', () => {
    expect(
      names(
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  x: |\n    ---\n    y\n---\n${object('b')}`,
      ),
    ).toEqual(['a', 'b']);
  });

  test('Lists in Lists, and a plain list', () => {
    const inner = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } }],
    };
    const outer = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, inner],
    };
    const { manifests } = readText(JSON.stringify(outer), 'a.json');
    expect(manifests.map(({ origin }) => origin.item)).toEqual(['items[0]', 'items[1].items[0]']);
    expect(names(JSON.stringify([outer]), 'a.json')).toEqual(['a', 'b']);
  });

  test('byte order mark, carriage returns, tabs in JSON', () => {
    expect(names(object('a').replaceAll('\n', '\r\n'))).toEqual(['a']);
    expect(names('{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {"name": "a"}\n}')).toEqual([
      'a',
    ]);
  });

  test('keys that are no text, tags of other programs', () => {
    expect(names(`${object('a')}1: x\nnull: y\ntrue: z\nown: !Ref [b, !Sub c]\n`)).toEqual(['a']);
  });

  test.each([
    ['Helm values', 'replicas: 3\nimage: { tag: x }'],
    [
      'a kustomization',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]',
    ],
    ['a kubeconfig', 'apiVersion: v1\nkind: Config\nclusters: []'],
    ['a scalar', 'hello'],
    ['nothing', ''],
    ['only comments', '# hello\n---\n'],
  ])('%s is no manifest and no problem', (_case, text) => {
    expect(readText(text, 'a.yaml')).toMatchObject({ manifests: [], problems: [] });
  });
});

describe('what cannot be read is a problem with a place, and the rest is read', () => {
  test('invalid YAML has its line and column in the file', () => {
    const read = readText(`${object('a')}---\n${object('b')}bad: [1, 2\n---\n${object('c')}`, 'a.yaml');
    expect(read.manifests).toHaveLength(2);
    expect(read.problems).toMatchObject([
      { file: 'a.yaml', line: 9, reason: expect.stringContaining('not valid YAML') },
    ]);
  });

  test('a Helm template is called one, with the mend', () => {
    const { problems } = readText(
      'apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n',
      'a.yaml',
    );
    expect(problems).toMatchObject([
      { reason: expect.stringContaining('template'), mend: expect.stringContaining('helm template') },
    ]);
  });

  test('a duplicate key is named, and the last one counts', () => {
    const read = readText(`${object('a')}metadata: { name: b }\n`, 'a.yaml');
    expect(read.problems).toMatchObject([
      { line: 4, column: 1, reason: expect.stringContaining('duplicated') },
    ]);
    expect(read.manifests).toMatchObject([{ manifest: { metadata: { name: 'b' } } }]);
  });

  test('JSON that is broken is a problem only where it claims to be an object', () => {
    expect(readText('{ "compilerOptions": {}, // comment\n "x": 1 }', 'tsconfig.json')).toMatchObject({
      problems: [],
      skipped: 1,
    });
    expect(readText('{"apiVersion":"v1","kind":"Pod",\n"x":[1 2}', 'pod.json').problems).toMatchObject([
      { line: 2 },
    ]);
  });

  test('binary data', () => {
    expect(readText('\u007fELF\0\0', 'a.yaml').problems).toMatchObject([{ reason: 'it is a binary file' }]);
  });
});

describe('hostile input takes no time', () => {
  test.each([
    [
      'an alias bomb',
      [
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...'bcdefghijklm'.split('').map((key, index) => {
          const previous = 'abcdefghijkl'[index];
          return `${key}: &${key} [${Array.from({ length: 9 }, () => `*${previous}`).join(', ')}]`;
        }),
      ].join('\n'),
      /aliases multiply/,
    ],
    ['an anchor within itself', 'a: &a [*a]', /alias of itself/],
    ['a map within itself', 'a: &a\n  b:\n    c: *a', /alias of itself/],
    ['nesting', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`, /deeper than 200 levels/],
    [
      'nesting through aliases',
      Array.from(
        { length: 300 },
        (_, index) => `a${index}: &a${index} [${index ? `*a${index - 1}` : ''}]`,
      ).join('\n'),
      /deeper/,
    ],
    ['nested JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /deeper than 200 levels/],
  ])('%s', (_case, text, reason) => {
    const start = performance.now();
    expect(readText(text, 'a.yaml').problems).toMatchObject([{ reason: expect.stringMatching(reason) }]);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  test('aliases of a sane size are read', () => {
    expect(
      names(`apiVersion: v1\nkind: Pod\nmetadata: { name: a, labels: &l { x: y } }\nspec: { l: *l }`),
    ).toEqual(['a']);
  });
});

describe('guides', () => {
  const guide = [
    '# Guide',
    '',
    '```yaml',
    '# a fragment',
    'replicas: 3',
    '```',
    '1. Then:',
    '   ```yml',
    '   apiVersion: v1',
    '   kind: Pod',
    '   metadata:',
    '     name: indented',
    '   ```',
    '```bash',
    'cat <<EOF',
    'apiVersion: v1',
    '```',
    '~~~yaml',
    object('tilde'),
    '---',
    '{{ template }}',
    '~~~',
    '```yaml',
    'apiVersion: v1',
    'kind: Pod',
    'broken: [',
    '```',
  ].join('\n');

  test('objects of fenced blocks are read, fragments and templates are counted', () => {
    const read = readText(guide, 'guide.md');
    expect(read.manifests.map(({ manifest }) => (manifest.metadata as { name: string }).name)).toEqual([
      'indented',
      'tilde',
    ]);
    expect(read.skipped).toBe(2);
  });

  test('lines are those of the guide', () => {
    const read = readText(guide, 'guide.txt');
    expect(read.manifests[0]?.origin.document).toMatchObject({ firstLine: 9, indent: 3 });
    expect(read.problems).toMatchObject([{ line: 29 }]);
  });
});

describe('folders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polypod-load-'));
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('b/second.yml', object('second'));
  write('a/first.yaml', object('first'));
  write('a/third.json', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'third' } }));
  write('a/values.yaml', 'replicas: 3');
  write('a/notes.txt', object('never'));
  write('node_modules/x/never.yaml', object('never'));
  write('.git/never.yaml', object('never'));
  write('windows.yaml', Buffer.from(`\ufeff${object('utf16')}`, 'utf16le'));
  write('chart/Chart.yaml', 'name: chart');
  write('chart/templates/x.yaml', '{{ x }}');
  symlinkSync(folder, join(folder, 'b/loop'));
  symlinkSync('nowhere', join(folder, 'b/dangling.yaml'));

  test('are searched in order, once, without what is no manifest', () => {
    const loaded = loadManifests([folder]);
    const found = loaded.manifests.map(({ manifest }) => (manifest.metadata as { name: string }).name);
    expect(found).toEqual(['first', 'third', 'second', 'utf16']);
    expect(loaded.skippedFiles).toBe(2);
    expect(loaded.problems).toMatchObject([
      { file: join(folder, 'b/dangling.yaml'), reason: expect.stringContaining('no such file') },
      {
        file: join(folder, 'chart/templates'),
        mend: expect.stringContaining(`helm template RELEASE ${join(folder, 'chart')}`),
      },
    ]);
  });

  test('a file that is named twice is read once, and a device never', () => {
    const file = join(folder, 'a/first.yaml');
    expect(loadManifests([file, join(folder, 'a'), file]).manifests).toHaveLength(2);
    expect(loadManifests(['/dev/zero']).problems).toMatchObject([{ reason: 'it is a device' }]);
  });

  test('patches of a kustomization are no objects', () => {
    write(
      'overlay/kustomization.yaml',
      'patches: [{ path: patch.yaml }, { patch: "- op: add" }]\npatchesStrategicMerge: [../overlay/old.yaml]\nresources: [own.yaml]',
    );
    for (const name of ['patch', 'old', 'own']) write(`overlay/${name}.yaml`, object(name));
    const { manifests, files, skippedFiles } = loadManifests([join(folder, 'overlay')]);
    expect(manifests.map(({ manifest }) => manifest.metadata)).toEqual([{ name: 'own' }]);
    expect([files, skippedFiles]).toEqual([4, 3]);
  });

  test('a path that is not there is a problem', () => {
    expect(loadManifests([join(folder, 'missing')]).problems).toMatchObject([
      { reason: 'there is no such file or folder' },
    ]);
  });
});
