import { dnsBlocked } from '../../../../../constructs/checks/rules/network/dns-blocked';
import { findingsOf } from '../../../../support/check-rule';

const deployment = (image = 'app:1') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat, namespace: ai }
spec:
  template: { metadata: { labels: { app: chat } }, spec: { containers: [{ name: app, image: "${image}" }] } }
`;
const policy = (egress: string, name = 'chat', types = '[Ingress, Egress]') => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ai }
spec: { podSelector: {}, policyTypes: ${types}, egress: ${egress} }
`;
const all = (...parts: string[]) => parts.join('\n---\n');
const PORTS = 'ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]';
const KUBE_SYSTEM = 'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }';
const PRIVATE = '[10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]';

test('fires where nothing opens port 53', () => {
  const yaml = all(deployment(), policy('[{ to: [{ podSelector: {} }], ports: [{ port: 5432 }] }]'));
  expect(findingsOf(dnsBlocked, yaml)).toMatchObject([
    {
      object: 'NetworkPolicy/chat',
      path: 'spec.egress',
      severity: 'error',
      message: expect.stringMatching(/Deployment\/chat.*UDP and TCP port 53/),
    },
  ]);
});

test.each([
  ['no rule at all', '[]', 'spec.egress'],
  ['UDP only', '[{ ports: [{ protocol: UDP, port: 53 }] }]', 'spec.egress[0].ports'],
  ['TCP only, since TCP is the default', '[{ ports: [{ port: 53 }] }]', 'spec.egress[0].ports'],
  [
    'pods of its own namespace',
    `[{ to: [{ podSelector: { matchLabels: { k8s-app: kube-dns } } }], ${PORTS} }]`,
    'spec.egress[0].to',
  ],
  [
    'other pods of kube-system',
    `[{ to: [{ ${KUBE_SYSTEM}, podSelector: { matchLabels: { k8s-app: metrics-server } } }] }]`,
    'spec.egress',
  ],
  [
    'another namespace',
    `[{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }], ${PORTS} }]`,
    'spec.egress[0].to',
  ],
  [
    'the internet without private addresses',
    `[{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: ${PRIVATE} } }] }]`,
    'spec.egress',
  ],
  ["a database's address", '[{ to: [{ ipBlock: { cidr: 10.0.3.7/32 } }] }]', 'spec.egress'],
])('fires on %s', (_case, egress, path) => {
  expect(findingsOf(dnsBlocked, all(deployment(), policy(egress)))).toMatchObject([{ path }]);
});

test.each([
  ['kube-system', `[{ to: [{ ${KUBE_SYSTEM} }], ${PORTS} }]`],
  [
    'the DNS in kube-system',
    `[{ to: [{ ${KUBE_SYSTEM}, podSelector: { matchLabels: { k8s-app: kube-dns } } }], ${PORTS} }]`,
  ],
  [
    'either of two DNS',
    `[{ to: [{ ${KUBE_SYSTEM}, podSelector: { matchExpressions: [{ key: k8s-app, operator: In, values: [kube-dns, node-local-dns] }] } }], ${PORTS} }]`,
  ],
  ['all namespaces', `[{ to: [{ namespaceSelector: {} }], ${PORTS} }]`],
  ['everybody on port 53', `[{ ${PORTS} }]`],
  ['everybody on port 53, with an empty list', `[{ to: [], ${PORTS} }]`],
  [
    'two rules, one a protocol',
    '[{ ports: [{ protocol: UDP, port: 53 }] }, { ports: [{ protocol: TCP, port: 53 }] }]',
  ],
  ['ports as text', '[{ ports: [{ protocol: UDP, port: "53" }, { port: "53" }] }]'],
  ['a range of ports', '[{ ports: [{ protocol: UDP, port: 1, endPort: 100 }, { port: 1, endPort: 100 }] }]'],
  ['every port of kube-system', `[{ to: [{ ${KUBE_SYSTEM} }] }]`],
  ['everything', '[{}]'],
  [
    'the internet and all that is not the metadata service',
    '[{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [169.254.169.254/32] } }] }]',
  ],
  ["NodeLocal DNSCache's address", `[{ to: [{ ipBlock: { cidr: 169.254.20.10/32 } }], ${PORTS} }]`],
  ["the DNS Service's address", `[{ to: [{ ipBlock: { cidr: 10.96.0.10/32 } }], ${PORTS} }]`],
  [
    'OpenShift',
    `[{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: openshift-dns } } }], ports: [{ protocol: UDP, port: 5353 }, { protocol: TCP, port: 5353 }] }]`,
  ],
  [
    'a label that somebody must have set',
    `[{ to: [{ namespaceSelector: { matchLabels: { name: kube-system } } }], ${PORTS} }]`,
  ],
])('says nothing where %s is open', (_case, egress) => {
  expect(findingsOf(dnsBlocked, all(deployment(), policy(egress)))).toEqual([]);
});

test('policies add up', () => {
  const deny = policy('[]', 'default-deny');
  const dns = policy(`[{ ${PORTS} }]`, 'allow-dns');
  expect(findingsOf(dnsBlocked, all(deployment(), deny, dns))).toEqual([]);
  const database = policy('[{ ports: [{ port: 5432 }] }]', 'allow-database');
  expect(findingsOf(dnsBlocked, all(deployment(), deny, database))).toMatchObject([
    { object: 'NetworkPolicy/allow-database' },
  ]);
});

test.each([
  ['a policy that isolates ingress only', all(deployment(), policy('[]', 'chat', '[Ingress]'))],
  [
    'a policy without types or egress rules',
    all(deployment(), policy('[]').replace('policyTypes: [Ingress, Egress], ', '')),
  ],
  ['a single database that is told no host', all(deployment('postgres:17'), policy('[]'))],
  [
    'pods that ask another DNS',
    all(deployment().replace('spec: { containers', 'spec: { dnsPolicy: None, containers'), policy('[]')),
  ],
  ['a denial whose pods the input does not hold', policy('[]')],
  [
    "Cilium's policies beside it",
    all(
      deployment(),
      policy('[]'),
      'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: { name: c, namespace: ai }',
    ),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(dnsBlocked, yaml)).toEqual([]);
});

test('a policy by itself is judged by its rules', () => {
  expect(findingsOf(dnsBlocked, policy('[{ ports: [{ port: 443 }] }]'))).toHaveLength(1);
});
