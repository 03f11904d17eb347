import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Provider } from '@pulumi/kubernetes';
import type * as core from '@pulumi/kubernetes/core/v1';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart, Include, Lazy, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { asNumber, asString, contentHash, KubernetesChart } from '../../../constructs/bridge';
import { opened, runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { add, chartOf, configMap, deploy, resourcesOf, unknown } from './deploy';

/** A little application as anyone would write it, with all that a cloud says about it as props. */
class Shop extends Construct {
  constructor(
    scope: Construct,
    props: { image: string; host: string; port: number; password: string; replicas: number; zones: unknown },
  ) {
    super(scope, 'shop');
    const chart = Chart.of(this);
    const config = Yaml.stringify({ database: { host: props.host, port: props.port } });
    configMap(chart, { 'config.yaml': config });
    add(chart, 'v1', 'Secret', 'database', {
      data: { password: Buffer.from(props.password).toString('base64') },
      stringData: {
        url: `postgres://shop:${encodeURIComponent(props.password)}@${props.host}:${props.port}/shop`,
      },
    });
    add(chart, 'apps/v1', 'Deployment', 'shop', {
      spec: {
        replicas: props.replicas,
        template: {
          metadata: { annotations: { 'checksum/config': contentHash(config) } },
          spec: {
            affinity: props.zones,
            containers: [{ name: 'shop', image: props.image, ports: [{ containerPort: props.port }] }],
          },
        },
      },
    });
  }
}

const literal = {
  image: 'registry.example.com/shop@sha256:abc',
  host: 'db.example.com',
  port: 5432,
  password: 'p@ss/"w: #rd',
  replicas: 3,
  zones: { z: ['b', 'a'], a: 1 },
};
const tokens = () => ({
  image: `${asString(pulumi.output('registry.example.com/shop'))}@${asString(pulumi.output('sha256:abc'))}`,
  host: asString(pulumi.output(literal.host)),
  port: asNumber(pulumi.output(literal.port)),
  password: asString(pulumi.secret(literal.password)),
  replicas: asNumber(pulumi.output(literal.replicas)),
  zones: pulumi.output(literal.zones),
});

test('what reaches the cluster is byte for byte what plain cdk8s writes for the same values', async () => {
  const resources = await deploy((chart) => new Shop(chart, tokens()));
  const plain = chartOf((chart) => new Shop(chart, literal)).toJson();
  const byName = (a: { kind: string }, b: { kind: string }) => (a.kind < b.kind ? -1 : 1);
  const bridged = resources.map(({ inputs }) => inputs as { kind: string }).sort(byName);
  expect(Yaml.stringify(...bridged.map(sorted))).toBe(Yaml.stringify(...plain.sort(byName).map(sorted)));
});

/** A registration's fields come in no order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

test('a chart of typed objects takes Outputs by token, and raw ones where any value may stand', async () => {
  const chart = chartOf((chart) => new Shop(chart, { ...tokens(), host: asString(unknown<string>()) }));
  const resources = await resourcesOf(() => new KubernetesChart('shop', { chart, check: false }), {
    mode: 'preview',
  });
  const unknowns = Object.fromEntries(
    resources.map(({ type, unknowns }) => [type.split(':').at(-1), unknowns]),
  );
  expect(unknowns).toMatchObject({
    ConfigMap: ['data.config.yaml'],
    Deployment: ['spec.template.metadata.annotations.checksum/config'],
  });
});

test('each object becomes one resource of its own class, below the component', async () => {
  const { resources } = await runProgram(() => {
    const chart = chartOf((chart) => {
      configMap(chart, {});
      add(chart, 'cert-manager.io/v1', 'Certificate', 'tls', { spec: { secretName: 'tls' } });
    });
    new KubernetesChart('web', { chart, check: false });
  });
  const seen = resources.map(({ type, name, parent }) => `${type} ${name} in ${parent.split('::').at(-1)}`);
  expect(seen.sort()).toEqual([
    'kubernetes:cert-manager.io/v1:Certificate web/Certificate.cert-manager.io/llm/tls in web',
    'kubernetes:core/v1:ConfigMap web/ConfigMap/llm/config in web',
    'polypod:kubernetes:Chart web in ',
  ]);
});

test('the provider is the component’s', async () => {
  const resources = await resourcesOf(() => {
    const provider = new Provider('elsewhere', { kubeconfig: '{}' });
    new KubernetesChart(
      'web',
      { chart: chartOf((chart) => configMap(chart, {})), check: false },
      { provider },
    );
  });
  const map = resources.find(({ type }) => type.endsWith(':ConfigMap'));
  expect(map?.provider).toMatch(/providers:kubernetes::elsewhere::/);
});

test('names stay when unrelated objects come, and are free of what only the cloud knows', async () => {
  const namespace = asString(unknown<string>());
  const fill = (chart: Chart) =>
    add(chart, 'v1', 'ConfigMap', `x-${asString(unknown<string>())}`, { data: {} }).metadata.addLabel(
      'a',
      'b',
    );
  const names = async (more: (chart: Chart) => unknown) => {
    const chart = chartOf((chart) => {
      fill(new Chart(chart, 'inner', { namespace }));
      more(chart);
      configMap(chart, {}, 'stays');
    });
    const resources = await resourcesOf(() => new KubernetesChart('web', { chart, check: false }), {
      mode: 'preview',
    });
    return resources.map(({ name }) => name);
  };
  const before = await names(() => undefined);
  const after = await names((chart) => configMap(chart, {}, 'new'));
  expect(before).toEqual(['web/ConfigMap/llm/stays', 'web/ConfigMap/test/inner/ConfigMap0']);
  expect(after).toEqual(expect.arrayContaining(before));
});

test('two deployments of the same chart stand side by side', async () => {
  const resources = await resourcesOf(() => {
    for (const name of ['europe', 'america']) {
      new KubernetesChart(name, { chart: chartOf((chart) => configMap(chart, {})), check: false });
    }
  });
  expect(resources.map(({ name }) => name)).toEqual([
    'america/ConfigMap/llm/config',
    'europe/ConfigMap/llm/config',
  ]);
});

test('included manifests and nested charts come along', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'bridge-')), 'included.yaml');
  writeFileSync(
    file,
    Yaml.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'included' }, data: {} }),
  );
  const resources = await deploy((chart) => {
    new Include(chart, 'include', { url: file });
    configMap(new Chart(chart, 'nested'), {}, 'nested');
  });
  expect(resources.map(({ name }) => name)).toEqual(['web/ConfigMap/llm/included', 'web/ConfigMap/nested']);
});

test('no field gets lost that the class does not know, but the status, which is not the user’s to write', async () => {
  const [resource] = await deploy((chart) =>
    add(chart, 'v1', 'ConfigMap', 'config', {
      data: { a: 'b' },
      newerField: { x: 1 },
      status: { phase: 'x' },
    }),
  );
  expect(resource?.inputs).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config', namespace: 'llm' },
    data: { a: 'b' },
    newerField: { x: 1 },
  });
});

test('every value of a Secret is secret by itself, whether it came from a secret or not', async () => {
  const [resource] = await deploy(
    (chart) =>
      add(chart, 'v1', 'Secret', 's', {
        stringData: {
          a: 'plain',
          b: asString(pulumi.secret('hidden-hidden')),
          c: asString(unknown<string>()),
        },
      }),
    {},
    'preview',
  );
  expect(resource?.inputs.stringData).toEqual({ a: 'plain', b: 'hidden-hidden', c: UNKNOWN });
  expect(resource?.secrets).toEqual(['stringData.a', 'stringData.b', 'stringData.c']);
  expect(resource?.unknowns).toEqual(['stringData.c']);
});

test('a Secret whose data is one Output is secret as a whole', async () => {
  const [resource] = await deploy((chart) =>
    add(chart, 'v1', 'Secret', 's', { data: pulumi.output({ a: 'Yg==' }) }),
  );
  expect(resource?.inputs.data).toEqual({ a: 'Yg==' });
  expect(resource?.secrets).toEqual(['data']);
});

test('Outputs that a Lazy brings late come through', async () => {
  const late = Lazy.any({ produce: () => ({ a: pulumi.output('x') }) });
  const [resource] = await deploy((chart) => configMap(chart, late));
  expect(resource?.inputs.data).toEqual({ a: 'x' });
});

test('labels and annotations may be one Output', async () => {
  const [resource] = await deploy((chart) =>
    add(chart, 'v1', 'ConfigMap', 'x', {
      metadata: { name: 'x', labels: pulumi.output({ a: 'b' }), annotations: pulumi.secret({ c: 'd' }) },
    }),
  );
  expect(resource?.inputs.metadata).toEqual({
    name: 'x',
    namespace: 'llm',
    labels: { a: 'b' },
    annotations: { c: 'd' },
  });
  expect(resource?.secrets).toEqual(['metadata.annotations']);
});

/** As the classes that `cdk8s import` generates do it: they resolve, then copy maps entry by entry. */
class Generated extends ApiObject {
  override toJson() {
    const json = super.toJson();
    return { ...json, data: Object.fromEntries(Object.entries(json.data)) };
  }
}
const generated = (chart: Chart, data: unknown) =>
  new Generated(chart, 'generated', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data });

