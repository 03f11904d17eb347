/** What a person on call is told of, and when. */
export interface Alert {
  /** Begins with `Polypod`. */
  readonly name: string;
  /** `critical` wakes somebody: users are hit, or nothing is left to lose. `warning` can wait for the morning. */
  readonly severity: 'critical' | 'warning';
  /** How long it must hold: `5m`. `0m` where the expression looks back itself. */
  readonly for: string;
  /** PromQL that yields a series for each thing that is wrong. */
  readonly expr: string;
  /** One line. Both texts may use Prometheus' templates. */
  readonly summary: string;
  /** What it means for users, and where to look. */
  readonly description: string;
  /** Page of `docs/` and its heading. */
  readonly runbook: `${string}.md#${string}`;
}

/** Alerts that are looked at together. */
export interface AlertGroup {
  readonly name: string;
  readonly alerts: readonly Alert[];
}

/** Where docs/ is read from. */
const RUNBOOKS = 'https://unpkg.com/polypod/docs';

/** Groups of alerts as Prometheus reads them from a rule file, and its operator from a PrometheusRule. */
export function ruleGroups(groups: readonly AlertGroup[], system: string, runbooks: string = RUNBOOKS) {
  return groups.map(({ name, alerts }) => ({
    name: `${system}.${name}`,
    rules: alerts.map((alert) => ({
      alert: alert.name,
      expr: alert.expr,
      for: alert.for,
      labels: { severity: alert.severity, system },
      annotations: {
        summary: alert.summary,
        description: alert.description,
        runbook_url: `${runbooks}/${alert.runbook}`,
      },
    })),
  }));
}
