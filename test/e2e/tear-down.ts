import { readFileSync } from 'node:fs';
import { currentRun, theClients, theSystem } from './support/run';

/** Removes what the suite made, and prints all figures as one line of JSON. E2E_KEEP=1 leaves the system to be looked at. */
export default function tearDown(): void {
  const { figures, namespace, clientNamespace } = currentRun();
  const lines = readFileSync(figures, 'utf8').split('\n').filter(Boolean);
  process.stdout.write(`${JSON.stringify(Object.assign({}, ...lines.map((line) => JSON.parse(line))))}\n`);
  if (process.env.E2E_KEEP === '1') {
    process.stdout.write(`kept: namespaces ${namespace} and ${clientNamespace}\n`);
    return;
  }
  theClients().remove();
  theSystem().remove();
}
