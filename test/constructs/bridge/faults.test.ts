import * as pulumi from '@pulumi/pulumi';
import { type Chart, JsonPatch } from 'cdk8s';
import { asNumber, asString, type CheckFinding, KubernetesChart } from '../../../constructs/bridge';
import { scalar } from '../../../constructs/bridge/outputs';
import { InvalidInputError, type Problem } from '../../../constructs/contracts';
import { runProgram } from '../../support/pulumi-mocks';
import { add, chartOf, configMap, deploy } from './deploy';

/** What the bridge says of a chart, after making sure that it registered nothing. */
async function problemsOf(fill: (chart: Chart) => unknown): Promise<readonly Problem[]> {
  let problems: readonly Problem[] = [];
  const { resources } = await runProgram(() => {
    try {
      new KubernetesChart('web', { chart: chartOf(fill), check: false });
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      problems = error.problems;
    }
  });
  expect(resources).toEqual([]);
  return problems;
}

const output = pulumi.output('value');
/** Pulumi's way to say "don't": a text that explains, in place of the value. */
const accidental = `${output}`;

describe('an Output that was turned into text by accident is refused', () => {
  test.each([
    ['in a template literal', `http://${output}:80`],
    ['by JSON.stringify', JSON.stringify({ host: output })],
    ['in base64', Buffer.from(`user:${output}`).toString('base64')],
    ['in base64 inside JSON', JSON.stringify({ auth: Buffer.from(`user:${output}`).toString('base64') })],
    ['and cut to a label', accidental.slice(0, 63)],
    ['and made a name', accidental.toLowerCase().replace(/[^a-z0-9-]/g, '')],
  ])('%s', async (_, text) => {
    const [problem, ...others] = await problemsOf((chart) => configMap(chart, { 'app.yaml': text }));
    expect(problem?.path).toBe('ConfigMap llm/config: data["app.yaml"]');
    expect(problem?.reason).toContain('an Output was turned into text');
    expect(problem?.mend).toContain('asString(output)');
    expect(others).toEqual([]);
  });

  test('as the name of a field', async () => {
    const [problem] = await problemsOf((chart) => configMap(chart, { [accidental]: 'x' }));
    expect(problem?.reason).toContain('an Output was turned into text');
  });

  test('in a JSON patch', async () => {
    const [problem] = await problemsOf((chart) =>
      configMap(chart, { a: 'b' }).addJsonPatch(JsonPatch.replace('/data/a', output)),
    );
    expect(problem?.path).toBe('ConfigMap llm/config: data.a');
  });
});

describe('a placeholder that can not be put back is refused', () => {
  const token = asString(output);
  test.each([
    ['in capitals', token.toUpperCase()],
    ['in lower case', token.toLowerCase()],
    ['cut at the end', token.slice(0, -1)],
    ['cut at the start', token.slice(1)],
    ['in base64 of a part', `Basic ${Buffer.from(`me:${token}`).toString('base64')}`],
    ['in base64 with text before it', `x${Buffer.from(` ${token}`).toString('base64')}`],
    ['escaped for HTML', token.replace('&', '&amp;')],
  ])('%s', async (_, text) => {
    const [problem] = await problemsOf((chart) => configMap(chart, { key: `before ${text} after` }));
    expect(problem?.path).toBe('ConfigMap llm/config: data.key');
    expect(problem?.reason).toContain('placeholder');
  });

  test('as the name of a field, with the path of it', async () => {
    const [problem] = await problemsOf((chart) =>
      add(chart, 'v1', 'Pod', 'p', { spec: { nodeSelector: { [`zone-${token}`]: 'a' } } }),
    );
    expect(problem?.path).toBe(`Pod llm/p: spec.nodeSelector["zone-${token}"]`);
    expect(problem?.reason).toContain('names must be known');
  });

  test('when a number was computed from it', async () => {
    const port = asNumber(pulumi.output(80));
    const problems = await problemsOf((chart) =>
      add(chart, 'v1', 'Service', 's', {
        spec: {
          ports: [
            { port, targetPort: port + 1 },
            { port: port - 1, name: `p${port + 2}` },
          ],
        },
      }),
    );
    expect(problems.map(({ path }) => path)).toEqual([
      'Service llm/s: spec.ports[0].targetPort',
      'Service llm/s: spec.ports[1].name',
      'Service llm/s: spec.ports[1].port',
    ]);
  });

  test('when this program never gave it out', async () => {
    const [problem] = await problemsOf((chart) => configMap(chart, { a: '&PolypodOutput999999_' }));
    expect(problem?.reason).toContain('did not give out');
  });

  test('where it stands for a kind', async () => {
    const [problem] = await problemsOf((chart) => add(chart, 'v1', token, 'x'));
    expect(problem?.reason).toContain('kind of an object must be known');
  });
});

