import { type Matchers, type Series, select } from './promql';

/** What exporters of a cluster tell, as far as alerts and dashboards here ask: metric → its labels. */
const CLUSTER_METRICS = {
  // kube-state-metrics: https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics
  kube_pod_status_ready: ['namespace', 'pod', 'condition'],
  kube_pod_container_status_restarts_total: ['namespace', 'pod', 'container'],
  kube_pod_status_unschedulable: ['namespace', 'pod'],
  kube_horizontalpodautoscaler_status_condition: [
    'namespace',
    'horizontalpodautoscaler',
    'condition',
    'status',
  ],
  kube_horizontalpodautoscaler_status_current_replicas: ['namespace', 'horizontalpodautoscaler'],
  kube_horizontalpodautoscaler_spec_max_replicas: ['namespace', 'horizontalpodautoscaler'],
  kube_cronjob_status_last_successful_time: ['namespace', 'cronjob'],
  kube_cronjob_created: ['namespace', 'cronjob'],
  // The kubelet, of volumes that a pod mounts: https://kubernetes.io/docs/reference/instrumentation/metrics/
  kubelet_volume_stats_available_bytes: ['namespace', 'persistentvolumeclaim'],
  kubelet_volume_stats_capacity_bytes: ['namespace', 'persistentvolumeclaim'],
  // cAdvisor, inside the kubelet: https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
  container_cpu_usage_seconds_total: ['namespace', 'pod', 'container'],
  container_memory_working_set_bytes: ['namespace', 'pod', 'container'],
} as const;

type Metrics = typeof CLUSTER_METRICS;

/** The series of an exporter's metric. As with the runtime's own, what it does not have is a type error. */
export function clusterSeries<M extends keyof Metrics>(
  metric: M,
  matchers: Matchers<Metrics[M][number]>,
): Series<Metrics[M][number]> {
  return select(metric, matchers);
}
