import { utilizationWithoutRequest } from '../../../../../constructs/checks/rules/scaling/utilization-without-request';
import { placeholderText } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const deployment = (containers: string, pod = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat }
spec: { template: { spec: { ${pod} containers: [${containers}] } } }
`;
const container = (resources: string, name = 'chat') =>
  `{ name: ${name}, image: a:1, resources: { ${resources} } }`;
const hpa = (spec: string, apiVersion = 'autoscaling/v2') => `
apiVersion: ${apiVersion}
kind: HorizontalPodAutoscaler
metadata: { name: scale }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: chat }, maxReplicas: 3, ${spec} }
`;
const on = (resource: string) =>
  `metrics: [{ type: Resource, resource: { name: ${resource}, target: { type: Utilization, averageUtilization: 70 } } }]`;
const keda = (trigger: string) => `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: scale }
spec: { scaleTargetRef: { name: chat }, triggers: [${trigger}] }
`;
const path = (resource: string, index = 0, list = 'containers') =>
  `spec.template.spec.${list}[${index}].resources.requests.${resource}`;
const check = (...parts: string[]) => findingsOf(utilizationWithoutRequest, parts.join('\n---\n'));

test('fires on a container without a request, in the workload', () => {
  const [finding, ...others] = check(hpa(on('cpu')), deployment(container('requests: { memory: 1Gi }')));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: 'Deployment/chat',
    path: path('cpu'),
    severity: 'error',
    message: expect.stringContaining('70 % of the cpu'),
  });
});

test.each([
  ['an HPA without metrics, which means 80 % of the CPU', hpa('')],
  ['an HPA with metrics of null', hpa('metrics: null')],
  ['autoscaling/v1', hpa('targetCPUUtilizationPercentage: 50', 'autoscaling/v1')],
  ['autoscaling/v1 without a share', hpa('', 'autoscaling/v1')],
  [
    'autoscaling/v2beta1',
    hpa(
      'metrics: [{ type: Resource, resource: { name: cpu, targetAverageUtilization: 50 } }]',
      'autoscaling/v2beta1',
    ),
  ],
  [
    'one container',
    hpa(
      'metrics: [{ type: ContainerResource, containerResource: { name: cpu, container: chat, target: { type: Utilization, averageUtilization: 50 } } }]',
    ),
  ],
  ['a trigger of KEDA', keda('{ type: cpu, metricType: Utilization, metadata: { value: "60" } }')],
  ['a trigger of KEDA in the old form', keda('{ type: cpu, metadata: { type: Utilization, value: "60" } }')],
])('fires with %s', (_case, autoscaler) => {
  expect(check(autoscaler, deployment(container('')))).toEqual([
    expect.objectContaining({ object: 'Deployment/chat', path: path('cpu') }),
  ]);
});

test('every container counts, and sidecars that start before the others', () => {
  const sound = container('requests: { cpu: 100m }');
  expect(check(hpa(on('cpu')), deployment(`${sound}, ${container('', 'log')}`))).toEqual([
    expect.objectContaining({ path: path('cpu', 1) }),
  ]);
  const init = (restart: string) =>
    deployment(sound, `initContainers: [{ name: i, image: i:1, ${restart} }],`);
  expect(check(hpa(on('cpu')), init('restartPolicy: Always'))).toEqual([
    expect.objectContaining({ path: path('cpu', 0, 'initContainers') }),
  ]);
  expect(check(hpa(on('cpu')), init(''))).toEqual([]);
});

test('two resources are two findings, two autoscalers on one are one', () => {
  const both =
    'metrics: [{ type: Resource, resource: { name: cpu, target: { averageUtilization: 70 } } }, { type: Resource, resource: { name: memory, target: { averageUtilization: 70 } } }]';
  expect(check(hpa(both), deployment(container(''))).map((finding) => finding.path)).toEqual([
    path('cpu'),
    path('memory'),
  ]);
  expect(check(hpa(on('cpu')), hpa(''), deployment(container('')))).toHaveLength(1);
});

test.each([
  ['a request', hpa(on('cpu')), deployment(container('requests: { cpu: 1 }'))],
  ['a limit, which is the request then', hpa(on('memory')), deployment(container('limits: { memory: 1Gi }'))],
  [
    'a request that a cloud has yet to say',
    hpa(on('cpu')),
    deployment(container(`requests: { cpu: '${placeholderText(1)}' }`)),
  ],
  [
    'a request of the pod as a whole',
    hpa(on('cpu')),
    deployment(container(''), 'resources: { requests: { cpu: 2 } },'),
  ],
  [
    'AverageValue',
    hpa(
      'metrics: [{ type: Resource, resource: { name: cpu, target: { type: AverageValue, averageValue: 500m } } }]',
    ),
    deployment(container('')),
  ],
  [
    'metrics of other sorts',
    hpa(
      'metrics: [{ type: Pods, pods: { metric: { name: queued }, target: { type: AverageValue, averageValue: 5 } } }]',
    ),
    deployment(container('')),
  ],
  [
    'a trigger of KEDA on a value',
    keda('{ type: memory, metricType: AverageValue, metadata: { value: 1Gi } }'),
    deployment(container('')),
  ],
  [
    'another trigger of KEDA',
    keda('{ type: prometheus, metadata: { query: x } }'),
    deployment(container('')),
  ],
  [
    'another container than the one that counts',
    hpa(
      'metrics: [{ type: ContainerResource, containerResource: { name: cpu, container: chat, target: { averageUtilization: 50 } } }]',
    ),
    deployment(`${container('requests: { cpu: 1 }')}, ${container('', 'log')}`),
  ],
  [
    'a target that is not there',
    hpa(on('cpu')),
    deployment(container('')).replace('name: chat', 'name: other'),
  ],
])('says nothing of %s', (_case, autoscaler, workload) => {
  expect(check(autoscaler, workload)).toEqual([]);
});

test('a LimitRange of the namespace may give the request', () => {
  const range = (type: string) =>
    `apiVersion: v1\nkind: LimitRange\nmetadata: { name: r }\nspec: { limits: [{ type: ${type}, defaultRequest: { cpu: 100m } }] }`;
  expect(check(hpa(on('cpu')), deployment(container('')), range('Container'))).toEqual([]);
  expect(check(hpa(on('cpu')), deployment(container('')), range('Pod'))).toHaveLength(1);
});