test.each([
  ['metadata', { metadata: pulumi.output({ name: 'x' }) }],
  ['labels beside those of the chart', { metadata: { name: 'x', labels: { ...output, own: 'label' } } }],
  ['a map, spelled out and merged', { data: { ...[...asString(output)], own: 'x' } }],
])('an Output in place of %s is refused, since cdk8s merges them', async (_, rest) => {
  const problems = await problemsOf((chart) => add(chart, 'v1', 'ConfigMap', 'x', rest));
  expect(problems.map(({ reason }) => reason).join()).toContain('merged with other fields');
});

test('everything wrong is said at once, with object, field, reason and mend, and no secret', async () => {
  const password = pulumi.secret('hunter2-hunter2');
  const chart = chartOf((chart) => {
    configMap(chart, { a: `${password}`, b: asString(password).toUpperCase() }, 'one');
    configMap(chart, {}, 'two');
    configMap(chart, {}, 'two');
    add(chart, 'v1', 'ConfigMapList', 'list', { items: [] });
  });
  const deployment = () => new KubernetesChart('web', { chart, check: false });
  expect(deployment).toThrow(InvalidInputError);
  expect(deployment).toThrow(/^test: 4 problems\n/);
  expect(deployment).toThrow(/ConfigMap llm\/one: data\.a/);
  expect(deployment).toThrow(/ConfigMap llm\/one: data\.b/);
  expect(deployment).toThrow('test/ConfigMap2\n    is the same object as test/ConfigMap1: ConfigMap llm/two');
  expect(deployment).toThrow('give each item as an object of its own');
  expect(deployment).not.toThrow(/hunter2/);
});

test('what constructs refuse themselves is said too, for all constructs', async () => {
  const problems = await problemsOf((chart) => {
    configMap(chart, {}).node.addValidation({ validate: () => ['is too short', 'is too long'] });
    add(chart, 'v1', 'Service', 's', { spec: { ports: [new Date(0)] } });
  });
  expect(problems.map(({ path }) => path)).toEqual(['test/ConfigMap0', 'test/ConfigMap0', 'test/Service1']);
  expect(problems.map(({ reason }) => reason).join()).toMatch(/too short.*too long.*'Date'/s);
});

test.each([
  ['a text for a number', '80', 'number', 'a number, and came out as string'],
  ['NaN for a number', Number.NaN, 'number', 'a number, and came out as number'],
  ['nothing for a text', undefined, 'text', 'a text, number or boolean, and came out as undefined'],
  ['null for a text', null, 'text', 'a text, number or boolean, and came out as null'],
  ['a map for a text', {}, 'text', 'a text, number or boolean, and came out as object'],
  ['a list in a text', [], 'value', 'a text, number or boolean, and came out as an array'],
] as const)('an Output that brings %s fails with the path of the field', (_, value, as, reason) => {
  expect(() => scalar(value, as, 'ConfigMap llm/config: data.a')).toThrow(
    `ConfigMap llm/config: data.a: the Output must be ${reason}`,
  );
});

describe('the check', () => {
  const finding = (severity: 'error' | 'warning'): CheckFinding => ({
    rule: 'area/rule',
    severity,
    object: { kind: 'ConfigMap', namespace: 'llm', name: 'config' },
    path: 'data.a',
    message: 'It breaks.',
    fix: 'Mend it.',
  });

  test('sees the manifests with placeholders, and its errors stop everything', async () => {
    const seen: unknown[] = [];
    const host = asString(output);
    const deployment = deploy((chart) => configMap(chart, { a: host }), {
      check: (manifests) => {
        seen.push(...manifests);
        return [finding('error')];
      },
    });
    await expect(deployment).rejects.toThrow(
      'ConfigMap llm/config: data.a\n    It breaks. (area/rule)\n    → Mend it.',
    );
    expect(seen).toEqual([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'config', namespace: 'llm' },
        data: { a: host },
      },
    ]);
  });

  test('logs warnings and goes on', async () => {
    const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
    const resources = await deploy((chart) => configMap(chart, { a: 'b' }), {
      check: () => [finding('warning')],
    });
    expect(resources).toHaveLength(1);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      'ConfigMap llm/config: data.a: It breaks. (area/rule)\n→ Mend it.',
    ]);
    warn.mockRestore();
  });
});
