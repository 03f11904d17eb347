import type { AlertGroup } from '../alert';
import { max, sum } from '../promql';
import type { RuntimeSeries } from '../runtime-series';

/** From when on answers are too slow. */
export interface LatencyThresholds {
  /** Seconds until the first token, waiting included, that 5 % of requests may exceed. @default 10 */
  readonly firstTokenSeconds?: number;
  /** Seconds from token to token that 5 % may exceed. @default 0.25, about as fast as people read */
  readonly interTokenSeconds?: number;
}

/** More work than the nodes can do, and users who notice. */
export function loadAlerts(
  of: RuntimeSeries,
  { firstTokenSeconds = 10, interTokenSeconds = 0.25 }: LatencyThresholds = {},
): AlertGroup {
  const waiting = sum(of.gauge('queued'), ['model']);
  const answered = sum(of.observed('requestSeconds'));
  const failed = sum(of.observed('requestSeconds', { status: '~5..' }));
  return {
    name: 'load',
    alerts: [
      {
        name: 'PolypodFirstTokenSlow',
        severity: 'warning',
        for: '10m',
        expr: `${of.quantile(0.95, 'firstToken', ['model'])} > ${firstTokenSeconds}`,
        summary:
          'One in twenty requests to {{ $labels.model }} waits more than {{ $value | humanizeDuration }} for its first token',
        description: 'Requests queue, prompts have grown, or processors are shared with others.',
        runbook: 'operations.md#high-latency-low-throughput',
      },
      {
        name: 'PolypodTokensSlow',
        severity: 'warning',
        for: '10m',
        expr: `${of.quantile(0.95, 'betweenTokens', ['model'])} > ${interTokenSeconds}`,
        summary: 'Tokens of {{ $labels.model }} come {{ $value | humanizeDuration }} apart',
        description: 'Slower than people read. Too many sequences at once, or too little processor time.',
        runbook: 'operations.md#high-latency-low-throughput',
      },
      {
        name: 'PolypodQueueGrows',
        severity: 'warning',
        for: '10m',
        expr: `${waiting} > ${sum(of.gauge('sequences'), ['model'])}`,
        summary: '{{ $value }} requests wait for {{ $labels.model }}: more than all nodes can answer at once',
        description:
          'Whoever comes now waits for a whole round of answers. The autoscaler is at its maximum, or is not working.',
        runbook: 'operations.md#high-latency-low-throughput',
      },
      {
        name: 'PolypodRequestsRefused',
        severity: 'warning',
        for: '10m',
        expr: `${max(of.rate('refused', { limit: '~queue|concurrency' }), ['limit'])} > 0.1`,
        summary: 'Requests are refused since the limit {{ $labels.limit }} is reached',
        description: 'Clients get 429 and are told when to come again. There is more load than capacity.',
        runbook: 'operations.md#high-latency-low-throughput',
      },
      {
        name: 'PolypodRequestsFail',
        severity: 'critical',
        for: '5m',
        expr: `${failed} / ${answered} > 0.05`,
        summary: '{{ $value | humanizePercentage }} of all requests fail',
        description: 'Nodes answer them with 5xx. Their logs have each by its request id.',
        runbook: 'operations.md#runbooks',
      },
    ],
  };
}
