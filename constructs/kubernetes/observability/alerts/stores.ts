import type { AlertGroup } from '../alert';
import { max, sum } from '../promql';
import type { RuntimeSeries } from '../runtime-series';

/** Redis and PostgreSQL, and what goes on without them only for a while. */
export const storeAlerts = (of: RuntimeSeries): AlertGroup => ({
  name: 'stores',
  alerts: [
    {
      name: 'PolypodJournalAway',
      severity: 'critical',
      for: '1m',
      expr: `${of.gauge('journalAway')} == 1`,
      summary: 'Node {{ $labels.pod }} can not write its streams to Redis',
      description:
        'Streams go on, but a node that is lost now takes its streams with it, and nobody resumes elsewhere.',
      runbook: 'operations.md#redis-connection-errors',
    },
    {
      name: 'PolypodJournalSlow',
      severity: 'warning',
      for: '10m',
      expr: `${of.quantile(0.99, 'journalSeconds')} > 0.1`,
      summary: 'Redis takes {{ $value | humanizeDuration }} for what one step has generated',
      description: 'Each token waits for it. Redis is far, busy with something else, or short of memory.',
      runbook: 'operations.md#high-latency-low-throughput',
    },
    {
      name: 'PolypodStreamsNotDurable',
      severity: 'warning',
      for: '5m',
      expr: `${sum(of.increase('streamsNotDurable', '10m'))} > 0`,
      summary: '{{ $value | humanize }} streams of the last ten minutes live in one process only',
      description: 'Redis did not take them: it is away, or full. They die with their node.',
      runbook: 'operations.md#redis-connection-errors',
    },
    {
      name: 'PolypodStreamTakeovers',
      severity: 'warning',
      for: '0m',
      expr: `${sum(of.increase('streamsTakenOver', '30m'))} > ${sum(of.increase('generations', '30m'))} * 0.05 and ${sum(of.increase('streamsTakenOver', '30m'))} > 10`,
      summary: '{{ $value | humanize }} streams were taken over from other nodes in half an hour',
      description:
        'Nodes come and go under their streams. Nothing is lost, but readers see pauses. A rolling update does this, too.',
      runbook: 'operations.md#nodes-are-suspected-and-come-back',
    },
    {
      name: 'PolypodCacheAway',
      severity: 'warning',
      for: '2m',
      expr: `${of.gauge('cacheRedisAway')} == 1`,
      summary: 'The cache of node {{ $labels.pod }} is on its own',
      description:
        'Redis does not answer it: what is changed at one node, others see late, and PostgreSQL is asked more often.',
      runbook: 'operations.md#redis-connection-errors',
    },
    {
      name: 'PolypodDatabaseAway',
      severity: 'critical',
      for: '2m',
      expr: `${of.gauge('databaseAway')} == 1`,
      summary: 'PostgreSQL does not answer node {{ $labels.pod }}',
      description:
        'People who are logged in go on chatting. Nobody new can log in, nothing can be changed, nobody leads.',
      runbook: 'operations.md#what-works-when-something-is-away',
    },
    {
      name: 'PolypodDatabaseSlow',
      severity: 'warning',
      for: '10m',
      expr: `${of.quantile(0.99, 'heartbeatSeconds')} > 1`,
      summary: 'PostgreSQL takes {{ $value | humanizeDuration }} for a heartbeat',
      description: 'Nearly as long as a leader may be silent.',
      runbook: 'operations.md#the-leader-changes-often-or-there-is-none',
    },
    {
      name: 'PolypodTurnsNotStored',
      severity: 'warning',
      for: '30m',
      // Those that are being answered wait, too.
      expr: `${max(of.gauge('turnsWaiting'))} > 10 + 2 * ${sum(of.gauge('streamsRunning'))}`,
      summary: '{{ $value }} turns of conversations are not in the database',
      description: 'They are in Redis. If it loses its data before PostgreSQL is back, they are gone.',
      runbook: 'operations.md#what-works-when-something-is-away',
    },
    {
      name: 'PolypodAuditFails',
      severity: 'critical',
      for: '0m',
      expr: `${sum(of.increase('auditFailures', '15m'))} > 0`,
      summary: '{{ $value | humanize }} acts are missing in the audit log',
      description: 'PostgreSQL did not take them. They are in the logs of the nodes, and only there.',
      runbook: 'operations.md#what-works-when-something-is-away',
    },
  ],
});
