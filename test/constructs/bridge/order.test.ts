import { App, Chart } from 'cdk8s';
import { KubernetesChart } from '../../../constructs/bridge';
import type { Registered } from '../../support/pulumi-mocks';
import { add, configMap, deploy, resourcesOf } from './deploy';

/** `Kind/…/name → what it waits for`, by the names of resources without the component's. */
function waits(resources: readonly Registered[]): Record<string, string[]> {
  const short = (name: string) => name.replace(/^[^/]*\//, '');
  return Object.fromEntries(
    resources.map(({ name, dependencies }) => [
      short(name),
      dependencies.map((urn) => short(urn.split('::').at(-1) ?? '')).sort(),
    ]),
  );
}

const claim = (storageClassName: string) => ({ spec: { accessModes: ['ReadWriteMany'], storageClassName } });

test('namespaces, kinds and storage classes come before what uses them, wherever they stand in the chart', async () => {
  const resources = await deploy((chart) => {
    add(chart, 'v1', 'PersistentVolumeClaim', 'models', claim('efs'));
    add(chart, 'apps/v1', 'StatefulSet', 'db', {
      spec: { volumeClaimTemplates: [{ metadata: {}, ...claim('gp3') }] },
    });
    add(chart, 'example.com/v1', 'Thing', 'thing');
    add(chart, 'other.com/v1', 'Thing', 'other');
    add(chart, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'things.example.com', {
      spec: { group: 'example.com', names: { kind: 'Thing' } },
    });
    add(chart, 'storage.k8s.io/v1', 'StorageClass', 'efs');
    add(chart, 'storage.k8s.io/v1', 'StorageClass', 'gp3');
    add(chart, 'v1', 'Namespace', 'llm');
    add(chart, 'v1', 'Namespace', 'elsewhere');
  });
  const definition = 'CustomResourceDefinition/llm/things.example.com';
  expect(waits(resources)).toMatchObject({
    'PersistentVolumeClaim/llm/models': ['Namespace/llm/llm', 'StorageClass/llm/efs'],
    'StatefulSet/llm/db': ['Namespace/llm/llm', 'StorageClass/llm/gp3'],
    'Thing.example.com/llm/thing': [definition, 'Namespace/llm/llm'],
    'Thing.other.com/llm/other': ['Namespace/llm/llm'],
    'Namespace/llm/llm': [],
  });
});

test('dependencies between constructs hold between all their objects', async () => {
  const resources = await resourcesOf(() => {
    const app = new App();
    const web = new Chart(app, 'web');
    const data = new Chart(app, 'data');
    const nested = new Chart(data, 'nested');
    configMap(web, {}, 'a');
    configMap(web, {}, 'b').addDependency(configMap(web, {}, 'c'));
    configMap(data, {}, 'x');
    configMap(nested, {}, 'y');
    web.addDependency(data);
    new KubernetesChart('app', { chart: app, check: false });
  });
  expect(waits(resources)).toEqual({
    'ConfigMap/a': ['ConfigMap/x', 'ConfigMap/y'],
    'ConfigMap/b': ['ConfigMap/c', 'ConfigMap/x', 'ConfigMap/y'],
    'ConfigMap/c': ['ConfigMap/x', 'ConfigMap/y'],
    'ConfigMap/x': [],
    'ConfigMap/y': [],
  });
});

test('a chart waits for the objects of a chart that was deployed before', async () => {
  const resources = await resourcesOf(() => {
    const app = new App();
    const [web, data] = [new Chart(app, 'web'), new Chart(app, 'data')];
    configMap(web, {}, 'a').addDependency(configMap(data, {}, 'x'));
    new KubernetesChart('data', { chart: data, check: false });
    new KubernetesChart('web', { chart: web, check: false });
  });
  expect(waits(resources)).toEqual({ 'ConfigMap/a': ['ConfigMap/x'], 'ConfigMap/x': [] });
});

test('a chart that depends on one which is not deployed is refused', async () => {
  const program = () => {
    const app = new App();
    const [web, data] = [new Chart(app, 'web'), new Chart(app, 'data')];
    configMap(web, {}).addDependency(configMap(data, {}));
    new KubernetesChart('web', { chart: web, check: false });
  };
  expect(program).toThrow(
    'web/ConfigMap0\n    depends on data/ConfigMap0, which is in a chart that is not deployed',
  );
});

test('what the chart says of order stands above what kinds call for', async () => {
  const resources = await deploy((chart) => {
    const first = configMap(chart, {}, 'first');
    add(chart, 'v1', 'Namespace', 'llm').addDependency(first);
    configMap(chart, {}, 'second');
  });
  expect(waits(resources)).toEqual({
    'ConfigMap/llm/first': [],
    'ConfigMap/llm/second': ['Namespace/llm/llm'],
    'Namespace/llm/llm': ['ConfigMap/llm/first'],
  });
});

test('a circle is refused, with its objects in order', async () => {
  const deployment = deploy((chart) => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => configMap(chart, {}, name));
    if (!a || !b || !c) return;
    a.addDependency(b);
    b.addDependency(c);
    c.addDependency(a);
  });
  await expect(deployment).rejects.toThrow(
    'needs itself: test/ConfigMap0 → test/ConfigMap1 → test/ConfigMap2 → test/ConfigMap0',
  );
});

test('a dependency on what lies within, as cdk8s puts on nested charts when it writes files, makes no circle', async () => {
  const resources = await resourcesOf(() => {
    const app = new App();
    const outer = new Chart(app, 'outer');
    const inner = new Chart(outer, 'inner');
    configMap(outer, {}, 'outside');
    configMap(inner, {}, 'a');
    configMap(inner, {}, 'b');
    app.synthYaml();
    expect(outer.node.dependencies).toContain(inner);
    new KubernetesChart('app', { chart: app, check: false });
  });
  expect(waits(resources)).toEqual({
    'ConfigMap/a': [],
    'ConfigMap/b': [],
    'ConfigMap/outside': ['ConfigMap/a', 'ConfigMap/b'],
  });
});
