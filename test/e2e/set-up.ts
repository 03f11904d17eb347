import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clients } from './support/clients';
import { type ClusterObject, list } from './support/kubectl';
import { preconditions } from './support/preconditions';
import { RUN_FILE, type Run } from './support/run';
import { System } from './support/system';

/** Says what stands in the way, or brings the system up that all tests share. */
export default async function setUp(): Promise<void> {
  const found = preconditions(process.env);
  if ('problems' in found) refuse(found.problems);
  const folder = mkdtempSync(join(tmpdir(), 'polypod-e2e-run-'));
  const { E2E_NODE_KILL, E2E_NODE_START, E2E_NODE_PARTITION, E2E_QUICK } = process.env;
  const namespace = `polypod-e2e-${process.pid}`;
  const run: Run = {
    namespace,
    clientNamespace: `${namespace}-clients`,
    ...found,
    hooks: {
      killNode: E2E_NODE_KILL,
      startNode: E2E_NODE_START,
      partitionNode: E2E_NODE_PARTITION,
    },
    quick: E2E_QUICK === '1',
    steadyNode: steadyNode(),
    figures: join(folder, 'figures.jsonl'),
  };
  const file = join(folder, 'run.json');
  writeFileSync(file, JSON.stringify(run));
  writeFileSync(run.figures, '');
  process.env[RUN_FILE] = file;

  process.stdout.write(`\nnamespaces ${run.namespace} and ${run.clientNamespace}\n`);
  const started = Date.now();
  const clients = new Clients(run.clientNamespace, run.image, run.steadyNode);
  clients.create();
  if (!(await clients.canHave(run.image))) {
    clients.remove();
    refuse([`E2E_IMAGE is ${run.image}, which the cluster can't get: load it into its nodes, or push it`]);
  }
  const system = new System(run);
  system.create();
  await system.ready();
  process.stdout.write(`ready after ${Math.round((Date.now() - started) / 1000)} s\n`);
}

function refuse(problems: readonly string[]): never {
  process.stderr.write(
    `\nThe e2e suite can't start:\n${problems.map((problem) => `  - ${problem}\n`).join('')}`,
  );
  process.exit(2);
}

/** The first node that takes any pod. */
function steadyNode(): string {
  const node = list<Node>(['nodes']).find(({ spec: { unschedulable, taints = [] } }) => {
    return !unschedulable && taints.every(({ effect }) => effect === 'PreferNoSchedule');
  });
  if (node === undefined) throw new Error('no node takes pods: all are cordoned or tainted');
  return node.metadata.name;
}

interface Node extends ClusterObject {
  readonly spec: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly effect: string }[];
  };
}
