import { guaranteedReplicas, podNames, type Workload } from '../../workload';
import type { Alert, AlertGroup } from '../alert';
import { clusterSeries } from '../cluster-series';
import { sum } from '../promql';

/** What is watched of any system, by what the cluster's own exporters tell. */
export interface WatchedObjects {
  readonly namespace: string;
  readonly workloads: readonly Workload[];
  /** Names of its claims. */
  readonly claims: readonly string[];
}

/** Pods that are missing, not ready or crash, and volumes that fill up. */
export function workloadAlerts({ namespace, workloads, claims }: WatchedObjects): AlertGroup {
  const pod = `~${workloads.map(podNames).join('|')}`;
  return {
    name: 'workloads',
    alerts: [
      ...workloads.map((workload) => tooFewPods(namespace, workload)),
      {
        name: 'PolypodPodNotReady',
        severity: 'warning',
        for: '30m',
        expr: `${clusterSeries('kube_pod_status_ready', { namespace, pod, condition: 'true' })} == 0`,
        summary: 'Pod {{ $labels.pod }} has not been ready for half an hour',
        description: 'kubectl describe pod says what it waits for: a node, a volume, an image, its models.',
        runbook: 'observability.md#pods-are-missing-or-not-ready',
      },
      {
        name: 'PolypodPodCrashes',
        severity: 'warning',
        for: '0m',
        expr: `${sum(increase(clusterSeries('kube_pod_container_status_restarts_total', { namespace, pod }), '1h'), ['pod', 'container'])} > 3`,
        summary:
          'Container {{ $labels.container }} of {{ $labels.pod }} has restarted {{ $value | humanize }} times in an hour',
        description: 'kubectl logs --previous has its last words. OOMKilled: it needs more memory.',
        runbook: 'observability.md#pods-crash',
      },
      ...(claims.length === 0 ? [] : [volumeFull(namespace, claims)]),
    ],
  };
}

function tooFewPods(namespace: string, workload: Workload): Alert {
  const least = guaranteedReplicas(workload.replicas);
  const ready = sum(
    clusterSeries('kube_pod_status_ready', {
      namespace,
      pod: `~${podNames(workload)}`,
      condition: 'true',
    }),
  );
  return {
    name: 'PolypodTooFewPods',
    severity: 'critical',
    for: '15m',
    expr: `${ready} < ${least}`,
    summary: `${workload.kind} ${workload.name} has {{ $value }} ready pods, of ${least} at least`,
    description:
      'It has had fewer than its minimum for a quarter of an hour. The next loss may be one too many.',
    runbook: 'observability.md#pods-are-missing-or-not-ready',
  };
}

function volumeFull(namespace: string, claims: readonly string[]): Alert {
  const matchers = { namespace, persistentvolumeclaim: `~${claims.join('|')}` };
  const free = clusterSeries('kubelet_volume_stats_available_bytes', matchers);
  const capacity = clusterSeries('kubelet_volume_stats_capacity_bytes', matchers);
  return {
    name: 'PolypodVolumeFull',
    severity: 'warning',
    for: '15m',
    expr: `min by (persistentvolumeclaim) (${free} / ${capacity}) < 0.1`,
    summary: 'Claim {{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left',
    description: 'What does not fit is refused: models that are fetched, files that are uploaded, backups.',
    runbook: 'observability.md#a-volume-fills-up',
  };
}

const increase = <S extends string>(series: S, time: string) => `increase(${series}[${time}])` as S;
