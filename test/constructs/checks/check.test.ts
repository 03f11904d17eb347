import { checkManifests, type JsonObject, type Rule, rules } from '../../../constructs/checks';

const everyObject: Rule = {
  id: 'test/every-object',
  severity: 'warning',
  description: 'Every object.',
  *check(model) {
    for (const object of model.objects.toReversed()) {
      for (const path of ['spec.b', 'spec.a[10]', 'spec.a[9]'])
        yield { object, path, message: 'It is there.', fix: 'Leave it out.' };
    }
  },
};
const pod = (
  name: string,
  annotations: Record<string, string> = {},
  template: Record<string, string> = {},
): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, annotations },
  spec: { template: { metadata: { annotations: template }, spec: { containers: [] } } },
});
const annotation = 'allow.polypod.dev/test.every-object';
const check = (...manifests: JsonObject[]) => checkManifests(manifests, { rules: [everyObject] });

test('findings come in the order of the input, then of paths', () => {
  const found = check(pod('b'), pod('a')).findings.map(({ object, path }) => `${object.name} ${path}`);
  expect(found).toEqual(
    ['b', 'a'].flatMap((name) => ['spec.a[9]', 'spec.a[10]', 'spec.b'].map((path) => `${name} ${path}`)),
  );
});

test.each([
  ['the object', pod('a', { [annotation]: 'because' })],
  ['its pod template', pod('a', {}, { [annotation]: ' because ' })],
])('an annotation with a reason on %s allows its findings, and no others', (_where, allowed) => {
  const { findings, suppressed } = check(allowed, pod('b'));
  expect(findings.map(({ object }) => object.name)).toEqual(['b', 'b', 'b']);
  expect(suppressed.map(({ reason }) => reason)).toEqual(['because', 'because', 'because']);
});

test('without a reason the rule stays on, and says why', () => {
  const { findings, suppressed } = check(pod('a', { [annotation]: ' ' }));
  expect(suppressed).toEqual([]);
  expect(findings[0]?.message).toContain(`${annotation} gives no reason`);
});

test('Lists are taken apart, and what is no object is left alone', () => {
  const list = { apiVersion: 'v1', kind: 'List', items: [pod('a'), { some: 'thing' }, null] };
  expect(check(list, {})).toMatchObject({ objects: 1, findings: [{}, {}, {}] });
});

test('each rule has an id of its own, area/what-is-wrong, and says in one sentence what it finds', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { id, description } of rules) {
    expect(id).toMatch(/^[a-z]+\/[a-z]+(?:-[a-z]+)*$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
});