test('an Output in place of a map comes through generated classes', async () => {
  const [resource] = await deploy((chart) => generated(chart, pulumi.secret({ a: 'b' })));
  expect(resource?.inputs.data).toEqual({ a: 'b' });
  expect(resource?.secrets).toEqual(['data']);
});

test('a plain synth of the same app still refuses raw Outputs', async () => {
  const chart = chartOf((chart) => configMap(chart, { a: pulumi.output('x') }));
  await resourcesOf(() => new KubernetesChart('web', { chart, check: false }));
  expect(() => chart.toJson()).toThrow("can't render non-simple object of type 'OutputImpl'");
});

test('the caller’s options lie over those that the kind calls for', async () => {
  const resources = await deploy(
    (chart) => {
      configMap(chart, {}, 'one');
      add(chart, 'v1', 'PersistentVolumeClaim', 'models', { spec: {} });
    },
    {
      resourceOptions: ({ apiObject }) =>
        apiObject.kind === 'PersistentVolumeClaim'
          ? { protect: true, retainOnDelete: false, ignoreChanges: ['spec.resources'] }
          : undefined,
    },
  );
  expect(resources).toMatchObject([
    { protect: false, ignoreChanges: [] },
    { protect: true, retainOnDelete: false, ignoreChanges: ['spec.resources'] },
  ]);
});

