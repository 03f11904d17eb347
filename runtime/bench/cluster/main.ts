/**
 * The benchmarks of the cluster: what forwarding costs, what a gateway costs beside nginx, how requests are routed, and
 * how soon nodes know of changes.
 */
import { type Figure, report } from '../report.js';
import { decisions } from './decisions.js';
import { forwarding } from './forwarding.js';
import { invalidation } from './invalidation.js';
import { LoadGenerator } from './processes.js';
import { router } from './router.js';

const load = new LoadGenerator();
try {
  const figures = [
    ...decisions(),
    ...(await router(load)),
    ...(await forwarding(load)),
    ...(await invalidation()),
  ];
  for (const figure of figures) process.stderr.write(`${line(figure)}\n`);
  report('cluster', figures);
} finally {
  load.stop();
}

function line({ name, value, unit, goal, holds }: Figure): string {
  const wanted = goal === undefined ? '' : `   ${holds ? 'as wanted' : 'missed'}: ${goal}`;
  return `${name.padEnd(58)}${String(value).padStart(9)} ${unit.padEnd(9)}${wanted}`;
}
