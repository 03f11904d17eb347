import { App } from 'cdk8s';
import { InferenceChart, inferenceTopology } from '../../../stacks/inference/inference-chart';
import { type InferenceTopology, readTopologyFile } from '../../../stacks/topology';
import { runtimeConfigOf } from '../../support/runtime-config';
import { manifestsOf } from '../../support/strict-validation';

/** The commented topologies of docs/ollamamax.md, held to what the guide has. */
const CLOUDS = ['aws', 'gcp', 'azure', 'local'] as const;

type Input = Parameters<typeof inferenceTopology>[0];

function topologyOf(cloud: string): InferenceTopology {
  const [topology] = readTopologyFile(`examples/topologies/ollamamax-${cloud}.yaml`);
  if (topology?.kind !== 'Inference') throw new Error('an inference topology');
  return topology;
}

function objectsOf(topology: InferenceTopology): Record<string, unknown> {
  const chart = new InferenceChart(new App(), 'cluster', topology);
  return Object.fromEntries(
    manifestsOf(chart).map((object) => [`${object.kind}/${object.metadata?.name}`, object]),
  );
}

describe.each(CLOUDS)('on %s', (cloud) => {
  const topology = topologyOf(cloud);
  const { name } = topology;
  const objects = JSON.parse(JSON.stringify(objectsOf(topology)));
  const pod = objects[`StatefulSet/${name}`].spec.template.spec;
  const runtime = pod.containers.find((one: { name: string }) => one.name === 'runtime');

  test('three to ten nodes at 70 % CPU and 80 % memory, two up and one down a minute, after 300 s', () => {
    const rule = (value: number) => ({
      stabilizationWindowSeconds: 300,
      policies: [{ type: 'Pods', value, periodSeconds: 60 }],
    });
    const { spec } = objects[`HorizontalPodAutoscaler/${name}`];
    expect(spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 10,
      behavior: { scaleUp: rule(2), scaleDown: rule(1) },
    });
    expect(JSON.stringify(spec.metrics)).toMatch(/"cpu".*70.*"memory".*80/);
  });

  test("the guide's ports and probes", () => {
    expect(
      runtime.ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
    ).toEqual([
      ['api', 8080],
      ['metrics', 9090],
      ['peer', 4001],
    ]);
    expect(runtime.livenessProbe).toMatchObject({
      httpGet: { path: '/api/v1/health', port: 'api' },
      periodSeconds: 10,
      timeoutSeconds: 5,
    });
    expect(runtime.readinessProbe).toMatchObject({
      httpGet: { path: '/api/v1/ready', port: 'api' },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    });
    expect(runtime.startupProbe).toMatchObject({
      httpGet: { path: '/api/v1/startup', port: 'api' },
      periodSeconds: 10,
      timeoutSeconds: 5,
    });
  });

  test('a drain takes one node, and metrics are for the scraper alone', () => {
    expect(objects[`PodDisruptionBudget/${name}`].spec.maxUnavailable).toBe(1);
    const { ingress } = objects[`NetworkPolicy/${name}`].spec;
    const scraped = ingress.filter((rule: { ports: { port: number }[] }) =>
      rule.ports.some(({ port }) => port === 9090),
    );
    expect(JSON.stringify(scraped)).toContain('"kubernetes.io/metadata.name":"monitoring"');
    expect(scraped).toHaveLength(1);
  });

  test('the runtime reads its configuration', async () => {
    const chart = new InferenceChart(new App(), 'cluster', topology);
    const config = await runtimeConfigOf(manifestsOf(chart), name);
    expect(config.models.map(({ id }) => id)).toEqual(topology.models.map((model) => model.name));
    expect(config.role).toBe('all');
  });
});

test.each(['aws', 'gcp'])('on %s it is watched, and backed up at 2 for 30 days', (cloud) => {
  const topology = topologyOf(cloud);
  const { name } = topology;
  const objects = JSON.parse(JSON.stringify(objectsOf(topology)));
  expect(Object.keys(objects)).toEqual(
    expect.arrayContaining([
      `ServiceMonitor/${name}`,
      `PrometheusRule/${name}`,
      `ConfigMap/${name}-dashboard`,
    ]),
  );
  expect(objects[`CronJob/${name}-backup`].spec.schedule).toBe('0 2 * * *');
  expect(JSON.stringify(objects[`CronJob/${name}-backup`])).toContain('{"name":"KEEP","value":"30"}');
});

describe('what operators change, and all that it changes', () => {
  const BACKING = {
    image: 'ghcr.io/acme/polypod-runtime:0.1.0',
    storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/models' },
    cache: 'local',
    database: 'local',
  } satisfies Input['backing'];

  const objectsWith = (change: Partial<Input>) =>
    objectsOf(
      inferenceTopology({
        name: 'cluster',
        replicas: { min: 3, max: 10 },
        models: [{ name: 'tiny', source: 'hf:acme/tiny-GGUF/tiny.gguf', size: '2Gi' }],
        modelStore: { size: '50Gi' },
        resources: { requests: { cpu: 1, memory: '4Gi' }, limits: { memory: '8Gi' } },
        backing: BACKING,
        ...change,
      }),
    );
  const before = objectsWith({});

  /** Names of the objects that differ, once the topology is changed. */
  function changed(change: Partial<Input>): string[] {
    const after = objectsWith(change);
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  }

  test('more nodes: the autoscaler', () => {
    expect(changed({ replicas: { min: 5, max: 10 } })).toEqual(['HorizontalPodAutoscaler/cluster']);
  });

  test('larger nodes: the StatefulSet', () => {
    const resources = { requests: { cpu: 2, memory: '8Gi' }, limits: { cpu: 8, memory: '16Gi' } };
    // The file as well: a thread for each core.
    expect(changed({ resources })).toEqual(['ConfigMap/cluster-config', 'StatefulSet/cluster']);
  });

  test('more storage: the claim', () => {
    expect(changed({ modelStore: { size: '100Gi' } })).toEqual(['PersistentVolumeClaim/cluster-models']);
  });

  test('a new version: the StatefulSet, on some nodes first', () => {
    const update = (image: string, more: Partial<Input> = {}) =>
      changed({ backing: { ...BACKING, image }, ...more });
    expect(update('ghcr.io/acme/polypod-runtime:0.2.0')).toEqual(['StatefulSet/cluster']);
    expect(update('ghcr.io/acme/polypod-runtime:0.2.0', { update: { partition: 2 } })).toEqual([
      'StatefulSet/cluster',
    ]);
  });

  test('a configuration: the file, and with it the pods', () => {
    expect(changed({ runtime: { selfHealing: { failures: 3 } } })).toEqual([
      'ConfigMap/cluster-config',
      'StatefulSet/cluster',
    ]);
  });
});
