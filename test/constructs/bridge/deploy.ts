import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { KubernetesChart, type KubernetesChartArgs } from '../../../constructs/bridge';
import { type MockedCloud, type Registered, runProgram } from '../../support/pulumi-mocks';

/** A chart in an app of its own. */
export function chartOf(fill: (chart: Chart) => unknown, namespace = 'llm'): Chart {
  const chart = new Chart(new App(), 'test', { namespace, disableResourceNameHashes: true });
  fill(chart);
  return chart;
}

/** Adds an object of any kind. */
export function add(
  chart: Chart,
  apiVersion: string,
  kind: string,
  name: unknown,
  rest: object = {},
): ApiObject {
  const metadata = { name: name as string };
  return new ApiObject(chart, `${kind}${chart.node.children.length}`, {
    apiVersion,
    kind,
    metadata,
    ...rest,
  });
}

/** Adds a ConfigMap. */
export function configMap(chart: Chart, data: Record<string, unknown>, name = 'config'): ApiObject {
  return add(chart, 'v1', 'ConfigMap', name, { data });
}

/** The Kubernetes resources that a program registers on Pulumi's mocks, by name. */
export async function resourcesOf(
  program: () => unknown,
  cloud: MockedCloud = {},
): Promise<readonly Registered[]> {
  const { resources } = await runProgram(async () => {
    await program();
  }, cloud);
  return resources.filter(({ custom }) => custom).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Deploys one chart, unchecked, and gives its resources. */
export function deploy(
  fill: (chart: Chart) => unknown,
  args: Omit<KubernetesChartArgs, 'chart'> = {},
  mode: MockedCloud['mode'] = 'up',
): Promise<readonly Registered[]> {
  return resourcesOf(() => new KubernetesChart('web', { chart: chartOf(fill), check: false, ...args }), {
    mode,
  });
}

/** The `data` of a ConfigMap after its deployment. */
export async function deployedData(
  data: Record<string, unknown>,
  mode: MockedCloud['mode'] = 'up',
): Promise<Pick<Registered, 'secrets' | 'unknowns'> & { data: unknown }> {
  const [resource] = await deploy((chart) => configMap(chart, data), {}, mode);
  if (resource === undefined) throw new Error('nothing was registered');
  return { data: resource.inputs.data, secrets: resource.secrets, unknowns: resource.unknowns };
}

/** An Output that no preview knows. */
export function unknown<T>(): pulumi.Output<T> {
  return pulumi.output(pulumi.unknown as T) as pulumi.Output<T>;
}
