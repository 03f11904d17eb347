/** New versions and changing sizes, under load. */
import { record } from './support/figures';
import { quantileSeconds, streams, unharmed } from './support/harm';
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

/** Another revision of the pods. */
const changed = { resources: { requests: { cpu: '110m', memory: '512Mi' } } };

test('a rolling update and its rollback fail no request and cut no stream', async () => {
  await system.ready();
  const before = system.statefulSet().status.currentRevision;
  const [asked, streamed] = [await requests(), await streams(clients, system, 6)];
  const started = Date.now();
  system.apply(changed);
  await system.ready(300);
  const updateSeconds = Math.round((Date.now() - started) / 1000);
  expect(system.statefulSet().status.currentRevision).not.toBe(before);

  kubectl(['rollout', 'undo', '-n', system.namespace, `statefulset/${system.name}`]);
  await system.ready(300);
  expect(system.statefulSet().status.currentRevision).toBe(before);
  system.apply();
  await system.ready();
  await until(`asked ${REQUESTS} times`, 300, () => asked.progress().answered >= REQUESTS);

  const result = unharmed(asked);
  const read = unharmed(streamed);
  record({
    rollingUpdateSeconds: updateSeconds,
    rollingUpdateRequests: result.answered,
    rollingUpdateStreams: read.answered,
    rollingUpdateGapP99Seconds: quantileSeconds(read.gaps, 0.99),
  });
  expect(result.answered).toBeGreaterThanOrEqual(REQUESTS);
}, 900_000);

test('under load the autoscaler goes from 3 to 6 pods and back, and cuts no stream', async () => {
  const { namespace, ...options } = system.options;
  const elastic = new System({ ...options, namespace: `${namespace}-elastic`, topology: ELASTIC });
  elastic.create();
  try {
    await elastic.ready();
    const hpa = () => get<Autoscaler>(['hpa', elastic.name, '-n', elastic.namespace]).status;
    const load = await streams(clients, elastic, 30);
    const started = Date.now();
    await until('6 ready pods', 300, () => elastic.statefulSet().status.readyReplicas === 6);
    const scaleOutSeconds = Math.round((Date.now() - started) / 1000);
    const busy = unharmed(load);
    const few = await streams(clients, elastic, 2);
    await until('scaled in to 3', 300, () => elastic.pods().length === 3 && hpa().desiredReplicas === 3);
    const calm = unharmed(few);
    record({ scaleOutSeconds, scaledStreams: busy.answered + calm.answered });
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
