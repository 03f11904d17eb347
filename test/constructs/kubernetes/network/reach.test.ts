import { App, Chart } from 'cdk8s';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type {
  Connection,
  IsolatedWorkload,
  Party,
} from '../../../../constructs/kubernetes/network/connection';
import type { Endpoint, Reach } from '../../../../constructs/kubernetes/network/endpoint';
import { NetworkIsolation } from '../../../../constructs/kubernetes/network/network-isolation';
import fc from '../../../support/fuzz';
import { allowed, type Node } from './policy-evaluator';

const HOME = 'llm';
const workloads: IsolatedWorkload[] = [
  { name: 'gateway', selector: { app: 'chat', part: 'gateway' } },
  { name: 'worker', selector: { app: 'chat', part: 'worker' } },
  { name: 'cache', selector: { app: 'valkey' }, namespace: 'data' },
];
const pods: Node[] = [
  ...workloads.map(({ namespace = HOME, selector }) => ({ namespace, labels: selector })),
  { namespace: HOME, labels: { app: 'other' } },
  { namespace: 'data', labels: { app: 'chat', part: 'gateway' } },
  { namespace: 'monitoring', labels: { app: 'prometheus' } },
  { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
];
const nodes: Node[] = [...pods, { address: '10.1.2.3' }, { address: '8.8.8.8' }, { address: '2001:db8::1' }];
const ports = [53, 443, 4001, 6379, 8080];

const party: fc.Arbitrary<Party> = fc.oneof(
  fc.constantFrom<Party>('gateway', 'worker', 'cache'),
  fc.constantFrom<Party>(
    { podLabels: { app: 'chat' } },
    { podLabels: { app: 'valkey' }, namespace: 'data' },
    { podLabels: { app: 'other' } },
    { namespace: 'monitoring' },
    { namespace: 'data' },
    { namespace: HOME },
    { cidrs: ['10.1.0.0/16'] },
    { cidrs: ['0.0.0.0/0', '::/0'], except: ['10.0.0.0/8', '2001:db8::/48'] },
  ),
);
const connection: fc.Arbitrary<Connection> = fc
  .record({
    from: party,
    to: party,
    ports: fc.uniqueArray(
      fc.oneof(
        fc.constantFrom(...ports),
        fc.constantFrom({ port: 53, protocol: 'UDP' as const }, { port: 400, endPort: 4100 }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    why: fc.constant('test'),
  })
  .filter(({ from, to }) => typeof from === 'string' || typeof to === 'string');

test('the table says exactly what the policies allow', () => {
  fc.assert(
    fc.property(fc.array(connection, { maxLength: 5 }), fc.boolean(), (connections, dns) => {
      const chart = new Chart(new App(), 'test', { namespace: HOME });
      const { reach } = new NetworkIsolation(chart, 'network', {
        workloads,
        connections,
        dns: dns ? {} : false,
      });
      const policies = chart.toJson() as NetworkPolicy[];
      for (const from of nodes) {
        for (const to of nodes) {
          if (!isolated(from) && !isolated(to)) continue;
          for (const protocol of ['TCP', 'UDP'] as const) {
            for (const port of ports) {
              const expected = reach.some((line) => covers(line, from, to, protocol, port));
              if (allowed(policies, from, to, protocol, port) !== expected) {
                throw new Error(
                  `${JSON.stringify(from)} → ${JSON.stringify(to)} ${port}/${protocol}: the table says ${expected}`,
                );
              }
            }
          }
        }
      }
    }),
    { numRuns: 200 },
  );
});

function isolated(node: Node): boolean {
  return (
    'labels' in node &&
    workloads.some(
      ({ selector, namespace = HOME }) => namespace === node.namespace && selector === node.labels,
    )
  );
}

function covers(line: Reach, from: Node, to: Node, protocol: string, port: number): boolean {
  return (
    line.protocol === protocol &&
    port >= line.port &&
    port <= (line.endPort ?? line.port) &&
    stands(line.from, from) &&
    stands(line.to, to)
  );
}

function stands(endpoint: Endpoint, node: Node): boolean {
  if (endpoint.kind === 'addresses') {
    // The samples are chosen so that a prefix tells: 10.1.2.3 is private, 2001:db8::1 excepted, 8.8.8.8 neither.
    if (!('address' in node)) return false;
    return endpoint.blocks.some(({ cidr, except }) =>
      cidr === '10.1.0.0/16'
        ? node.address === '10.1.2.3'
        : cidr === '0.0.0.0/0' && except?.includes('10.0.0.0/8') === true && node.address === '8.8.8.8',
    );
  }
  return (
    'labels' in node &&
    endpoint.namespace === node.namespace &&
    Object.entries(endpoint.podLabels ?? {}).every(([key, value]) => node.labels[key] === value)
  );
}
