import type { Chart } from 'cdk8s';
import { apiObjectsOf } from '../../../constructs/bridge/chart-object';
import { resourceOptions } from '../../../constructs/bridge/resource-options';
import { add, chartOf, deploy } from './deploy';

/** The options of each object of a chart, by kind and name. */
function optionsOf(fill: (chart: Chart) => unknown, retainData = true) {
  const objects = apiObjectsOf(chartOf(fill)).map((apiObject) => ({
    apiObject,
    manifest: apiObject.toJson(),
  }));
  const options = resourceOptions(objects, retainData);
  return Object.fromEntries(
    objects.map((object) => [`${object.apiObject.kind}/${object.apiObject.name}`, options(object)]),
  );
}

const pods = (startupProbe: object | undefined, rest: object = {}) => ({
  spec: { ...rest, template: { spec: { containers: [{ name: 'a' }, { name: 'b', startupProbe }] } } },
});
const seconds = (value: number) => ({ customTimeouts: { create: `${value}s`, update: `${value}s` } });

test('a workload is awaited as long as its startup probe grants each pod, one after the other', () => {
  const probe = { initialDelaySeconds: 20, periodSeconds: 10, failureThreshold: 58 };
  const options = optionsOf((chart) => {
    add(chart, 'apps/v1', 'StatefulSet', 'three', pods(probe, { replicas: 3 }));
    add(chart, 'apps/v1', 'Deployment', 'one', pods(probe));
    add(chart, 'apps/v1', 'Deployment', 'quick', pods({ failureThreshold: 3 }, { replicas: 9 }));
    add(chart, 'apps/v1', 'Deployment', 'bare', pods(undefined, { replicas: 9 }));
  });
  expect(options).toEqual({
    'StatefulSet/three': seconds(3 * 600 + 300),
    'Deployment/one': seconds(600 + 300),
    'Deployment/quick': {},
    'Deployment/bare': {},
  });
});

test('an autoscaler says how many pods there may be', () => {
  const probe = { periodSeconds: 10, failureThreshold: 60 };
  const target = (kind: string, name: string) => ({ scaleTargetRef: { apiVersion: 'apps/v1', kind, name } });
  const options = optionsOf((chart) => {
    add(chart, 'apps/v1', 'StatefulSet', 'web', pods(probe));
    add(chart, 'apps/v1', 'Deployment', 'web', pods(probe));
    add(chart, 'autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: { ...target('StatefulSet', 'web'), maxReplicas: 10 },
    });
    add(chart, 'keda.sh/v1alpha1', 'ScaledObject', 'web', {
      spec: { scaleTargetRef: { name: 'web' }, maxReplicaCount: 4 },
    });
  });
  expect(options['StatefulSet/web']).toEqual(seconds(10 * 600 + 300));
  expect(options['Deployment/web']).toEqual(seconds(4 * 600 + 300));
});

test('Services and Ingresses are awaited as long as the slowest workload', () => {
  const options = optionsOf((chart) => {
    add(chart, 'v1', 'Service', 'web', { spec: {} });
    add(chart, 'networking.k8s.io/v1', 'Ingress', 'web', { spec: {} });
    add(chart, 'apps/v1', 'Deployment', 'web', pods({ periodSeconds: 10, failureThreshold: 90 }));
  });
  expect(options['Service/web']).toEqual(seconds(1200));
  expect(options['Ingress/web']).toEqual(seconds(1200));
});

test('a Job is awaited until its own deadline', () => {
  const options = optionsOf((chart) =>
    add(chart, 'batch/v1', 'Job', 'download', { spec: { activeDeadlineSeconds: 7200 } }),
  );
  expect(options['Job/download']).toEqual(seconds(7200));
});

describe('what holds data stays in the cluster', () => {
  const fill = (chart: Chart) => {
    add(chart, 'v1', 'Namespace', 'llm');
    add(chart, 'v1', 'Namespace', 'empty');
    add(chart, 'v1', 'PersistentVolumeClaim', 'models', { spec: {} });
    add(chart, 'v1', 'PersistentVolume', 'disk', { spec: {} });
    add(chart, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'things', { spec: {} });
    add(chart, 'storage.k8s.io/v1', 'StorageClass', 'efs', { provisioner: 'efs.csi.aws.com' });
    add(chart, 'v1', 'ConfigMap', 'config');
  };
  const retained = async (retainData?: boolean) =>
    (await deploy(fill, { retainData }))
      .filter((resource) => resource.retainOnDelete)
      .map(({ name }) => name);

  test('claims, volumes, namespaces with claims and kinds, unless the caller says otherwise', async () => {
    expect((await retained()).sort()).toEqual([
      'web/CustomResourceDefinition/llm/things',
      'web/Namespace/llm/llm',
      'web/PersistentVolume/llm/disk',
      'web/PersistentVolumeClaim/llm/models',
    ]);
    expect(await retained(false)).toEqual([]);
  });

  test('a namespace whose claims come from a StatefulSet too', () => {
    const options = optionsOf((chart) => {
      add(chart, 'v1', 'Namespace', 'llm');
      add(chart, 'apps/v1', 'StatefulSet', 'db', { spec: { volumeClaimTemplates: [{ spec: {} }] } });
    });
    expect(options['Namespace/llm']).toEqual({ retainOnDelete: true });
  });
});
