import type { AlertGroup } from '../alert';
import { clusterSeries } from '../cluster-series';

/** Backups that do not happen. */
export function backupAlerts(namespace: string, cronjob: string, seconds: number): AlertGroup {
  const matchers = { namespace, cronjob };
  const last = clusterSeries('kube_cronjob_status_last_successful_time', matchers);
  const created = clusterSeries('kube_cronjob_created', matchers);
  return {
    name: 'backup',
    alerts: [
      {
        name: 'PolypodBackupMissing',
        severity: 'critical',
        for: '0m',
        // One that never succeeded has no such time.
        expr: `time() - (${last} or ${created}) > ${seconds}`,
        summary: 'The database has not been backed up for {{ $value | humanizeDuration }}',
        description: 'The log of the last Job of CronJob {{ $labels.cronjob }} says why.',
        runbook: 'backup.md#a-backup-is-missing',
      },
    ],
  };
}
