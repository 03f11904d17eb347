import { podNames } from '../../workload';
import type { WatchedObjects } from '../alerts/workloads';
import { clusterSeries } from '../cluster-series';
import { sum } from '../promql';
import { query, type Row, timeSeries } from './panels';

/** Pods and volumes of any system, by what the cluster's own exporters tell. */
export function workloadRows({ namespace, workloads, claims }: WatchedObjects): readonly Row[] {
  const pod = `~${workloads.map(podNames).join('|')}`;
  const volumes = { namespace, persistentvolumeclaim: `~${claims.join('|')}` };
  const free = clusterSeries('kubelet_volume_stats_available_bytes', volumes);
  const capacity = clusterSeries('kubelet_volume_stats_capacity_bytes', volumes);
  return [
    {
      title: 'Pods and volumes',
      panels: [
        timeSeries({
          title: 'Ready pods',
          description: 'And those that find no node.',
          unit: 'short',
          queries: [
            query(
              'ready',
              sum(clusterSeries('kube_pod_status_ready', { namespace, pod, condition: 'true' })),
            ),
            query('pending', sum(clusterSeries('kube_pod_status_unschedulable', { namespace, pod }))),
          ],
        }),
        timeSeries({
          title: 'Restarts',
          description: 'Of containers, within an hour.',
          unit: 'short',
          queries: [
            query(
              '{{pod}} {{container}}',
              `increase(${clusterSeries('kube_pod_container_status_restarts_total', { namespace, pod })}[1h])`,
            ),
          ],
        }),
        timeSeries({
          title: 'Processor',
          description: 'Cores in use, by pod.',
          unit: 'short',
          queries: [
            query(
              '{{pod}}',
              `sum by (pod) (rate(${clusterSeries('container_cpu_usage_seconds_total', { namespace, pod, container: '!' })}[$__rate_interval]))`,
            ),
          ],
        }),
        timeSeries({
          title: 'Memory',
          description: 'What can not be given back, by pod.',
          unit: 'bytes',
          queries: [
            query(
              '{{pod}}',
              sum(clusterSeries('container_memory_working_set_bytes', { namespace, pod, container: '!' }), [
                'pod',
              ]),
            ),
          ],
        }),
        ...(claims.length === 0
          ? []
          : [
              timeSeries({
                title: 'Volumes',
                description: 'Share in use.',
                unit: 'percentunit',
                queries: [
                  query(
                    '{{persistentvolumeclaim}}',
                    `max by (persistentvolumeclaim) (1 - ${free} / ${capacity})`,
                  ),
                ],
              }),
            ]),
      ],
    },
  ];
}
