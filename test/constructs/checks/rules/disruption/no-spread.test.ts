import { noSpread } from '../../../../../constructs/checks/rules/disruption/no-spread';
import { findingsOf } from '../../../../support/check-rule';

const check = (pod: string, replicas = 'replicas: 3', kind = 'Deployment', container = '') =>
  findingsOf(
    noSpread,
    `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: chat, namespace: chat }
spec:
  ${replicas}
  template: { metadata: { labels: { app: chat } }, spec: { ${pod} containers: [{ name: a, image: a:1, ${container} }] } }
`,
  );
const ours = 'labelSelector: { matchLabels: { app: chat } }';
const constraint = (selector: string, key = 'kubernetes.io/hostname') =>
  `topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: ScheduleAnyway, topologyKey: ${key}, ${selector} }],`;
const hard = (term: string) =>
  `affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ${term} }] } },`;
const soft = (term: string) =>
  `affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { ${term} } }] } },`;
const host = 'topologyKey: kubernetes.io/hostname';
const base = 'spec.template.spec';

test.each([
  ['nothing', '', `${base}.topologySpreadConstraints`],
  ['affinity for nodes only', 'affinity: { nodeAffinity: {} },', `${base}.topologySpreadConstraints`],
  [
    'a constraint of other pods',
    constraint('labelSelector: { matchLabels: { app: web } }'),
    `${base}.topologySpreadConstraints[0].labelSelector`,
  ],
  ['a constraint of no pods', constraint(''), `${base}.topologySpreadConstraints[0].labelSelector`],
  [
    'a key that tells no nodes apart',
    constraint(ours, 'kubernetes.io/arch'),
    `${base}.topologySpreadConstraints[0].topologyKey`,
  ],
  [
    'anti-affinity to other pods',
    hard(`${host}, labelSelector: { matchLabels: { app: web } }`),
    `${base}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector`,
  ],
  [
    'anti-affinity in other namespaces',
    hard(`${host}, ${ours}, namespaces: [web]`),
    `${base}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespaces`,
  ],
])('fires on %s', (_case, pod, path) => {
  expect(check(pod)).toEqual([
    expect.objectContaining({ object: 'Deployment/chat', path, severity: 'warning' }),
  ]);
});

test.each([
  ['a constraint over nodes', constraint(ours)],
  ['a constraint over zones', constraint(ours, 'topology.kubernetes.io/zone')],
  [
    'a constraint by expressions',
    constraint('labelSelector: { matchExpressions: [{ key: app, operator: Exists }] }'),
  ],
  [
    'a constraint of these pods beside one of others',
    `${constraint(ours).slice(0, -2)}, { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: web } } }],`,
  ],
  ['hard anti-affinity', hard(`${host}, ${ours}`)],
  ['soft anti-affinity', soft(`${host}, ${ours}`)],
  ['anti-affinity to all pods', hard(`${host}, labelSelector: {}`)],
  ['anti-affinity in its own namespace', hard(`${host}, ${ours}, namespaces: [chat]`)],
  ['the old name of zones', soft(`topologyKey: failure-domain.beta.kubernetes.io/zone, ${ours}`)],
])('says nothing of %s', (_case, pod) => {
  expect(check(pod)).toEqual([]);
});

test('labels that pods get when they run are theirs', () => {
  const selector =
    'labelSelector: { matchLabels: { app: chat, statefulset.kubernetes.io/pod-name: chat-0 } }';
  expect(check(constraint(selector), 'replicas: 3', 'StatefulSet')).toEqual([]);
});

test('says nothing of pods that cannot share a node, or of one, or of one for each', () => {
  expect(check('', 'replicas: 3', 'Deployment', 'ports: [{ containerPort: 80, hostPort: 80 }]')).toEqual([]);
  expect(check('hostNetwork: true,', 'replicas: 3', 'Deployment', 'ports: [{ containerPort: 80 }]')).toEqual(
    [],
  );
  expect(check('', 'replicas: 1')).toEqual([]);
  expect(check('', '', 'DaemonSet')).toEqual([]);
});
