import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { loadAll } from 'js-yaml';
import type { ConfigMap, Container, PodTemplateSpec } from 'kubernetes-types/core/v1';
import { InferenceDeployment, InferenceStatefulSet } from '../../../../constructs/kubernetes';
import { polypod } from '../../../support/polypod';
import { temporaryFolder } from '../../../support/temporary-folder';
import { chart, gguf, modelNode, node, safetensors, vllm } from '../fixtures';

const ROOT = join(__dirname, '../../../..');
const folder = temporaryFolder();

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: ConfigMap['data'];
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly leaderWorkerTemplate?: { readonly leaderTemplate: PodTemplateSpec };
  };
}

interface Written {
  readonly name: string;
  readonly config: string;
  readonly container: Container;
}

/** Containers of the runtime, each with the configuration file that it mounts. */
function runtimes(manifests: readonly Manifest[]): Written[] {
  const maps = new Map(manifests.map((each) => [`${each.kind}/${each.metadata.name}`, each.data]));
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const pod = (spec?.leaderWorkerTemplate?.leaderTemplate ?? spec?.template)?.spec;
    const map = pod?.volumes?.find(({ name }) => name === 'config')?.configMap?.name;
    const config = map === undefined ? undefined : maps.get(`ConfigMap/${map}`)?.['config.yaml'];
    if (!pod || config === undefined) return [];
    return [...(pod.initContainers ?? []), ...pod.containers]
      .filter(({ name }) => name === 'runtime' || name === 'fetch-models')
      .map((container) => ({ name: `${kind}/${metadata.name}/${container.name}`, config, container }));
  });
}

/** Reads each configuration under its environment with the runtime's own loader; prints what is wrong with each. */
const LOAD_ALL = `
import { text } from 'node:stream/consumers';
import { loadConfig } from ${JSON.stringify(join(ROOT, 'runtime/dist/src/config/load-config.js'))};
const problems = [];
for (const { file, environment } of JSON.parse(await text(process.stdin))) {
  const problem = await loadConfig({ path: file, required: true }, environment).then(() => '', (error) => error.message);
  problems.push(problem);
}
console.log(JSON.stringify(problems));
`;

/** What the runtime, as it is built, finds wrong with configurations in the environments of their containers. */
function problemsOf(written: readonly Written[]): { readonly name: string; readonly problem: string }[] {
  const input = written.map(({ config, container }, index) => {
    const file = join(folder.path, `config-${index}.yaml`);
    writeFileSync(file, config);
    const environment = (container.env ?? []).map(({ name, value }) => [name, value ?? 'x']);
    return { file, environment: Object.fromEntries(environment) };
  });
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', LOAD_ALL], {
    encoding: 'utf8',
    input: JSON.stringify(input),
  });
  expect(stderr).toBe('');
  const problems: string[] = JSON.parse(stdout);
  return written.map(({ name }, index) => ({ name, problem: problems[index] ?? 'unread' }));
}

beforeAll(() => {
  spawnSync('npm', ['run', '--silent', 'build', '-w', 'runtime'], { cwd: ROOT, stdio: 'inherit' });
}, 120_000);

test('the runtime accepts every configuration that comes of the examples', () => {
  polypod(['synth', join(ROOT, 'examples/topologies'), '-o', folder.path]);
  const files = readdirSync(folder.path).filter((name) => name.endsWith('.k8s.yaml'));
  const written = files.flatMap((name) =>
    runtimes(loadAll(readFileSync(join(folder.path, name), 'utf8')) as Manifest[]),
  );
  expect(written.length).toBeGreaterThan(files.length);
  expect(problemsOf(written).filter(({ problem }) => problem !== '')).toEqual([]);
}, 120_000);

test('the runtime accepts all that a model and an engine can say', () => {
  const charts = [
    new InferenceStatefulSet(chart(), 'embedded', {
      ...modelNode,
      models: [{ ...gguf, revision: 'v1', sha256: 'A'.repeat(64), contextLength: 32_768, sequences: 8 }],
      engine: { name: 'llama.cpp', threads: 3, gpu: { count: 1 } },
    }),
    new InferenceStatefulSet(chart(), 'beside', {
      ...modelNode,
      models: [{ ...safetensors, revision: 'main', sequences: 1024 }],
      engine: vllm,
    }),
    new InferenceDeployment(chart(), 'gateway', { ...node, role: 'gateway' }),
  ];
  const written = charts.flatMap((construct) => runtimes(Chart.of(construct).toJson()));
  expect(written.length).toBeGreaterThanOrEqual(5);
  expect(problemsOf(written).filter(({ problem }) => problem !== '')).toEqual([]);
});

test('a configuration that the runtime refuses would be noticed here', () => {
  const config =
    'models: [{id: a, source: "hf:o/r/m.gguf", contextLength: 1}]\nengine: {name: nothing, url: x}\n';
  const [found] = problemsOf([{ name: 'x', config, container: { name: 'runtime' } }]);
  expect(found?.problem).toMatch(/3 problems/);
});
