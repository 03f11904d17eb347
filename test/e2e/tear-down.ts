import { readFileSync } from 'node:fs';
import { SUITE_LABEL } from './support/applied-topology';
import { list, until } from './support/kubectl';
import { currentRun, theClients, theSystem } from './support/run';

/** Removes what the suite made, and prints all figures as one line of JSON. E2E_KEEP=1 leaves the system to be looked at. */
export default async function tearDown(): Promise<void> {
  const { figures, namespace, clientNamespace } = currentRun();
  const lines = readFileSync(figures, 'utf8').split('\n').filter(Boolean);
  process.stdout.write(`${JSON.stringify(Object.assign({}, ...lines.map((line) => JSON.parse(line))))}\n`);
  if (process.env.E2E_KEEP === '1') {
    process.stdout.write(`kept: namespaces ${namespace} and ${clientNamespace}\n`);
    return;
  }
  theClients().remove();
  theSystem().remove();
  const ours = () =>
    list(['namespaces', '-l', SUITE_LABEL]).filter(({ metadata }) => metadata.name.startsWith(namespace));
  await until('without the namespaces of this run', 180, () => ours().length === 0);
}
