import { readFileSync } from 'node:fs';
import { ruleGroups } from '../../../../constructs/kubernetes/observability/alert';
import { autoscalingAlerts } from '../../../../constructs/kubernetes/observability/alerts/autoscaling';
import { backupAlerts } from '../../../../constructs/kubernetes/observability/alerts/backup';
import { workloadAlerts } from '../../../../constructs/kubernetes/observability/alerts/workloads';
import { runtimeAlerts } from '../../../../constructs/kubernetes/observability/runtime';
import { alertFaults, type Recorded, ruleFaults } from '../../../support/promtool';

const chat = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'chat', selector: {}, replicas: 3 };
const gateway = { ...chat, kind: 'Deployment', name: 'chat-gateway', replicas: { min: 2, max: 6 } };
const QUEUE = 'sum(polypod_requests_queued{namespace="llm",pod=~"chat-[0-9]+"})';

const groups = [
  ...runtimeAlerts({ namespace: 'llm', job: 'chat' }, 3),
  workloadAlerts({ namespace: 'llm', workloads: [chat, gateway], claims: ['chat-models'] }),
  autoscalingAlerts('llm', [{ workload: gateway }, { workload: chat, query: QUEUE }]),
  backupAlerts('llm', 'chat-backup', 7200),
];
const alerts = groups.flatMap((group) => group.alerts);
const rules = ruleGroups(groups, 'chat');

/** Labels of a node's series. */
const on = (pod: string, further = '') =>
  `{namespace="llm",job="chat",pod="${pod}"${further && `,${further}`}}`;
const nodes = (metric: string, values: readonly string[], further = ''): Recorded =>
  Object.fromEntries(values.map((value, index) => [`${metric}${on(`chat-${index}`, further)}`, value]));
const always = (value: number) => `${value}x120`;
/** A histogram in which so many a minute lie in each bucket. */
const histogram = (
  metric: string,
  perMinute: Readonly<Record<string, number>>,
  further: string,
): Recorded => {
  let sum = 0;
  const buckets = Object.entries(perMinute).map(([le, count]) => {
    sum += count;
    return [`${metric}_bucket${on('chat-0', `le="${le}"${further && `,${further}`}`)}`, `0+${sum}x120`];
  });
  return Object.fromEntries(buckets);
};
const model = 'model="qwen"';
const kube = (metric: string, labels: string, values: string): Recorded => ({
  [`${metric}{namespace="llm",${labels}}`]: values,
});

interface Recording {
  readonly fires: Recorded;
  readonly silent: Recorded;
  /** When it is looked at. @default after 40 minutes */
  readonly at?: string;
}

const healthy = (...values: string[]) => nodes('polypod_cluster_members', values, 'status="healthy"');

