import type { AlertGroup } from '../alert';
import { max, sum } from '../promql';
import type { RuntimeSeries } from '../runtime-series';

/** Who leads, and whether its duties are done. */
export const leaderAlerts = (of: RuntimeSeries): AlertGroup => ({
  name: 'leader',
  alerts: [
    {
      name: 'PolypodNoLeader',
      severity: 'warning',
      for: '5m',
      expr: `${sum(of.gauge('leading'))} == 0`,
      summary: 'No node leads the cluster',
      description:
        'Models are not placed and nothing that is old is removed. Requests are answered as before.',
      runbook: 'operations.md#the-leader-changes-often-or-there-is-none',
    },
    {
      name: 'PolypodTwoLeaders',
      severity: 'critical',
      for: '2m',
      expr: `${sum(of.gauge('leading'))} > 1`,
      summary: '{{ $value }} nodes say that they lead',
      description: 'Only one of them can write; unless there are two databases, which would now grow apart.',
      runbook: 'operations.md#two-nodes-say-that-they-lead',
    },
    {
      name: 'PolypodLeaderChanges',
      severity: 'warning',
      for: '0m',
      expr: `${sum(of.increase('leaderElections', '30m'))} > 5`,
      summary: 'The leader has changed {{ $value | humanize }} times in half an hour',
      description: 'Nodes lose their lease: PostgreSQL is slow, or they lack processor time.',
      runbook: 'operations.md#the-leader-changes-often-or-there-is-none',
    },
    {
      name: 'PolypodDutyFails',
      severity: 'warning',
      for: '15m',
      expr: `${max(of.increase('dutyFailures', '10m'), ['duty'])} > 3`,
      summary: 'The duty {{ $labels.duty }} of the leader fails again and again',
      description: 'Its log has the reason. It is tried again at every heartbeat.',
      runbook: 'operations.md#the-leader-changes-often-or-there-is-none',
    },
  ],
});
