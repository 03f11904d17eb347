/** Who reaches whom, from real pods: exactly what the topology allows. */
import { App } from 'cdk8s';
import { InferenceChart, type Reach, validateTopology } from '../../index';
import { record } from './support/figures';
import { get, kubectl, list } from './support/kubectl';
import { probeBeside, probeFrom, type Target } from './support/probe';
import { currentRun, theClients, theSystem } from './support/run';
import type { Pod } from './support/system';

const system = theSystem();
const clients = theClients();
const { namespace, image } = currentRun();

interface Source {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  reached(targets: readonly Target[]): boolean[] | Promise<boolean[]>;
}

interface Destination extends Target {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the topology's own table says; to DNS and to addresses outside there are lines of another kind. */
function table(): readonly Reach[] {
  const topology = validateTopology(system.topology(), 'e2e');
  if (topology.kind !== 'Inference') throw new Error('an inference topology');
  return new InferenceChart(new App(), 'e2e', topology).stack.reach;
}

test('allowed connections open, and all others do not', async () => {
  await system.ready();
  await clients.idle('scraper', { app: 'scraper' });
  await clients.idle('client', { app: 'client' });
  await clients.idle('stranger', { app: 'stranger' });

  const sources = [
    ...system
      .pods()
      .slice(0, 2)
      .map(({ metadata }) => inRuntime(metadata.name)),
    besideServer('chat-cache-0'),
    besideServer('chat-database-0'),
    ...['scraper', 'client', 'stranger'].map(outside),
  ];
  const destinations = [
    ...runtimeTargets(),
    serverTarget('chat-cache-0', 6379),
    serverTarget('chat-database-0', 5432),
  ];
  const reach = table();
  const rows: string[] = [];
  const wrong: string[] = [];
  for (const source of sources) {
    const others = destinations.filter(({ name }) => !name.startsWith(`${source.name}:`));
    const reached = await source.reached(others);
    for (const [index, destination] of others.entries()) {
      const allowed = isAllowed(reach, source, destination);
      const row = `${source.name} → ${destination.name}: ${reached[index] ? 'open' : 'closed'}`;
      rows.push(row);
      if (reached[index] !== allowed) wrong.push(`${row}, but it should be ${allowed ? 'open' : 'closed'}`);
    }
  }
  expect(wrong).toEqual([]);
  // The table has both kinds, or the test would prove nothing.
  expect(rows.some((row) => row.endsWith('open'))).toBe(true);
  expect(rows.some((row) => row.endsWith('closed'))).toBe(true);
  record({ networkPairsProbed: rows.length });
}, 300_000);

test('names resolve for those who call others, and the API server is out of reach', () => {
  const script = `
    const dns = require('node:dns').promises;
    dns.lookup('chat.${namespace}.svc.cluster.local').then(() => console.log('resolved'));`;
  expect(kubectl(['exec', '-n', namespace, 'chat-0', '-c', 'runtime', '--', 'node', '-e', script])).toContain(
    'resolved',
  );
  const api = get<{ spec: { clusterIP: string } }>(['service', 'kubernetes', '-n', 'default']).spec.clusterIP;
  expect(probeFrom(namespace, 'chat-0', 'runtime', [{ name: 'API server', host: api, port: 443 }])).toEqual([
    false,
  ]);
});

test('a scrape from where the topology allows it shows the metrics', () => {
  const { podIP } = podOf('chat-0').status;
  const script = `fetch('http://${podIP}:9090/metrics').then(async (r) => console.log(await r.text()))`;
  const text = kubectl(['exec', '-n', clients.namespace, 'scraper', '--', 'node', '-e', script]);
  expect(text).toContain('polypod_requests_running');
});

function isAllowed(reach: readonly Reach[], source: Source, destination: Destination): boolean {
  return reach.some(
    ({ from, to, protocol, port, endPort = port }) =>
      protocol === 'TCP' &&
      port <= destination.port &&
      destination.port <= endPort &&
      matches(from, source) &&
      matches(to, destination),
  );
}

function matches(
  endpoint: Reach['from'],
  pod: { namespace: string; labels: Readonly<Record<string, string>> },
): boolean {
  if (endpoint.kind === 'addresses') return false;
  const { namespace: wanted = namespace, podLabels = {} } = endpoint;
  return (
    wanted === pod.namespace && Object.entries(podLabels).every(([key, value]) => pod.labels[key] === value)
  );
}

function runtimeTargets(): Destination[] {
  return system
    .pods()
    .slice(0, 2)
    .flatMap(({ metadata, status }) =>
      [8080, 9090, 4001].map((port) => ({
        name: `${metadata.name}:${port}`,
        host: status.podIP,
        port,
        namespace,
        labels: metadata.labels ?? {},
      })),
    );
}

function serverTarget(pod: string, port: number): Destination {
  const { metadata, status } = podOf(pod);
  return { name: `${pod}:${port}`, host: status.podIP, port, namespace, labels: metadata.labels ?? {} };
}

function podOf(name: string): Pod {
  const pod = list<Pod>(['pods', '-n', namespace]).find(({ metadata }) => metadata.name === name);
  if (!pod) throw new Error(`no pod ${name}`);
  return pod;
}

const inRuntime = (pod: string): Source => ({
  name: pod,
  namespace,
  labels: podOf(pod).metadata.labels ?? {},
  reached: (targets) => probeFrom(namespace, pod, 'runtime', targets),
});

const besideServer = (pod: string): Source => ({
  name: pod,
  namespace,
  labels: podOf(pod).metadata.labels ?? {},
  reached: (targets) => probeBeside(namespace, pod, image, targets),
});

const outside = (name: string): Source => ({
  name,
  namespace: clients.namespace,
  labels: { app: name },
  reached: (targets) => probeFrom(clients.namespace, name, 'client', targets),
});
