import type { AlertGroup } from '../alert';
import { max, min, sum } from '../promql';
import type { RuntimeSeries } from '../runtime-series';

/** Nodes that are away, and a cluster that is smaller than it must be or does not know itself. */
export function nodeAlerts(of: RuntimeSeries, nodes: number): AlertGroup {
  const healthy = of.gauge('clusterMembers', { status: 'healthy' });
  return {
    name: 'nodes',
    alerts: [
      {
        name: 'PolypodNodeDown',
        severity: 'warning',
        for: '2m',
        expr: `${of.up()} == 0`,
        summary: 'Node {{ $labels.pod }} does not answer',
        description:
          'Prometheus has not reached it for two minutes. Its streams go on at other nodes; what is left has less capacity.',
        runbook: 'operations.md#a-node-does-not-start',
      },
      {
        name: 'PolypodAllNodesDown',
        severity: 'critical',
        for: '1m',
        expr: `(${sum(of.up())} or vector(0)) == 0`,
        summary: 'No node answers',
        description:
          'Prometheus reaches none, or finds none to scrape. If users are served, it is the scraping.',
        runbook: 'operations.md#all-nodes-are-down',
      },
      {
        name: 'PolypodClusterSmall',
        severity: 'warning',
        for: '10m',
        expr: `${max(healthy)} < ${nodes}`,
        summary: `The cluster has {{ $value }} healthy nodes, of ${nodes} at least`,
        description:
          'Pods are missing, not ready or not heard of by the others. One more loss may be too many.',
        runbook: 'operations.md#nodes-do-not-find-each-other',
      },
      {
        name: 'PolypodNodesDisagree',
        severity: 'warning',
        for: '5m',
        expr: `${max(healthy)} - ${min(healthy)} > 0`,
        summary: 'Nodes do not see the same cluster: they differ by {{ $value }} members',
        description:
          'A part of the network is cut. Nodes that do not see a peer send it no work and no streams.',
        runbook: 'operations.md#nodes-do-not-find-each-other',
      },
      {
        name: 'PolypodPeersRefused',
        severity: 'warning',
        for: '5m',
        expr: `${sum(of.rate('peersRefused'), ['pod', 'fault'])} > 0`,
        summary: 'Node {{ $labels.pod }} refuses its peers: {{ $labels.fault }}',
        description:
          'Nodes with another cluster secret, clocks that differ, or somebody else on the peer port.',
        runbook: 'operations.md#nodes-do-not-find-each-other',
      },
      {
        name: 'PolypodEventLoopSlow',
        severity: 'warning',
        for: '10m',
        expr: `${of.gauge('eventLoopDelay', { quantile: '0.99' })} > 0.25`,
        summary: 'Node {{ $labels.pod }} is {{ $value | humanizeDuration }} late with what it does',
        description:
          'It lacks processor time: other nodes may take it for dead, and every stream on it stutters.',
        runbook: 'operations.md#nodes-are-suspected-and-come-back',
      },
      {
        name: 'PolypodForwardingBreaks',
        severity: 'warning',
        for: '10m',
        expr: `${sum(of.rate('forwarded', { outcome: 'broken' }), ['target'])} / ${sum(of.rate('forwarded'), ['target'])} > 0.1`,
        summary: '{{ $value | humanizePercentage }} of what is sent to {{ $labels.target }} breaks off',
        description:
          'It hangs, runs out of memory, or the network drops. Others go on with its answers meanwhile.',
        runbook: 'operations.md#nodes-are-suspected-and-come-back',
      },
      {
        name: 'PolypodBackendDown',
        severity: 'warning',
        for: '5m',
        expr: `${max(of.gauge('backendUp'), ['backend'])} == 0`,
        summary: 'Backend {{ $labels.backend }} does not answer any node',
        description: 'Its models are answered by others that have them, or not at all.',
        runbook: 'operations.md#high-latency-low-throughput',
      },
    ],
  };
}
