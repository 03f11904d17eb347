import { Yaml } from 'cdk8s';
import { ruleGroups } from '../constructs/kubernetes/observability/alert';
import { dashboard } from '../constructs/kubernetes/observability/dashboards/dashboard';
import { runtimeAlerts, runtimePanels } from '../constructs/kubernetes/observability/runtime';

const NODES = 3;
/** What `prometheus.yaml` gives the series of all three. */
const SYSTEM = { job: 'polypod' };

/** The files of `examples/compose` that follow from the runtime's metrics: path → content. */
export function composeFiles(): ReadonlyMap<string, string> {
  const groups = ruleGroups(runtimeAlerts(SYSTEM, NODES), 'compose');
  const panels = dashboard('Polypod: compose', runtimePanels(SYSTEM, NODES));
  return new Map([
    ['prometheus/rules.yaml', `# Made by \`npm run compose\`.\n${Yaml.stringify({ groups })}`],
    ['grafana/dashboards/polypod.json', `${JSON.stringify(panels, undefined, 2)}\n`],
  ]);
}
