/** Processes and pods die under load: streams go on, nothing is lost or repeated. */
import { setTimeout as sleep } from 'node:timers/promises';
import { record } from './support/figures';
import { quantileSeconds, recordGaps, streams, unharmed } from './support/harm';
import { Killer } from './support/killer';
import { kubectl, until } from './support/kubectl';
import { currentRun, theClients, theSystem } from './support/run';
import { isReady } from './support/system';

const system = theSystem();
const clients = theClients();
const { namespace, image, quick } = currentRun();
const killer = new Killer(`${namespace}-killer`, image);

/** Streams that lose their pod in the whole of it. */
const STREAM_KILLS = quick ? 20 : 200;
/** Of a killed pod. A quick run has too few gaps for a quantile, and shares its machine. */
const LONGEST_GAP_SECONDS = 3;

beforeAll(() => killer.create());
afterAll(() => killer.remove());
beforeEach(() => system.ready());
afterEach(() => clients.stopAll());

test(`${STREAM_KILLS} streams whose pod dies by SIGKILL read on at another`, async () => {
  // Two pods have places for all of them.
  const load = await streams(clients, system, 30);
  let killed = 0;
  let kills = 0;
  while (killed < STREAM_KILLS && kills < STREAM_KILLS) {
    const busy = system.pods().map((pod) => ({ pod, streams: system.streamsOn(pod.metadata.name) }));
    const [busiest] = busy.sort((a, b) => b.streams - a.streams);
    if (!busiest) throw new Error('no pods');
    const victim = busiest.pod;
    killed += busiest.streams;
    expect(killer.kill(victim, 'main.js')).toBeGreaterThan(0);
    kills++;
    // A new pod instead of a restarted container, whose back-off doubles with each restart.
    kubectl(['delete', 'pod', '-n', namespace, victim.metadata.name, '--force', '--grace-period=0']);
    await until('ready again', 90, () =>
      system
        .pods()
        .some(
          (pod) =>
            pod.metadata.name === victim.metadata.name &&
            pod.metadata.uid !== victim.metadata.uid &&
            isReady(pod),
        ),
    );
    await sleep(1000);
  }
  const { gaps, answered, resumed } = unharmed(load);
  record({ streamKills: killed, podKills: kills, streamsAnswered: answered, streamsResumed: resumed });
  recordGaps('kill', gaps);
  expect(killed).toBeGreaterThanOrEqual(STREAM_KILLS);
  if (!quick) expect(quantileSeconds(gaps, 0.99)).toBeLessThan(LONGEST_GAP_SECONDS);
}, 900_000);

test('a killed engine starts again, and its streams go on', async () => {
  const restarts = () =>
    system.pods().map(({ status }) => status.containerStatuses?.map(({ restartCount }) => restartCount));
  const before = restarts();
  const load = await streams(clients, system);
  for (const pod of system.pods()) {
    expect(killer.kill(pod, 'llama/child')).toBeGreaterThan(0);
    await sleep(4000);
  }
  recordGaps('engineKill', unharmed(load).gaps);
  expect(restarts()).toEqual(before);
});

test('a deleted pod hands its streams over', async () => {
  const load = await streams(clients, system);
  kubectl(['delete', 'pod', '-n', namespace, 'chat-1', '--wait=true']);
  await system.ready();
  recordGaps('delete', unharmed(load).gaps);
});
