import { App, Chart } from 'cdk8s';
import {
  Autoscaling,
  type AutoscalingProps,
  type AutoscalingSignal,
  INFERENCE_UTILIZATION,
  InferenceDeployment,
  InferenceStatefulSet,
  WEB_BEHAVIOR,
  WEB_UTILIZATION,
  type Workload,
} from '../../../constructs/kubernetes';
import { METRICS } from '../../../runtime/contract.cjs';
import { chart, modelNode, node, problemsOf, safetensors, specOf, vllm } from './fixtures';

const workload: Workload = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  name: 'chat',
  selector: { app: 'chat' },
  replicas: { min: 3, max: 10 },
  containers: [{ name: 'runtime', resources: { requests: { cpu: '4', memory: '16Gi' } } }],
};
const queue: AutoscalingSignal = {
  kind: 'queue',
  prometheusAddress: 'http://prometheus.monitoring.svc:9090',
};

function make(signal: AutoscalingSignal, props: Partial<AutoscalingProps> = {}) {
  return new Autoscaling(chart(), 'scale', { workload, signal, ...props });
}

test('inference: CPU and memory as in seed 002, two pods up and one down a minute', () => {
  expect(make(INFERENCE_UTILIZATION).horizontalPodAutoscaler?.toJson()).toMatchObject({
    apiVersion: 'autoscaling/v2',
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'chat' },
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 300,
          policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }],
        },
        scaleDown: {
          stabilizationWindowSeconds: 300,
          policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
        },
      },
    },
  });
});

test('web: CPU only, and up at once', () => {
  const { metrics, behavior } = specOf(
    make(WEB_UTILIZATION, { behavior: WEB_BEHAVIOR }).horizontalPodAutoscaler,
  );
  expect(metrics).toHaveLength(1);
  expect(behavior.scaleUp.stabilizationWindowSeconds).toBe(0);
});

test('the queue: asks for the pods of this workload, and takes no answer for a fault', () => {
  const autoscaling = make({ ...queue, queuedPerReplica: 6, authentication: { name: 'prometheus' } });
  expect(autoscaling.horizontalPodAutoscaler).toBeUndefined();
  expect(autoscaling.scaledObject?.toJson().spec).toMatchObject({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'chat' },
    minReplicaCount: 3,
    maxReplicaCount: 10,
    fallback: { replicas: 3, behavior: 'currentReplicasIfHigher' },
    triggers: [
      {
        type: 'prometheus',
        metricType: 'AverageValue',
        metadata: {
          serverAddress: 'http://prometheus.monitoring.svc:9090',
          query: `sum(${METRICS.queued}{namespace="llm",pod=~"chat-[0-9]+"})`,
          threshold: '6',
          ignoreNullValues: 'false',
        },
        authenticationRef: { name: 'prometheus' },
      },
    ],
  });
});

test('the queue: what runs can hold the number of pods up', () => {
  const { triggers } = specOf(make({ ...queue, runningPerReplica: 6 }).scaledObject);
  expect(triggers[1].metadata).toMatchObject({
    query: `sum(${METRICS.running}{namespace="llm",pod=~"chat-[0-9]+"})`,
    threshold: '6',
  });
});

test('the pods of a Deployment are called otherwise', () => {
  const gateway = new InferenceDeployment(chart(), 'gateway', {
    ...node,
    role: 'gateway',
    replicas: { min: 2, max: 4 },
  });
  const { triggers } = specOf(make(queue, { workload: gateway.workload }).scaledObject);
  const pattern = /pod=~"(.*)"/.exec(triggers[0].metadata.query)?.[1];
  expect('chat-gateway-7d9f8b6c5-x2x4z').toMatch(new RegExp(`^${pattern}$`));
  expect('chat-worker-0').not.toMatch(new RegExp(`^${pattern}$`));
});

test('never stands beside a fixed number of pods', () => {
  const replicas = 3;
  expect(problemsOf(() => make(queue, { workload: { ...workload, replicas } }))).toEqual({
    'workload.replicas': expect.stringContaining('such as { min: 3, max: 6 }'),
  });
  const set = new InferenceStatefulSet(chart(), 'inference', { ...modelNode, replicas: { min: 3, max: 10 } });
  expect(set.statefulSet.toJson().spec).not.toHaveProperty('replicas');
  expect(() => make(INFERENCE_UTILIZATION, { workload: set.workload })).not.toThrow();
});

test('counts an engine beside the runtime too', () => {
  const set = new InferenceStatefulSet(chart(), 'inference', {
    ...modelNode,
    models: [safetensors],
    engine: vllm,
    replicas: { min: 2, max: 4 },
  });
  expect(set.workload.containers?.map(({ name }) => name)).toEqual(['runtime', 'engine']);
  expect(() => make(INFERENCE_UTILIZATION, { workload: set.workload })).not.toThrow();
});

test('refuses a share of what is not requested', () => {
  const containers = [
    ...(workload.containers ?? []),
    { name: 'proxy', resources: { requests: { cpu: '1' } } },
  ];
  expect(problemsOf(() => make(INFERENCE_UTILIZATION, { workload: { ...workload, containers } }))).toEqual({
    'signal.memoryPercent': expect.stringContaining('that proxy does not make → request memory'),
  });
});

test.each<[string, AutoscalingSignal, Partial<AutoscalingProps>, string]>([
  [
    'a minimum of nothing',
    queue,
    { workload: { ...workload, replicas: { min: 0, max: 3 } } },
    'workload.replicas.min',
  ],
  [
    'a maximum below the minimum',
    queue,
    { workload: { ...workload, replicas: { min: 4, max: 3 } } },
    'workload.replicas.max',
  ],
  [
    'an address that is none',
    { ...queue, prometheusAddress: 'prometheus:9090' },
    {},
    'signal.prometheusAddress',
  ],
  ['no aim', { ...queue, queuedPerReplica: 0 }, {}, 'signal.queuedPerReplica'],
  ['no percentage', { kind: 'utilization', cpuPercent: 0.7 }, {}, 'signal.cpuPercent'],
])('refuses %s', (_what, signal, props, path) => {
  expect(Object.keys(problemsOf(() => make(signal, props)))).toEqual([path]);
});

test('refuses to count the requests of all namespaces', () => {
  const scope = new Chart(new App(), 'chart');
  expect(problemsOf(() => new Autoscaling(scope, 'scale', { workload, signal: queue }))).toHaveProperty([
    'signal.matchers',
  ]);
  const matchers = 'namespace="llm",pod=~"chat-[0-9]+"';
  expect(() => new Autoscaling(scope, 'given', { workload, signal: { ...queue, matchers } })).not.toThrow();
});
