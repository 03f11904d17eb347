import { type ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  MetricSpec,
} from 'kubernetes-types/autoscaling/v2';
import { METRICS } from '../../runtime/contract.cjs';
import { isPlaceholder, type Problem } from '../contracts';
import { makeObjects, type Overrides } from './objects';
import { countProblems } from './problems/count';
import { replicasProblems } from './problems/replicas';
import { podNames, type Workload } from './workload';

/** What an autoscaler watches. */
export type AutoscalingSignal = UtilizationSignal | QueueSignal;

/** CPU and memory in use, in percent of what is requested: a HorizontalPodAutoscaler. */
export interface UtilizationSignal {
  readonly kind: 'utilization';
  /** @default 70, as in seeds 001 and 002, unless memoryPercent alone is given */
  readonly cpuPercent?: number;
  /** @default none; 80 in seed 002. An engine that keeps its model in memory shows its load by CPU only */
  readonly memoryPercent?: number;
}

/**
 * Requests that wait for the model: a KEDA ScaledObject on Prometheus, whose operator the cluster must have. The
 * best signal for throughput: CPU is busy long before requests wait, and a GPU's load is not seen at all.
 */
export interface QueueSignal {
  readonly kind: 'queue';
  /** Where Prometheus answers: `http://prometheus.monitoring.svc:9090`. */
  readonly prometheusAddress: string;
  /** Waiting requests for each pod that are aimed at. @default 4 */
  readonly queuedPerReplica?: number;
  /**
   * Running requests for each pod that are aimed at, as a second trigger: it keeps pods that are busy while nothing
   * waits. Four fifths of the sequences of a pod are a good number.
   *
   * @default none: with an empty queue, pods are taken away one by one
   */
  readonly runningPerReplica?: number;
  /**
   * Label matchers of the series. They depend on how Prometheus scrapes: both Service and Pod monitors give these.
   *
   * @default `namespace` (the chart's) and `pod` (by the workload's name)
   */
  readonly matchers?: string;
  /** An existing TriggerAuthentication. @default none */
  readonly authentication?: {
    readonly name: string;
    readonly kind?: 'TriggerAuthentication' | 'ClusterTriggerAuthentication';
  };
  /** Seconds between questions. @default 15 */
  readonly pollingSeconds?: number;
}

/** What `Autoscaling` is made of. */
export interface AutoscalingProps {
  /** What is scaled. Its `replicas` must be a range: with a number, every apply would reset the scale. */
  readonly workload: Workload;
  readonly signal: AutoscalingSignal;
  /** How fast the number of pods changes. @default `INFERENCE_BEHAVIOR` */
  readonly behavior?: HorizontalPodAutoscalerBehavior;
  /** Changes to the object as written, field by field. See `Patch`. */
  readonly overrides?: Overrides<'horizontalPodAutoscaler' | 'scaledObject'>;
}

/**
 * Two pods up and one down a minute, each after five minutes of the same advice (seed 002): a pod that has loaded a
 * model for minutes shall not go at the first quiet moment.
 */
export const INFERENCE_BEHAVIOR = {
  scaleUp: {
    stabilizationWindowSeconds: 300,
    policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  },
} satisfies HorizontalPodAutoscalerBehavior;

/** At once up, at most doubled a minute; one pod down a minute after five minutes. For pods that start in seconds. */
export const WEB_BEHAVIOR = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 60 }],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  },
} satisfies HorizontalPodAutoscalerBehavior;

/** CPU at 70 % and memory at 80 %: seed 002's figures, for inference on CPUs. */
export const INFERENCE_UTILIZATION: UtilizationSignal = {
  kind: 'utilization',
  cpuPercent: 70,
  memoryPercent: 80,
};

/** CPU at 70 %: seed 001's figure, for web applications. */
export const WEB_UTILIZATION: UtilizationSignal = { kind: 'utilization', cpuPercent: 70 };

/**
 * Chooses the number of a workload's pods within the range of its `replicas`, never below one.
 *
 * @throws InvalidInputError where the workload fixes its number, or does not request what is measured
 */
export class Autoscaling extends Construct {
  /** @default none with a queue signal */
  readonly horizontalPodAutoscaler: ApiObject | undefined;
  /** @default none with a utilization signal */
  readonly scaledObject: ApiObject | undefined;

  constructor(scope: Construct, id: string, props: AutoscalingProps) {
    super(scope, id);
    const { signal } = props;
    const manifests = {
      horizontalPodAutoscaler: signal.kind === 'utilization' ? podAutoscaler(props, signal) : undefined,
      scaledObject:
        signal.kind === 'queue' ? scaledObject(props, signal, Chart.of(this).namespace) : undefined,
    };
    const made = makeObjects(
      this,
      manifests,
      props.overrides,
      autoscalingProblems(props, Chart.of(this).namespace),
    );
    this.horizontalPodAutoscaler = made.horizontalPodAutoscaler;
    this.scaledObject = made.scaledObject;
  }
}

function podAutoscaler(props: AutoscalingProps, signal: UtilizationSignal) {
  const { min, max } = rangeOf(props.workload);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf(props),
    spec: {
      scaleTargetRef: targetOf(props.workload),
      minReplicas: min,
      maxReplicas: max,
      metrics: measured(signal).map(
        ([name, averageUtilization]): MetricSpec => ({
          type: 'Resource',
          resource: { name, target: { type: 'Utilization', averageUtilization } },
        }),
      ),
      behavior: props.behavior ?? INFERENCE_BEHAVIOR,
    },
  } satisfies HorizontalPodAutoscaler;
}

