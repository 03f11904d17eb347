/** Pods, processes and nodes die under load: streams go on, nothing is lost or repeated. */
import { execSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from './support/clients';
import { quantile, record } from './support/figures';
import { Killer } from './support/killer';
import { kubectl, list, until } from './support/kubectl';
import { currentRun, theClients, theSystem } from './support/run';
import type { Pod } from './support/system';

const system = theSystem();
const clients = theClients();
const { hooks, namespace, image } = currentRun();
const killer = new Killer(`${namespace}-killer`, image);

/** Streams that lose their pod in the whole of it. */
const STREAM_KILLS = 200;

beforeAll(() => killer.create());
afterAll(() => killer.remove());
afterEach(() => clients.stopAll());

const streams = () =>
  clients.load({ url: system.url, model: 'demo', mode: 'streams', clients: 20, prompts: 6, maxTokens: 160 });

/** Ends the load, and holds against it what no fault may cause. */
function unharmed(load: Load) {
  const result = load.stop();
  const { failed, faults, lostOrRepeated, answered } = result;
  expect({ failed, faults, lostOrRepeated }).toEqual({ failed: 0, faults: [], lostOrRepeated: 0 });
  expect(answered).toBeGreaterThan(20);
  return result;
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 10) / 100;

test(`${STREAM_KILLS} streams whose pod dies by SIGKILL read on at another`, async () => {
  await system.ready();
  const load = await streams();
  let killed = 0;
  let kills = 0;
  while (killed < STREAM_KILLS && kills < STREAM_KILLS) {
    const pods = system.pods();
    const victim = pods[kills % pods.length];
    if (!victim) throw new Error('no pods');
    killed += system.streamsOn(victim.metadata.name);
    expect(killer.kill(victim, 'main.js')).toBeGreaterThan(0);
    kills++;
    // A new pod instead of a restarted container, whose back-off doubles with each restart.
    kubectl(['delete', 'pod', '-n', namespace, victim.metadata.name, '--force', '--grace-period=0']);
    await until(
      'ready again',
      90,
      () => isReady(victim.metadata.name) && uidOf(victim.metadata.name) !== victim.metadata.uid,
    );
    await sleep(1000);
  }
  const { gaps, answered, resumed } = unharmed(load);
  const p99 = quantile(gaps, 0.99);
  record({
    streamKills: killed,
    podKills: kills,
    streamsAnswered: answered,
    streamsResumed: resumed,
    killGapP50Seconds: seconds(quantile(gaps, 0.5)),
    killGapP99Seconds: seconds(p99),
  });
  expect(killed).toBeGreaterThanOrEqual(STREAM_KILLS);
  expect(p99).toBeLessThan(3000);
}, 900_000);

test('a killed engine starts again, and its streams go on', async () => {
  await system.ready();
  const load = await streams();
  for (const pod of system.pods()) {
    expect(killer.kill(pod, 'llama/child')).toBeGreaterThan(0);
    await sleep(4000);
  }
  unharmed(load);
  expect(
    system.pods().map(({ status }) => status.containerStatuses?.map(({ restartCount }) => restartCount)),
  ).toEqual([[0], [0], [0]]);
});

test('a deleted pod hands its streams over', async () => {
  await system.ready();
  const load = await streams();
  kubectl(['delete', 'pod', '-n', namespace, 'chat-1', '--wait=true']);
  await system.ready();
  const { gaps } = unharmed(load);
  record({ deleteGapP99Seconds: seconds(quantile(gaps, 0.99)) });
});

test('the budget refuses what it should, and a drain comes to its end', async () => {
  await system.ready();
  const load = await streams();
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
    expect(list<Pod>(['pods', '-n', namespace, '--field-selector', `spec.nodeName=${node}`])).toEqual([]);
  } finally {
    kubectl(['uncordon', node]);
  }
  await system.ready();
  unharmed(load);
  // Two at once are one too many.
  expect(evict('chat-0')).toBe('evicted');
  expect(evict('chat-1')).toBe('refused');
  await system.ready();
});

const ifHook = hooks.killNode && hooks.startNode ? test : test.skip;
ifHook(
  'a node without power loses no stream',
  async () => {
    await system.ready();
    const load = await streams();
    const victim = system.pods().find(({ spec }) => spec.nodeName !== controlPlaneNode()) ?? system.pods()[0];
    if (!victim) throw new Error('no pods');
    const { nodeName } = victim.spec;
    const servers = list<Pod>(['pods', '-n', namespace]).filter(
      ({ metadata, spec }) => spec.nodeName === nodeName && !metadata.name.match(/^chat-\d$/),
    );
    execSync(`${hooks.killNode} ${nodeName}`, { stdio: 'pipe' });
    try {
      await sleep(30_000);
    } finally {
      execSync(`${hooks.startNode} ${nodeName}`, { stdio: 'pipe' });
    }
    await system.ready(3, 180);
    const { gaps } = unharmed(load);
    record({ powerCutGapP99Seconds: seconds(quantile(gaps, 0.99)), powerCutServersHit: servers.length });
    if (servers.length === 0) expect(quantile(gaps, 0.99)).toBeLessThan(20_000);
  },
  400_000,
);

const ifPartition = hooks.partitionNode ? test : test.skip;
ifPartition(
  'a node cut off from the others, and healed, repeats nothing',
  async () => {
    await system.ready();
    const load = await streams();
    const node = system.pods().find(({ spec }) => spec.nodeName !== controlPlaneNode())?.spec.nodeName ?? '';
    execSync(`${hooks.partitionNode} ${node} on`, { stdio: 'pipe' });
    try {
      await sleep(20_000);
    } finally {
      execSync(`${hooks.partitionNode} ${node} off`, { stdio: 'pipe' });
    }
    await system.ready(3, 180);
    const { gaps } = unharmed(load);
    record({ partitionGapP99Seconds: seconds(quantile(gaps, 0.99)) });
  },
  400_000,
);

const uidOf = (name: string) => system.pods().find(({ metadata }) => metadata.name === name)?.metadata.uid;
const isReady = (name: string) =>
  system
    .pods()
    .some(
      ({ metadata, status }) =>
        metadata.name === name &&
        status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );

/** Only pods of the system are moved: others on a shared cluster are not ours. */
const onlyOurs = () => ['--pod-selector', `app.kubernetes.io/instance=${system.name}`];

/** The first node runs what the suite itself needs. */
const controlPlaneNode = () => list(['nodes'])[0]?.metadata.name;

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
