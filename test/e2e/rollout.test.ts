/** New versions and changing sizes, under load. */
import { quantile, record } from './support/figures';
import { get, kubectl, until } from './support/kubectl';
import { theClients, theSystem } from './support/run';
import { System } from './support/system';

const system = theSystem();
const clients = theClients();

const REQUESTS = 2000;

afterEach(() => clients.stopAll());

const requests = () =>
  clients.load({
    url: system.url,
    model: 'demo',
    mode: 'requests',
    clients: 8,
    prompts: 6,
    maxTokens: 4,
    pauseMilliseconds: 50,
  });
const streams = (count: number, { url } = system) =>
  clients.load({
    url,
    model: 'demo',
    mode: 'streams',
    clients: count,
    prompts: 6,
    maxTokens: 160,
  });

/** Another revision of the pods. */
const changed = { resources: { requests: { cpu: '110m', memory: '512Mi' } } };

test('a rolling update and its rollback fail no request and cut no stream', async () => {
  await system.ready();
  const before = system.statefulSet().status.currentRevision;
  const [asked, streamed] = [await requests(), await streams(6)];
  const started = Date.now();
  system.apply(changed);
  await system.ready(3, 300);
  const updateSeconds = Math.round((Date.now() - started) / 1000);
  expect(system.statefulSet().status.currentRevision).not.toBe(before);

  kubectl(['rollout', 'undo', '-n', system.namespace, `statefulset/${system.name}`]);
  await system.ready(3, 300);
  expect(system.statefulSet().status.currentRevision).toBe(before);
  system.apply();
  await system.ready();
  await until(`asked ${REQUESTS} times`, 300, () => asked.progress().answered >= REQUESTS);

  const result = asked.stop();
  const read = streamed.stop();
  record({
    rollingUpdateSeconds: updateSeconds,
    rollingUpdateRequests: result.answered,
    rollingUpdateFailed: result.failed,
    rollingUpdateStreams: read.answered,
    rollingUpdateGapP99Seconds: quantile(read.gaps, 0.99) / 1000,
  });
  expect(result.answered).toBeGreaterThanOrEqual(REQUESTS);
  expect({ failed: result.failed, faults: result.faults }).toEqual({ failed: 0, faults: [] });
  expect({ failed: read.failed, faults: read.faults }).toEqual({ failed: 0, faults: [] });
}, 900_000);

test('under load the autoscaler goes from 3 to 6 pods and back, and cuts no stream', async () => {
  const { namespace, ...options } = system.options;
  const elastic = new System({ ...options, namespace: `${namespace}-elastic`, topology: ELASTIC });
  elastic.create();
  try {
    await elastic.ready();
    const hpa = () => get<Autoscaler>(['hpa', elastic.name, '-n', elastic.namespace]).status;
    const load = await streams(30, elastic);
    const started = Date.now();
    await until('6 ready pods', 300, () => elastic.statefulSet().status.readyReplicas === 6);
    const scaleOutSeconds = Math.round((Date.now() - started) / 1000);
    const busy = load.stop();
    const few = await streams(2, elastic);
    await until('scaled in to 3', 300, () => elastic.pods().length === 3 && hpa().desiredReplicas === 3);
    const calm = few.stop();
    record({ scaleOutSeconds, scaledStreams: busy.answered + calm.answered });
    for (const { failed, faults } of [busy, calm])
      expect({ failed, faults }).toEqual({ failed: 0, faults: [] });
  } finally {
    elastic.remove();
  }
}, 900_000);

/** Quicker than the defaults, which wait five minutes before they act. */
const ELASTIC = {
  replicas: { min: 3, max: 6 },
  autoscaling: {
    signal: 'cpu-memory',
    memoryPercent: 'off',
    behavior: {
      scaleUp: { pods: 3, period: '15s', stabilization: '0s' },
      scaleDown: { pods: 3, period: '15s', stabilization: '10s' },
    },
  },
};

interface Autoscaler {
  readonly status: { readonly desiredReplicas: number };
}