function scaledObject(props: AutoscalingProps, signal: QueueSignal, namespace: string | undefined) {
  const { min, max } = rangeOf(props.workload);
  const matchers = signal.matchers ?? matchersOf(props.workload, namespace ?? '');
  const trigger = (metric: string, threshold: number) => ({
    type: 'prometheus',
    metricType: 'AverageValue',
    metadata: {
      serverAddress: signal.prometheusAddress,
      query: queryOf(metric, matchers),
      threshold: String(threshold),
      // No answer is a fault to be seen, not an empty queue.
      ignoreNullValues: 'false',
    },
    ...(signal.authentication === undefined ? {} : { authenticationRef: { ...signal.authentication } }),
  });
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: metadataOf(props),
    spec: {
      scaleTargetRef: targetOf(props.workload),
      minReplicaCount: min,
      maxReplicaCount: max,
      pollingInterval: signal.pollingSeconds ?? 15,
      // Without Prometheus the number stays as it is, but for a cluster that had shrunk to its minimum.
      fallback: { failureThreshold: 4, replicas: min, behavior: 'currentReplicasIfHigher' },
      advanced: { horizontalPodAutoscalerConfig: { behavior: props.behavior ?? INFERENCE_BEHAVIOR } },
      triggers: [
        trigger(METRICS.queued, signal.queuedPerReplica ?? 4),
        ...(signal.runningPerReplica === undefined
          ? []
          : [trigger(METRICS.running, signal.runningPerReplica)]),
      ],
    },
  };
}

/** What KEDA asks for a queue signal without matchers of its own. An answer without a series is a fault to be seen. */
export function queueQuery(workload: Workload, namespace: string): string {
  return queryOf(METRICS.queued, matchersOf(workload, namespace));
}

const queryOf = (metric: string, matchers: string) => `sum(${metric}{${matchers}})`;

/** Pods are known by namespace and name however they are scraped; Service and job names are not. */
function matchersOf(workload: Workload, namespace: string): string {
  return `namespace="${namespace}",pod=~"${podNames(workload)}"`;
}

function metadataOf({ workload }: AutoscalingProps) {
  return { name: workload.name, labels: { ...(workload.labels ?? workload.selector) } };
}

function targetOf({ apiVersion, kind, name }: Workload) {
  return { apiVersion, kind, name };
}

/** The range to choose from; a fixed number is refused by {@link autoscalingProblems}. */
function rangeOf({ replicas }: Workload) {
  return typeof replicas === 'number' ? { min: replicas, max: replicas } : replicas;
}

function measured({ cpuPercent, memoryPercent }: UtilizationSignal): ['cpu' | 'memory', number][] {
  const cpu = cpuPercent ?? (memoryPercent === undefined ? 70 : undefined);
  return [
    ...(cpu === undefined ? [] : [['cpu', cpu] satisfies ['cpu', number]]),
    ...(memoryPercent === undefined ? [] : [['memory', memoryPercent] satisfies ['memory', number]]),
  ];
}

function autoscalingProblems(
  { workload, signal }: AutoscalingProps,
  namespace: string | undefined,
): Problem[] {
  const { replicas } = workload;
  const range: Problem[] =
    typeof replicas === 'number'
      ? [
          {
            path: 'workload.replicas',
            value: replicas,
            reason: 'is a fixed number: every apply would undo what the autoscaler chose',
            mend: `give the workload a range, such as { min: ${replicas}, max: ${2 * replicas} }`,
          },
        ]
      : replicasProblems('workload.replicas', replicas);
  return [
    ...range,
    ...(signal.kind === 'queue' ? queueProblems(signal, namespace) : utilizationProblems(workload, signal)),
  ];
}

/** A percentage of a request needs a request, in every container of the pod. */
function utilizationProblems({ containers = [] }: Workload, signal: UtilizationSignal): Problem[] {
  return measured(signal).flatMap(([resource, percent]) => {
    const path = `signal.${resource}Percent`;
    const without = containers.filter(
      ({ resources }) => !(resource in { ...resources?.requests, ...resources?.limits }),
    );
    const problems = countProblems(path, percent, 1);
    if (without.length === 0) return problems;
    return [
      ...problems,
      {
        path,
        value: percent,
        reason: `is a share of a request that ${without.map(({ name }) => name).join(' and ')} does not make`,
        mend: `request ${resource} in every container`,
      },
    ];
  });
}

function queueProblems(signal: QueueSignal, namespace: string | undefined): Problem[] {
  const problems = [
    ...countProblems('signal.queuedPerReplica', signal.queuedPerReplica, 1),
    ...countProblems('signal.runningPerReplica', signal.runningPerReplica, 1),
    ...countProblems('signal.pollingSeconds', signal.pollingSeconds, 1),
  ];
  const { prometheusAddress } = signal;
  if (!isPlaceholder(prometheusAddress) && !/^https?:\/\/[^/\s]+/.test(prometheusAddress)) {
    problems.push({
      path: 'signal.prometheusAddress',
      value: prometheusAddress,
      reason: 'is no URL',
      mend: 'write one such as http://prometheus.monitoring.svc:9090',
    });
  }
  if (namespace === undefined && signal.matchers === undefined) {
    problems.push({
      path: 'signal.matchers',
      value: undefined,
      reason: 'would have to count the requests of every namespace: the chart names none',
      mend: 'give the chart a namespace, or write matchers such as namespace="llm",pod=~"chat-[0-9]+"',
    });
  }
  return problems;
}
