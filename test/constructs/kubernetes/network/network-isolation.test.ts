import { App, Chart } from 'cdk8s';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { CacheConnection, DatabaseConnection } from '../../../../constructs/contracts';
import { InvalidInputError, placeholderNumber, placeholderText } from '../../../../constructs/contracts';
import { type Connection, PUBLIC_INTERNET } from '../../../../constructs/kubernetes/network/connection';
import { inferenceConnections } from '../../../../constructs/kubernetes/network/inference-connections';
import {
  NetworkIsolation,
  type NetworkIsolationProps,
} from '../../../../constructs/kubernetes/network/network-isolation';
import { manifestsOf, strictFaults } from '../../../support/strict-validation';

const workloads = [
  { name: 'chat-gateway', selector: { 'app.kubernetes.io/component': 'gateway' } },
  { name: 'chat-worker', selector: { 'app.kubernetes.io/component': 'worker' } },
];
const dnsRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

function policiesOf(props: Partial<NetworkIsolationProps>, namespace: string | undefined = 'llm') {
  const chart = new Chart(new App(), 'test', namespace === '' ? {} : { namespace });
  new NetworkIsolation(chart, 'network', { workloads, ...props });
  return chart.toJson() as NetworkPolicy[];
}

function problemsOf(props: Partial<NetworkIsolationProps>, namespace?: string) {
  try {
    policiesOf(props, namespace);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
}

const connect = (connection: Partial<Connection>): Partial<NetworkIsolationProps> => ({
  connections: [{ from: 'chat-gateway', to: 'chat-worker', ports: [4001], why: 'test', ...connection }],
});

test('without connections a workload may only resolve names', () => {
  const [gateway] = policiesOf({});
  expect(gateway?.metadata).toMatchObject({ name: 'chat-gateway', namespace: 'llm' });
  expect(gateway?.spec).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/component': 'gateway' } },
    policyTypes: ['Ingress', 'Egress'],
    egress: [dnsRule],
  });
});

test('a connection between two workloads opens both, and says why', () => {
  const [gateway, worker] = policiesOf({ ...connect({ why: 'generation' }), dns: false });
  const ports = [{ protocol: 'TCP', port: 4001 }];
  expect(gateway?.spec).toMatchObject({
    egress: [{ to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'worker' } } }], ports }],
  });
  expect(gateway?.spec).not.toHaveProperty('ingress');
  expect(worker?.spec).toMatchObject({
    ingress: [
      { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'gateway' } } }], ports },
    ],
  });
  expect(worker?.spec).not.toHaveProperty('egress');
  expect(gateway?.metadata?.annotations).toEqual({
    'polypod.dev/why': 'to chat-worker 4001/TCP: generation',
  });
  expect(worker?.metadata?.annotations).toEqual({
    'polypod.dev/why': 'from chat-gateway to 4001/TCP: generation',
  });
});

test('pods in another namespace are selected by the label that Kubernetes sets itself', () => {
  const [, worker] = policiesOf({
    ...connect({ from: { namespace: 'monitoring', podLabels: { app: 'prometheus' } }, ports: [9090] }),
    dns: false,
  });
  expect(worker?.spec?.ingress).toEqual([
    {
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { app: 'prometheus' } },
        },
      ],
      ports: [{ protocol: 'TCP', port: 9090 }],
    },
  ]);
});

test('each exception stands with the block that holds it', () => {
  const [, worker] = policiesOf({
    ...connect({ from: 'chat-worker', to: PUBLIC_INTERNET, ports: [443] }),
    dns: false,
  });
  expect(worker?.spec?.egress?.[0]?.to).toEqual([
    {
      ipBlock: {
        cidr: '0.0.0.0/0',
        except: [
          '10.0.0.0/8',
          '100.64.0.0/10',
          '127.0.0.0/8',
          '169.254.0.0/16',
          '172.16.0.0/12',
          '192.168.0.0/16',
          '198.18.0.0/15',
          '240.0.0.0/4',
        ],
      },
    },
    { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } },
  ]);
});

test('a workload in its own namespace is reached there', () => {
  const [gateway, cache] = policiesOf({
    workloads: [workloads[0] ?? never(), { name: 'cache', namespace: 'data', selector: { app: 'valkey' } }],
    ...connect({ to: { podLabels: { app: 'valkey' }, namespace: 'data' }, ports: [6379] }),
  });
  expect(cache?.metadata?.namespace).toBe('data');
  expect(cache?.spec?.ingress?.[0]?.from).toEqual([
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'llm' } },
      podSelector: { matchLabels: { 'app.kubernetes.io/component': 'gateway' } },
    },
  ]);
  expect(gateway?.spec?.egress?.[0]?.to?.[0]?.namespaceSelector?.matchLabels).toEqual({
    'kubernetes.io/metadata.name': 'data',
  });
});