/** What each alert is about, as Prometheus would have recorded it; and what looks like it and is well. */
const RECORDINGS: Readonly<Record<string, Recording>> = {
  PolypodNodeDown: {
    fires: nodes('up', [always(1), '1x20 0x100', always(1)]),
    // Back within two minutes, as after an update.
    silent: nodes('up', [always(1), '1x38 0 1x80', always(1)]),
  },
  PolypodAllNodesDown: {
    fires: nodes('up', ['1x20 0x100', '1x10 0x110', '1x10 0x110']),
    silent: nodes('up', [always(1), always(0), always(0)]),
  },
  PolypodClusterSmall: {
    fires: healthy(always(2), always(2)),
    // One that has just started does not know the others yet.
    silent: healthy(always(3), always(3), always(1)),
  },
  PolypodNodesDisagree: {
    fires: healthy(always(3), always(3), always(1)),
    silent: healthy(always(2), always(2)),
  },
  PolypodPeersRefused: {
    fires: nodes('polypod_peer_requests_refused_total', ['0+3x120'], 'fault="forged"'),
    silent: nodes('polypod_peer_requests_refused_total', ['7x120'], 'fault="forged"'),
  },
  PolypodEventLoopSlow: {
    fires: nodes('polypod_event_loop_delay_seconds', [always(0.02), always(0.6)], 'quantile="0.99"'),
    // The slowest moment of all may be slow.
    silent: nodes('polypod_event_loop_delay_seconds', [always(2)], 'quantile="1"'),
  },
  PolypodForwardingBreaks: {
    fires: {
      ...nodes('polypod_requests_forwarded_total', ['0+80x120'], 'target="chat-2",outcome="answered"'),
      ...nodes('polypod_requests_forwarded_total', ['0+20x120'], 'target="chat-2",outcome="broken"'),
    },
    silent: {
      ...nodes('polypod_requests_forwarded_total', ['0+99x120'], 'target="chat-2",outcome="answered"'),
      ...nodes('polypod_requests_forwarded_total', ['0+1x120'], 'target="chat-2",outcome="broken"'),
    },
  },
  PolypodBackendDown: {
    fires: nodes('polypod_backend_up', [always(0), always(0)], 'backend="openai"'),
    silent: nodes('polypod_backend_up', [always(0), always(1)], 'backend="openai"'),
  },
  PolypodNoLeader: {
    fires: nodes('polypod_leader', [always(0), always(0), always(0)]),
    silent: nodes('polypod_leader', [always(0), '0x39 1x80', '1x38 0x81']),
  },
  PolypodTwoLeaders: {
    fires: nodes('polypod_leader', [always(1), always(1), always(0)]),
    silent: nodes('polypod_leader', [always(1), always(0), always(0)]),
  },
  PolypodLeaderChanges: {
    fires: nodes('polypod_leader_elections_total', ['0x20 0+1x20', '0x20 1+1x20']),
    silent: nodes('polypod_leader_elections_total', ['0x20 1x100', '0x25 1x95']),
  },
  PolypodDutyFails: {
    fires: nodes('polypod_duty_failures_total', ['0+1x120'], 'duty="placement"'),
    silent: nodes('polypod_duty_failures_total', ['0x20 0+1x5 5x95'], 'duty="placement"'),
  },
  PolypodModelAway: {
    fires: nodes('polypod_model_ready', [always(0), '1x20 0x100'], model),
    silent: nodes('polypod_model_ready', [always(0), always(1)], model),
  },
  PolypodModelLoadsLong: {
    fires: nodes('polypod_model_ready', [always(1), always(0)], model),
    silent: nodes('polypod_model_ready', [always(1), '1x40 0x80'], model),
    at: '80m',
  },
  PolypodHealingFails: {
    fires: nodes('polypod_engine_restarts_total', ['0x20 0+1x10 10x90'], model),
    silent: nodes('polypod_engine_restarts_total', ['0x20 2x100'], model),
  },
  PolypodModelQuarantined: {
    fires: nodes('polypod_model_quarantined', [always(0), '0x20 1x100'], model),
    silent: nodes('polypod_model_quarantined', [always(0), '1x20 0x100'], model),
  },
  PolypodModelFilesDamaged: {
    fires: nodes('polypod_model_files_damaged', [always(2)], model),
    silent: nodes('polypod_model_files_damaged', [always(0)], model),
  },
  PolypodFirstTokenSlow: {
    fires: histogram('polypod_time_to_first_token_seconds', { '10': 80, '30': 20, '+Inf': 0 }, model),
    silent: histogram('polypod_time_to_first_token_seconds', { '5': 97, '30': 3, '+Inf': 0 }, model),
  },
  PolypodTokensSlow: {
    fires: histogram('polypod_inter_token_seconds', { '0.25': 80, '0.5': 20, '+Inf': 0 }, model),
    silent: histogram('polypod_inter_token_seconds', { '0.05': 97, '0.5': 3, '+Inf': 0 }, model),
  },
  PolypodQueueGrows: {
    fires: {
      ...nodes('polypod_requests_queued', [always(9), '0+1x120'], model),
      ...nodes('polypod_sequences', [always(8), always(8)], model),
    },
    silent: {
      ...nodes('polypod_requests_queued', [always(9), always(0)], model),
      ...nodes('polypod_sequences', [always(8), always(8)], model),
    },
  },
  PolypodRequestsRefused: {
    fires: nodes('polypod_requests_refused_total', ['0+30x120'], 'limit="queue"'),
    // A client that is too fast is its own affair.
    silent: nodes('polypod_requests_refused_total', ['0+30x120'], 'limit="rate"'),
  },
  PolypodRequestsFail: {
    fires: {
      ...nodes('polypod_http_request_seconds_count', ['0+90x120'], 'status="200"'),
      ...nodes('polypod_http_request_seconds_count', ['0+10x120'], 'status="503"'),
    },
    silent: {
      ...nodes('polypod_http_request_seconds_count', ['0+90x120'], 'status="200"'),
      ...nodes('polypod_http_request_seconds_count', ['0+10x120'], 'status="429"'),
    },
  },
  PolypodJournalAway: {
    fires: nodes('polypod_journal_away', ['0x20 1x100', always(0)]),
    silent: nodes('polypod_journal_away', ['1x20 0x100', always(0)]),
  },
  PolypodJournalSlow: {
    fires: histogram('polypod_journal_write_seconds', { '0.1': 90, '0.25': 10, '+Inf': 0 }, ''),
    silent: histogram('polypod_journal_write_seconds', { '0.001': 995, '0.25': 5, '+Inf': 0 }, ''),
  },
  PolypodStreamsNotDurable: {
    fires: nodes('polypod_streams_not_durable_total', ['0x20 0+1x100']),
    silent: nodes('polypod_streams_not_durable_total', ['3x120']),
  },
  PolypodStreamTakeovers: {
    fires: {
      ...nodes('polypod_streams_taken_over_total', ['0+3x120'], model),
      ...nodes('polypod_generations_total', ['0+10x120'], `${model},outcome="stop"`),
    },
    silent: {
      ...nodes('polypod_streams_taken_over_total', ['0+1x120'], model),
      ...nodes('polypod_generations_total', ['0+100x120'], `${model},outcome="stop"`),
    },
  },
  PolypodCacheAway: {
    fires: nodes('polypod_cache_redis_away', ['0x20 1x100']),
    silent: nodes('polypod_cache_redis_away', ['1x20 0x100']),
  },
  PolypodDatabaseAway: {
    fires: nodes('polypod_database_away', ['0x20 1x100']),
    silent: nodes('polypod_database_away', ['0x39 1x81']),
  },
  PolypodDatabaseSlow: {
    fires: histogram('polypod_heartbeat_seconds', { '1': 90, '2.5': 10, '+Inf': 0 }, ''),
    silent: histogram('polypod_heartbeat_seconds', { '0.05': 100, '2.5': 0, '+Inf': 0 }, ''),
  },
  PolypodTurnsNotStored: {
    fires: {
      ...nodes('polypod_conversation_turns_waiting', [always(40), always(38)]),
      ...nodes('polypod_streams_running', [always(5), always(5)]),
    },
    // All of them are being answered.
    silent: {
      ...nodes('polypod_conversation_turns_waiting', [always(40), always(38)]),
      ...nodes('polypod_streams_running', [always(20), always(18)]),
    },
  },
  PolypodAuditFails: {
    fires: nodes('polypod_audit_failures_total', ['0x30 0+1x90']),
    silent: nodes('polypod_audit_failures_total', ['4x120']),
  },
  PolypodTooFewPods: {
    fires: {
      ...kube('kube_pod_status_ready', 'pod="chat-0",condition="true"', always(1)),
      ...kube('kube_pod_status_ready', 'pod="chat-1",condition="true"', always(1)),
      // Pods of another workload are none of its own.
      ...kube('kube_pod_status_ready', 'pod="chat-cache-0",condition="true"', always(1)),
    },
    silent: {
      ...kube('kube_pod_status_ready', 'pod="chat-0",condition="true"', always(1)),
      ...kube('kube_pod_status_ready', 'pod="chat-1",condition="true"', always(1)),
      ...kube('kube_pod_status_ready', 'pod="chat-2",condition="true"', always(1)),
      ...kube('kube_pod_status_ready', 'pod="chat-gateway-66b9-x2b4z",condition="true"', always(1)),
      ...kube('kube_pod_status_ready', 'pod="chat-gateway-66b9-p9q2w",condition="true"', always(1)),
    },
  },
  PolypodPodNotReady: {
    fires: kube('kube_pod_status_ready', 'pod="chat-gateway-66b9-x2b4z",condition="true"', always(0)),
    silent: kube('kube_pod_status_ready', 'pod="chat-backup-2940123-x7k2p",condition="true"', always(0)),
  },
  PolypodPodCrashes: {
    fires: kube(
      'kube_pod_container_status_restarts_total',
      'pod="chat-1",container="runtime"',
      '0x20 0+1x20',
    ),
    silent: kube(
      'kube_pod_container_status_restarts_total',
      'pod="chat-1",container="runtime"',
      '9x30 10x90',
    ),
  },
  PolypodVolumeFull: {
    fires: {
      ...kube('kubelet_volume_stats_available_bytes', 'persistentvolumeclaim="chat-models"', always(5)),
      ...kube('kubelet_volume_stats_capacity_bytes', 'persistentvolumeclaim="chat-models"', always(100)),
    },
    silent: {
      ...kube('kubelet_volume_stats_available_bytes', 'persistentvolumeclaim="chat-models"', always(40)),
      ...kube('kubelet_volume_stats_capacity_bytes', 'persistentvolumeclaim="chat-models"', always(100)),
    },
  },
  PolypodAutoscalerBlind: {
    fires: { 'polypod_requests_queued{namespace="llm",instance="10.0.0.1:9090"}': always(3) },
    silent: nodes('polypod_requests_queued', [always(0)], model),
  },
  PolypodAutoscalerInactive: {
    fires: kube(
      'kube_horizontalpodautoscaler_status_condition',
      'horizontalpodautoscaler="keda-hpa-chat",condition="ScalingActive",status="false"',
      always(1),
    ),
    silent: kube(
      'kube_horizontalpodautoscaler_status_condition',
      'horizontalpodautoscaler="chat-gateway",condition="ScalingActive",status="false"',
      always(0),
    ),
  },
  PolypodAutoscalerAtMaximum: {
    fires: {
      ...kube(
        'kube_horizontalpodautoscaler_status_current_replicas',
        'horizontalpodautoscaler="chat-gateway"',
        always(6),
      ),
      ...kube(
        'kube_horizontalpodautoscaler_spec_max_replicas',
        'horizontalpodautoscaler="chat-gateway"',
        always(6),
      ),
    },
    silent: {
      ...kube(
        'kube_horizontalpodautoscaler_status_current_replicas',
        'horizontalpodautoscaler="chat-gateway"',
        always(5),
      ),
      ...kube(
        'kube_horizontalpodautoscaler_spec_max_replicas',
        'horizontalpodautoscaler="chat-gateway"',
        always(6),
      ),
    },
  },
  PolypodBackupMissing: {
    fires: kube('kube_cronjob_status_last_successful_time', 'cronjob="chat-backup"', '0x200'),
    silent: {
      ...kube('kube_cronjob_created', 'cronjob="chat-backup"', '0x200'),
      ...kube('kube_cronjob_status_last_successful_time', 'cronjob="chat-backup"', '0x100 3600x100'),
    },
    at: '130m',
  },
};

