/** Nodes are drained, lose their power, or are cut off, under load: streams go on, nothing is lost or repeated. */
import { execSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantileSeconds, recordGaps, streams, unharmed } from './support/harm';
import { kubectl, list } from './support/kubectl';
import { currentRun, steadyNode, theClients, theSystem } from './support/run';
import type { Pod } from './support/system';

const system = theSystem();
const clients = theClients();
const { hooks, namespace } = currentRun();

/** Of a node without power: it says nothing, and has to be missed. */
const LONGEST_GAP_SECONDS = 20;

/** Cache, database and clients stay where nothing happens: their loss is another test. */
beforeAll(async () => {
  system.pin('chat-cache', steadyNode());
  system.pin('chat-database', steadyNode());
  await system.ready();
});
beforeEach(() => system.ready());
afterEach(() => clients.stopAll());

test('the budget refuses what it should, and a drain comes to its end', async () => {
  const load = await streams(clients, system);
  const node = system.pods().find(({ metadata }) => metadata.name === 'chat-2')?.spec.nodeName ?? '';
  try {
    kubectl([
      'drain',
      node,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=180s',
      ...onlyOurs(),
    ]);
    expect(podsOn(node).filter(isOurs)).toEqual([]);
  } finally {
    kubectl(['uncordon', node]);
  }
  await system.ready();
  recordGaps('drain', unharmed(load).gaps);
  // Two at once are one too many.
  expect(evict('chat-0')).toBe('evicted');
  expect(evict('chat-1')).toBe('refused');
});

const ifPower = hooks.killNode && hooks.startNode ? test : test.skip;
ifPower(
  'a node without power loses no stream (skipped without E2E_NODE_KILL and E2E_NODE_START)',
  async () => {
    const load = await streams(clients, system);
    const node = nodeToLose();
    execSync(`${hooks.killNode} ${node}`, { stdio: 'pipe' });
    try {
      await sleep(30_000);
    } finally {
      execSync(`${hooks.startNode} ${node}`, { stdio: 'pipe' });
    }
    await system.ready();
    const { gaps } = unharmed(load);
    recordGaps('powerCut', gaps);
    expect(quantileSeconds(gaps, 0.99)).toBeLessThan(LONGEST_GAP_SECONDS);
  },
);

const ifPartition = hooks.partitionNode ? test : test.skip;
ifPartition(
  'a node cut off from the others, and healed, repeats nothing (skipped without E2E_NODE_PARTITION)',
  async () => {
    const load = await streams(clients, system);
    const node = nodeToLose();
    execSync(`${hooks.partitionNode} ${node} on`, { stdio: 'pipe' });
    try {
      await sleep(20_000);
    } finally {
      execSync(`${hooks.partitionNode} ${node} off`, { stdio: 'pipe' });
    }
    await system.ready();
    recordGaps('partition', unharmed(load).gaps);
  },
);

const podsOn = (node: string) =>
  list<Pod>(['pods', '-n', namespace, '--field-selector', `spec.nodeName=${node}`]);
const isOurs = ({ metadata }: Pod) => metadata.labels?.['app.kubernetes.io/name'] === 'polypod-runtime';

/** Only pods of the runtime are moved: others on a shared cluster are not ours, and cache and database have no second. */
const onlyOurs = () => ['--pod-selector', 'app.kubernetes.io/name=polypod-runtime'];

/** A node with a pod of the runtime on it, and without what there is only one of. */
function nodeToLose(): string {
  const node = system
    .pods()
    .map(({ spec }) => spec.nodeName)
    .find((name) => name !== steadyNode());
  if (node === undefined) throw new Error('no node can be spared: three with room for a pod each are needed');
  return node;
}

function evict(pod: string): 'evicted' | 'refused' {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
  try {
    kubectl(
      ['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, '-f', '-'],
      JSON.stringify(eviction),
    );
    return 'evicted';
  } catch (error) {
    if (/disruption budget/.test(String(error))) return 'refused';
    throw error;
  }
}
