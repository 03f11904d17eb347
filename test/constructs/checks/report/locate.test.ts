import { readText } from '../../../../constructs/checks/load';
import { locate } from '../../../../constructs/checks/report/locate';

/** The text from a field's place to the end of its line. */
function found(text: string, path: string, file = 'a.yaml', index = 0): string | undefined {
  const origin = readText(text, file).manifests[index]?.origin;
  if (!origin) throw new Error('no object');
  const [place] = locate([{ origin, path }]);
  return (
    place &&
    text
      .split('\n')
      [place.line - 1]?.slice(place.column - 1)
      .replace('\r', '')
  );
}

const text = `# comment
---
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations: { "a.b/c": x, 'd': y }
spec:
  containers:
    - name: one
    - name: two # second
      image: x
      args: ["--a", --b]
  data: |
    kind: inside
  anchored: &a
    k: v
  alias: *a
`;

test.each([
  ['spec', 'spec:'],
  ['spec.containers[1].image', 'image: x'],
  ['spec.containers[1]', 'name: two # second'],
  ['spec.containers[1].args[0]', '"--a", --b]'],
  ['spec.containers[1].args[1]', '--b]'],
  ['metadata.annotations["a.b/c"]', `"a.b/c": x, 'd': y }`],
  ['metadata.annotations.d', "'d': y }"],
  ['spec.data', 'data: |'],
])('%s', (path, rest) => {
  expect(found(text, path)).toBe(rest);
  expect(found(text.replaceAll('\n', '\r\n'), path)).toBe(rest);
});

test.each([
  ['spec.containers[1].resources.limits', 'name: two # second'],
  ['spec.replicas', 'spec:'],
  ['status', 'apiVersion: v1'],
  ['spec.alias.k', 'alias: *a'],
])('a missing field, %s, is found at the nearest part of its path', (path, rest) => {
  expect(found(text, path)).toBe(rest);
});

test('the second document, the item of a List, JSON, a block of a guide', () => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { a: 1 }\n';
  expect(found(`${pod}---\n${pod.replace('a: 1', 'a: 2')}`, 'spec.a', 'a.yaml', 1)).toBe('a: 2 }');
  const list = `apiVersion: v1\nkind: List\nitems:\n${[1, 2].map((n) => `- ${pod.replace('a: 1', `a: ${n}`).trim().replaceAll('\n', '\n  ')}`).join('\n')}`;
  expect(found(list, 'spec.a', 'a.yaml', 1)).toBe('a: 2 }');
  expect(
    found(
      '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"spec": {"a":\t[1,\n\t2]}\n}',
      'spec.a[1]',
      'a.json',
    ),
  ).toBe('2]}');
  expect(
    found(`# Guide\n\n1. Do:\n   \`\`\`yaml\n   ${pod.replaceAll('\n', '\n   ')}\`\`\`\n`, 'spec.a', 'a.md'),
  ).toBe('a: 1 }');
});

test('fields of one text are found together', () => {
  const origin = readText(text, 'a.yaml').manifests[0]?.origin ?? { file: '' };
  const places = locate(['spec.data', 'kind', 'spec.data'].map((path) => ({ origin, path })));
  expect(places.map((place) => place?.line)).toEqual([14, 4, 14]);
});

test('an object that was made in memory has no place', () => {
  expect(locate([{ origin: { file: 'chart' }, path: 'spec' }])).toEqual([undefined]);
});