test('NodeLocal DNSCache and another DNS are allowed where they are said', () => {
  const [gateway] = policiesOf({
    dns: { namespace: 'openshift-dns', podLabels: { dns: 'default' }, port: 5353, nodeLocal: true },
  });
  expect(gateway?.spec?.egress).toMatchObject([
    {
      ports: [
        { port: 5353, protocol: 'UDP' },
        { port: 5353, protocol: 'TCP' },
      ],
    },
    { to: [{ ipBlock: { cidr: '169.254.20.10/32' } }], ports: [{ port: 53 }, { port: 53 }] },
  ]);
});

test('the table names ends, port and reason', () => {
  const chart = new Chart(new App(), 'test', { namespace: 'llm' });
  const { reach } = new NetworkIsolation(chart, 'network', {
    workloads,
    ...connect({
      from: { cidrs: ['10.0.0.0/16'] },
      ports: [{ port: 8000, endPort: 8010 }],
      why: 'load balancer',
    }),
    dns: false,
  });
  expect(reach.map(({ from, to, ...rest }) => ({ from: from.name, to: to.name, ...rest }))).toEqual([
    {
      from: '10.0.0.0/16',
      to: 'chat-worker',
      protocol: 'TCP',
      port: 8000,
      endPort: 8010,
      why: 'load balancer',
    },
  ]);
});

test('every policy is what its schema says', () => {
  const chart = new Chart(new App(), 'test', { namespace: 'llm' });
  new NetworkIsolation(chart, 'network', {
    workloads,
    connections: [
      {
        from: 'chat-gateway',
        to: PUBLIC_INTERNET,
        ports: [443, { port: 8000, endPort: 8010 }],
        why: 'downloads',
      },
      { from: { namespace: 'monitoring' }, to: 'chat-worker', ports: [9090], why: 'metrics' },
      { from: 'chat-gateway', to: 'chat-worker', ports: [4001], why: 'generation' },
    ],
    dns: { nodeLocal: true },
  });
  expect(strictFaults(manifestsOf(chart))).toEqual([]);
});

test('labels that are just a workload’s selector go by its name', () => {
  const chart = new Chart(new App(), 'test', { namespace: 'llm' });
  const to = { podLabels: { 'app.kubernetes.io/component': 'worker' }, namespace: 'llm' };
  const { reach } = new NetworkIsolation(chart, 'network', {
    workloads,
    connections: [
      { from: 'chat-gateway', to, ports: [4001], why: 'generation' },
      { from: { podLabels: { b: '2', a: '1' } }, to, ports: [4001], why: 'tests' },
      { from: { podLabels: { a: '1' }, namespace: 'ci' }, to, ports: [4001], why: 'tests' },
    ],
    dns: false,
  });
  expect(reach.map(({ from, to }) => `${from.name} → ${to.name}`)).toEqual([
    'chat-gateway → chat-worker',
    'pods a=1,b=2 → chat-worker',
    'pods a=1 in namespace ci → chat-worker',
  ]);
});

test('placeholders are taken as they are', () => {
  const cidr = placeholderText(1);
  const [gateway] = policiesOf({
    ...connect({ to: { cidrs: [cidr] }, ports: [placeholderNumber(2)] }),
    dns: false,
  });
  expect(gateway?.spec?.egress).toEqual([
    { to: [{ ipBlock: { cidr } }], ports: [{ protocol: 'TCP', port: placeholderNumber(2) }] },
  ]);
});

test('a patch reaches its policy, and one for another workload is refused', () => {
  const [gateway] = policiesOf({ overrides: { 'chat-gateway': { metadata: { labels: { team: 'ml' } } } } });
  expect(gateway?.metadata?.labels).toMatchObject({ team: 'ml' });
  expect(problemsOf({ overrides: { chat: { metadata: { labels: { team: 'ml' } } } } })).toMatchObject([
    { path: 'overrides.chat' },
  ]);
});