test('promtool reads the rules and the templates of their texts', () => {
  expect(ruleFaults(rules)).toBe('');
});

test('every alert is tried on recorded series', () => {
  expect(Object.keys(RECORDINGS).sort()).toEqual([...new Set(alerts.map(({ name }) => name))].sort());
});

test.each(groups)('each alert about $name fires when it must, and is silent when all is well', (group) => {
  const names = new Set(group.alerts.map(({ name }) => name));
  const cases = [...names].flatMap((alert) => {
    const { fires = {}, silent = {}, at = '40m' } = RECORDINGS[alert] ?? {};
    return [
      { alert, series: fires, at, firing: 1 },
      { alert, series: silent, at, firing: 0 },
    ];
  });
  expect(alertFaults(ruleGroups([group], 'chat'), cases)).toBe('');
});

test('an alert that does not do as expected would be seen', () => {
  const { fires } = RECORDINGS.PolypodNodeDown ?? { fires: {} };
  const wrong = { alert: 'PolypodNodeDown', series: fires, at: '40m', firing: 0 };
  expect(alertFaults(rules, [wrong])).toContain('PolypodNodeDown');
});

test('what people read names the node and links to the runbook', () => {
  const down = rules.flatMap((group) => group.rules).find(({ alert }) => alert === 'PolypodNodeDown');
  expect(down).toMatchObject({
    labels: { severity: 'warning', system: 'chat' },
    annotations: {
      summary: 'Node {{ $labels.pod }} does not answer',
      runbook_url: 'https://unpkg.com/polypod/docs/operations.md#a-node-does-not-start',
    },
  });
});

test('a backup that never succeeded is missed as well', () => {
  const series = kube('kube_cronjob_created', 'cronjob="chat-backup"', '0x200');
  expect(alertFaults(rules, [{ alert: 'PolypodBackupMissing', series, at: '130m', firing: 1 }])).toBe('');
});

test('where nothing is scraped at all, that is what is said', () => {
  const series = { 'up{namespace="llm",job="other",pod="other-0"}': '1x60' };
  expect(alertFaults(rules, [{ alert: 'PolypodAllNodesDown', series, at: '10m', firing: 1 }])).toBe('');
});

test('every alert says who is hit and leads to a page that is there', () => {
  for (const { name, summary, description, runbook } of alerts) {
    expect([name, summary.length < 140, description.length > 20]).toEqual([name, true, true]);
    const [page = '', heading] = runbook.split('#');
    const headings = readFileSync(`docs/${page}`, 'utf8').match(/^#+ .*$/gm) ?? [];
    expect([name, headings.map(anchorOf)]).toEqual([name, expect.arrayContaining([heading])]);
  }
});

/** The anchor that a heading gets where Markdown is shown. */
const anchorOf = (heading: string) =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