test('a resource can be had by its object, with the outputs that its cluster gave', async () => {
  const { result } = await runProgram(
    () => {
      const chart = new Chart(new App(), 'test');
      const service = add(chart, 'v1', 'Service', 'web', { spec: {} });
      const deployed = new KubernetesChart('web', { chart, check: false });
      expect(() => deployed.resourceOf(add(chart, 'v1', 'Service', 'late'))).toThrow(
        'test/Service1 is not in the chart',
      );
      const { status } = deployed.resourceOf(service) as core.Service;
      return status.apply(({ loadBalancer }) => loadBalancer.ingress[0]?.ip);
    },
    { outputs: () => ({ status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }) },
  );
  expect(await opened(result)).toEqual({ value: '192.0.2.1', secret: false });
});

test('a manifest waits for the resources whose Outputs stand in it', async () => {
  const resources = await resourcesOf(() => {
    const first = chartOf((chart) => configMap(chart, {}, 'first'));
    const deployed = new KubernetesChart('one', { chart: first, check: false });
    const name = first.apiObjects[0] && deployed.resourceOf(first.apiObjects[0]).urn;
    const second = chartOf((chart) => configMap(chart, { name: `x ${asString(name ?? '')}` }, 'second'));
    new KubernetesChart('two', { chart: second, check: false });
  });
  expect(resources[1]?.dependencies).toEqual([resources[0]?.urn]);
});

test('the rules of polypod check run unless they are switched off', async () => {
  const shared = (chart: Chart) => {
    add(chart, 'v1', 'PersistentVolumeClaim', 'data', { spec: { accessModes: ['ReadWriteOnce'] } });
    add(chart, 'apps/v1', 'Deployment', 'web', {
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              { name: 'web', image: 'nginx:1.29', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
            ],
            volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
          },
        },
      },
    });
  };
  await expect(deploy(shared, { check: undefined })).rejects.toThrow('storage/single-writer-volume-shared');
  expect(await deploy(shared, { check: false })).toHaveLength(2);
});
