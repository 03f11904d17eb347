import type { Workload } from '../../workload';
import type { AlertGroup } from '../alert';
import { clusterSeries } from '../cluster-series';

/** A workload that an autoscaler sizes. */
export interface Autoscaled {
  readonly workload: Workload;
  /** What a KEDA ScaledObject asks Prometheus. @default none: a HorizontalPodAutoscaler alone */
  readonly query?: string;
}

/** Autoscalers that stand still without saying so, or can not go on. */
export function autoscalingAlerts(namespace: string, autoscaled: readonly Autoscaled[]): AlertGroup {
  // KEDA makes a HorizontalPodAutoscaler of this name.
  const names = autoscaled.map(
    ({ workload, query }) => `${query === undefined ? '' : 'keda-hpa-'}${workload.name}`,
  );
  const matchers = { namespace, horizontalpodautoscaler: `~${names.join('|')}` };
  const current = clusterSeries('kube_horizontalpodautoscaler_status_current_replicas', matchers);
  const most = clusterSeries('kube_horizontalpodautoscaler_spec_max_replicas', matchers);
  return {
    name: 'autoscaling',
    alerts: [
      ...autoscaled.flatMap(({ workload, query }) =>
        query === undefined
          ? []
          : [
              {
                name: 'PolypodAutoscalerBlind',
                severity: 'critical' as const,
                for: '5m',
                expr: `absent(${query})`,
                summary: `The query that scales ${workload.name} finds nothing`,
                description:
                  'The number of pods stays as it is, whatever the load. Labels have changed, or nothing is scraped.',
                runbook: 'observability.md#the-autoscaler-does-not-scale' as const,
              },
            ],
      ),
      {
        name: 'PolypodAutoscalerInactive',
        severity: 'warning',
        for: '15m',
        expr: `${clusterSeries('kube_horizontalpodautoscaler_status_condition', { ...matchers, condition: 'ScalingActive', status: 'false' })} == 1`,
        summary: 'Autoscaler {{ $labels.horizontalpodautoscaler }} does not get what it measures',
        description: 'The number of pods stays as it is. kubectl describe hpa has the reason.',
        runbook: 'observability.md#the-autoscaler-does-not-scale',
      },
      {
        name: 'PolypodAutoscalerAtMaximum',
        severity: 'warning',
        for: '30m',
        expr: `${current} >= ${most}`,
        summary: 'Autoscaler {{ $labels.horizontalpodautoscaler }} has been at its maximum for half an hour',
        description:
          'It would go on if it might. Raise the maximum if database and cache grant the connections.',
        runbook: 'observability.md#the-autoscaler-does-not-scale',
      },
    ],
  };
}
