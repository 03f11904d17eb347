import type { AlertGroup } from '../alert';
import { max, sum } from '../promql';
import type { RuntimeSeries } from '../runtime-series';

/** Models that nobody answers for, healing that does not heal, and files that are not what they should be. */
export const modelAlerts = (of: RuntimeSeries): AlertGroup => ({
  name: 'models',
  alerts: [
    {
      name: 'PolypodModelAway',
      severity: 'critical',
      for: '5m',
      expr: `${max(of.gauge('modelReady'), ['model'])} == 0`,
      summary: 'No node has model {{ $labels.model }} ready',
      description: 'Requests for it fail. It is being fetched or loaded, or it fails on every node.',
      runbook: 'operations.md#a-node-does-not-start',
    },
    {
      name: 'PolypodModelLoadsLong',
      severity: 'warning',
      for: '1h',
      expr: `${of.gauge('modelReady')} == 0`,
      summary: 'Node {{ $labels.pod }} has not had model {{ $labels.model }} ready for an hour',
      description: 'Fetching or loading it does not come to an end, or it was put out of service.',
      runbook: 'operations.md#a-node-does-not-start',
    },
    {
      name: 'PolypodHealingFails',
      severity: 'warning',
      for: '0m',
      expr: `${sum(of.increase('engineRestarts', '30m'), ['pod', 'model'])} > 3`,
      summary:
        'The engine of {{ $labels.model }} on {{ $labels.pod }} was started again {{ $value | humanize }} times in half an hour',
      description: 'Each time its streams pause. Starting it again does not mend what ends it.',
      runbook: 'operations.md#healing-does-not-help',
    },
    {
      name: 'PolypodModelQuarantined',
      severity: 'warning',
      for: '1m',
      expr: `${of.gauge('modelQuarantined')} == 1`,
      summary: 'Model {{ $labels.model }} is in quarantine on {{ $labels.pod }}',
      description: 'It failed too often there. Other nodes do its work, if they have it.',
      runbook: 'operations.md#healing-does-not-help',
    },
    {
      name: 'PolypodModelFilesDamaged',
      severity: 'warning',
      for: '0m',
      expr: `${of.gauge('modelFilesDamaged')} > 0`,
      summary:
        '{{ $value }} files of model {{ $labels.model }} are missing or changed, as {{ $labels.pod }} reads them',
      description: 'Nodes that have it loaded go on. The next that starts may not be able to load it.',
      runbook: 'operations.md#model-files-differ-are-damaged-or-not-there',
    },
  ],
});
