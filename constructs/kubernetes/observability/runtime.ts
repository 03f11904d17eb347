import type { AlertGroup } from './alert';
import { leaderAlerts } from './alerts/leader';
import { type LatencyThresholds, loadAlerts } from './alerts/load';
import { modelAlerts } from './alerts/models';
import { nodeAlerts } from './alerts/nodes';
import { storeAlerts } from './alerts/stores';
import { runtimeRows } from './dashboards/runtime';
import type { Matchers, TargetLabel } from './promql';
import { RuntimeSeries } from './runtime-series';

/**
 * Every alert about nodes of the runtime, in Kubernetes or elsewhere.
 *
 * @param system labels that all nodes of the system have as Prometheus scrapes them, and no others
 * @param nodes as many as there always are
 */
export function runtimeAlerts(
  system: Matchers<TargetLabel>,
  nodes: number,
  latency?: LatencyThresholds,
): AlertGroup[] {
  const of = new RuntimeSeries(system, '5m');
  return [nodeAlerts(of, nodes), leaderAlerts(of), modelAlerts(of), loadAlerts(of, latency), storeAlerts(of)];
}

/** The rows of a dashboard about nodes of the runtime. */
export const runtimePanels = (system: Matchers<TargetLabel>, nodes: number) =>
  runtimeRows(new RuntimeSeries(system, '$__rate_interval'), nodes);