test.each<[string, Partial<NetworkIsolationProps>, string, string]>([
  ['no workload', { workloads: [] }, 'workloads', 'nothing is isolated'],
  ['an empty selector', { workloads: [{ name: 'a', selector: {} }] }, 'workloads[0].selector', 'every pod'],
  [
    'a name that stands twice',
    { workloads: [workloads[0] ?? never(), workloads[0] ?? never()] },
    'workloads[1].name',
    'stands twice',
  ],
  ['an unknown workload', connect({ to: 'chat-wroker' }), 'connections[0].to', 'no workload'],
  [
    'an impossible block',
    connect({ to: { cidrs: ['999.0.0.0/99'] } }),
    'connections[0].to.cidrs[0]',
    'not a CIDR',
  ],
  ['host bits', connect({ to: { cidrs: ['10.0.0.5/16'] } }), 'connections[0].to.cidrs[0]', 'beyond its mask'],
  [
    'IPv6 host bits',
    connect({ to: { cidrs: ['2001:db8::1/32'] } }),
    'connections[0].to.cidrs[0]',
    'beyond its mask',
  ],
  ['no block', connect({ to: { cidrs: [] } }), 'connections[0].to.cidrs', 'no address'],
  [
    'an exception outside',
    connect({ to: { cidrs: ['10.0.0.0/8'], except: ['192.168.0.0/16'] } }),
    'connections[0].to.except[0]',
    'lies in none',
  ],
  [
    'an exception that leaves nothing',
    connect({ to: { cidrs: ['10.0.0.0/8'], except: ['10.0.0.0/8'] } }),
    'connections[0].to.except[0]',
    'is all of',
  ],
  [
    'an exception beside what is not known yet',
    connect({ to: { cidrs: [placeholderText(1)], except: ['10.0.0.0/8'] } }),
    'connections[0].to.except',
    'known only later',
  ],
  ['port 0', connect({ ports: [0] }), 'connections[0].ports[0]', 'is no port'],
  ['port 65536', connect({ ports: [{ port: 65_536 }] }), 'connections[0].ports[0].port', 'is no port'],
  [
    'a range backwards',
    connect({ ports: [{ port: 90, endPort: 80 }] }),
    'connections[0].ports[0].endPort',
    'below',
  ],
  ['no port', connect({ ports: [] }), 'connections[0].ports', 'every port'],
  ['no reason', connect({ why: ' ' }), 'connections[0].why', 'what the connection is for'],
  ['a party of nothing', connect({ to: {} }), 'connections[0].to', 'everything'],
  ['empty pod labels', connect({ to: { podLabels: {} } }), 'connections[0].to.podLabels', 'every pod'],
  [
    'a label value',
    connect({ to: { podLabels: { app: 'a b' } } }),
    'connections[0].to.podLabels["app"]',
    'value of',
  ],
  [
    'nobody that is isolated',
    connect({ from: { namespace: 'a' }, to: { namespace: 'b' } }),
    'connections[0]',
    'no isolated workload',
  ],
  ['a wrong DNS port', { dns: { port: 0 } }, 'dns.ports[0].port', 'is no port'],
])('refuses %s', (_, props, path, reason) => {
  const problems = problemsOf(props);
  expect(problems[0]).toMatchObject({ path, reason: expect.stringContaining(reason) });
});

test('a workload with a namespace needs the others to have theirs', () => {
  const props = {
    workloads: [workloads[0] ?? never(), { name: 'cache', namespace: 'data', selector: { app: 'valkey' } }],
    ...connect({ to: { podLabels: { app: 'x' } } }),
  };
  expect(problemsOf(props, '').map(({ path }) => path)).toEqual([
    'workloads[0].namespace',
    'connections[0].to.namespace',
  ]);
});

test('an inference system is wired as its parts are', () => {
  const egress = (port: number) => ({ cidrs: ['10.9.0.0/24'], ports: [port] });
  const credentials = { secretName: 'x' };
  const cache: CacheConnection = { host: 'c', port: 6379, tls: true, credentials, egress: egress(6379) };
  const database: DatabaseConnection = {
    host: 'd',
    port: 5432,
    database: 'p',
    tls: { mode: 'verify-full' },
    credentials,
    maxConnections: 100,
    egress: egress(5432),
  };
  const chart = new Chart(new App(), 'test', { namespace: 'llm' });
  const { reach } = new NetworkIsolation(chart, 'network', {
    workloads,
    dns: false,
    connections: inferenceConnections({
      nodes: ['chat-gateway', 'chat-worker'],
      gateways: ['chat-gateway'],
      workers: ['chat-worker'],
      clients: [{ namespace: 'envoy-gateway-system' }],
      metrics: { namespace: 'monitoring' },
      cache,
      database,
      modelSource: { ...PUBLIC_INTERNET, ports: [443] },
    }),
  });
  expect(reach.map(({ from, to, port }) => `${from.name} → ${to.name} ${port}`)).toEqual([
    'namespace envoy-gateway-system → chat-gateway 8080',
    'chat-gateway → chat-gateway 4001',
    'chat-gateway → chat-worker 4001',
    'chat-worker → chat-gateway 4001',
    'chat-worker → chat-worker 4001',
    'namespace monitoring → chat-gateway 9090',
    'namespace monitoring → chat-worker 9090',
    'chat-gateway → 10.9.0.0/24 6379',
    'chat-worker → 10.9.0.0/24 6379',
    'chat-gateway → 10.9.0.0/24 5432',
    'chat-worker → 10.9.0.0/24 5432',
    'chat-worker → 0.0.0.0/0, ::/0 443',
  ]);
});

function never(): never {
  throw new Error('a fixture is missing');
}
