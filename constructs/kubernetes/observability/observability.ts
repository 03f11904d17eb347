import { type ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import { PATHS } from '../../../runtime/contract.cjs';
import type { Problem } from '../../contracts';
import { labels, nameProblems, objectName } from '../labels';
import { makeObjects, type Overrides } from '../objects';
import type { Workload } from '../workload';
import { type AlertGroup, ruleGroups } from './alert';
import { type Autoscaled, autoscalingAlerts } from './alerts/autoscaling';
import { backupAlerts } from './alerts/backup';
import type { LatencyThresholds } from './alerts/load';
import { workloadAlerts } from './alerts/workloads';
import { dashboard } from './dashboards/dashboard';
import { workloadRows } from './dashboards/workloads';
import { runtimeAlerts, runtimePanels } from './runtime';

/** What is watched, and how Prometheus and Grafana find it. */
export interface ObservabilityProps {
  /** Name of the topology. */
  readonly name: string;
  /** What is watched. */
  readonly workloads: readonly Workload[];
  /** Claims that are watched. @default none */
  readonly claims?: readonly string[];
  /** Nodes of the runtime, which are scraped. @default none: the cluster's own exporters tell what there is */
  readonly runtime?: {
    /** As many as there always are. */
    readonly nodes: number;
    readonly latency?: LatencyThresholds;
  };
  /** @default none */
  readonly autoscaled?: readonly Autoscaled[];
  /** CronJob of the backup, and seconds after which the last one is too old. @default none */
  readonly backup?: { readonly cronJob: string; readonly seconds: number };
  /** Labels by which Prometheus finds monitors and rules: `{ release: 'kube-prometheus-stack' }`. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels by which Grafana's sidecar finds dashboards. @default `{ grafana_dashboard: '1' }` */
  readonly dashboardLabels?: Readonly<Record<string, string>>;
  /** Seconds between scrapes. @default 30 */
  readonly scrapeSeconds?: number;
  /** Where docs/ is read from, for links from alerts. @default unpkg.com's copy of the package */
  readonly runbooks?: string;
  readonly overrides?: Overrides<'serviceMonitor' | 'prometheusRule' | 'dashboard'>;
}

/**
 * What shows how a system is, and calls a person when it is not well: a ServiceMonitor that has Prometheus scrape the
 * runtime's nodes, a PrometheusRule with alerts, and a ConfigMap with a dashboard that Grafana's sidecar picks up.
 *
 * The cluster must have the Prometheus operator (its kinds `ServiceMonitor` and `PrometheusRule`), kube-state-metrics,
 * and, for dashboards, Grafana with its sidecar: the chart kube-prometheus-stack brings all of them. Of Prometheus the
 * namespace must be let in to port 9090 of the nodes (`network.metricsFrom`).
 */
export class Observability extends Construct {
  /** @default none where no node of the runtime is watched */
  readonly serviceMonitor: ApiObject | undefined;
  readonly prometheusRule: ApiObject;
  readonly dashboard: ApiObject;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const namespace = Chart.of(this).namespace;
    const identity = { application: 'polypod', instance: props.name, component: 'observability' };
    const metadata = (name: string, further: Readonly<Record<string, string>> = {}) => ({
      name,
      labels: { ...further, ...labels(identity) },
    });
    const made = makeObjects(
      this,
      {
        serviceMonitor: props.runtime && {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'ServiceMonitor',
          metadata: metadata(props.name, props.labels),
          spec: {
            // Nodes of all roles are one job, named after the system.
            jobLabel: 'app.kubernetes.io/instance',
            selector: {
              matchLabels: {
                'app.kubernetes.io/name': 'polypod-runtime',
                'app.kubernetes.io/instance': props.name,
              },
            },
            endpoints: [{ port: 'metrics', path: PATHS.metrics, interval: `${props.scrapeSeconds ?? 30}s` }],
          },
        },
        prometheusRule: {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'PrometheusRule',
          metadata: metadata(props.name, props.labels),
          spec: { groups: ruleGroups(alertsOf(props, namespace ?? ''), props.name, props.runbooks) },
        },
        dashboard: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: metadata(
            objectName(props.name, 'dashboard'),
            props.dashboardLabels ?? { grafana_dashboard: '1' },
          ),
          data: { [`${props.name}.json`]: JSON.stringify(dashboardOf(props, namespace ?? ''), undefined, 1) },
        } satisfies ConfigMap,
      },
      props.overrides,
      observabilityProblems(props, namespace),
    );
    this.serviceMonitor = made.serviceMonitor;
    this.prometheusRule = made.prometheusRule;
    this.dashboard = made.dashboard;
  }
}

function alertsOf(props: ObservabilityProps, namespace: string): AlertGroup[] {
  const { name, runtime, workloads, claims = [], autoscaled = [], backup } = props;
  return [
    ...(runtime ? runtimeAlerts({ namespace, job: name }, runtime.nodes, runtime.latency) : []),
    workloadAlerts({ namespace, workloads, claims }),
    ...(autoscaled.length === 0 ? [] : [autoscalingAlerts(namespace, autoscaled)]),
    ...(backup ? [backupAlerts(namespace, backup.cronJob, backup.seconds)] : []),
  ];
}

function dashboardOf({ name, runtime, workloads, claims = [] }: ObservabilityProps, namespace: string) {
  return dashboard(`Polypod: ${name} in ${namespace}`, [
    ...(runtime ? runtimePanels({ namespace, job: name }, runtime.nodes) : []),
    ...workloadRows({ namespace, workloads, claims }),
  ]);
}

function observabilityProblems(
  { name, workloads }: ObservabilityProps,
  namespace: string | undefined,
): Problem[] {
  const problems = nameProblems('name', name);
  if (workloads.length === 0) {
    problems.push({
      path: 'workloads',
      value: workloads,
      reason: 'holds nothing to watch',
      mend: 'name a workload, or leave the construct out',
    });
  }
  if (namespace === undefined) {
    problems.push({
      path: 'namespace',
      value: undefined,
      reason: 'is not known, so alerts would be about the pods of every namespace',
      mend: 'give the chart a namespace',
    });
  }
  return problems;
}
