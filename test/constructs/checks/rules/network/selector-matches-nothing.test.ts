import { selectorMatchesNothing } from '../../../../../constructs/checks/rules/network/selector-matches-nothing';
import { findingsOf } from '../../../../support/check-rule';

const pods = (kind = 'Deployment', meta = 'namespace: ai') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: chat, ${meta} }
spec:
  template: { metadata: { labels: { app: chat, tier: web } }, spec: { containers: [{ name: app, image: app:1 }] } }
`;
const service = (selector: string, meta = 'namespace: ai', more = '') => `
apiVersion: v1
kind: Service
metadata: { name: chat, ${meta} }
spec: { selector: ${selector}, ports: [{ port: 80 }] ${more} }
`;
const budget = (spec: string) => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: chat, namespace: ai }
spec: { maxUnavailable: 1 ${spec} }
`;
const policy = (selector: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: chat, namespace: ai }
spec: { podSelector: ${selector}, ingress: [{ from: [{ podSelector: { matchLabels: { app: nobody } } }] }] }
`;
const all = (...parts: string[]) => parts.join('\n---\n');

test('fires on a Service that selects no pod, and says what the pods have', () => {
  expect(findingsOf(selectorMatchesNothing, all(pods(), service('{ app: chat, tier: api }')))).toMatchObject([
    {
      object: 'Service/chat',
      path: 'spec.selector',
      severity: 'error',
      message: expect.stringMatching(/app=chat,tier=api; those of Deployment\/chat have app=chat, tier=web/),
    },
  ]);
});

test.each([
  ['a budget', budget(', selector: { matchLabels: { app: caht } }'), 'spec.selector'],
  ['a budget without a selector', budget(''), 'spec.selector'],
  [
    'a budget by an expression',
    budget(', selector: { matchExpressions: [{ key: app, operator: NotIn, values: [chat] }] }'),
    'spec.selector',
  ],
  ['a policy', policy('{ matchLabels: { app: nobody } }'), 'spec.podSelector'],
])('fires on %s', (_case, yaml, path) => {
  expect(findingsOf(selectorMatchesNothing, all(pods(), yaml))).toMatchObject([{ path }]);
});

test('names the namespace in which the pods are', () => {
  expect(
    findingsOf(selectorMatchesNothing, all(pods(), service('{ app: chat }', 'namespace: web'))),
  ).toMatchObject([{ object: 'Service/chat', message: expect.stringContaining('in namespace ai') }]);
});

test.each([
  [
    'labels that pods have',
    all(pods(), service('{ app: chat }'), budget(', selector: { matchLabels: { tier: web } }')),
  ],
  ['empty selectors, which select all', all(pods(), policy('{}'), budget(', selector: {}'))],
  ['a Service without a selector', all(pods(), service('{}'))],
  [
    'an external name',
    all(
      pods(),
      service('{ app: nobody }', 'namespace: ai', ', type: ExternalName, externalName: db.example.com'),
    ),
  ],
  ['an input without pods of that namespace', all(pods(), service('{ app: other }', 'namespace: web'))],
  [
    'pods of a Helm test',
    all(
      pods('Deployment', 'namespace: ai, annotations: { helm.sh/hook: test }'),
      pods('StatefulSet').replace('app: chat', 'app: other'),
      service('{ app: chat }'),
    ),
  ],
  [
    'pods that a controller makes from a custom resource',
    all(
      pods(),
      service('{ cnpg.io/cluster: chat-db }'),
      'apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: { name: chat-db, namespace: ai }',
    ),
  ],
  ["a Gateway's pods", all(pods(), service('{ gateway.networking.k8s.io/gateway-name: public }'))],
  [
    'one pod of a StatefulSet',
    all(pods('StatefulSet'), service('{ statefulset.kubernetes.io/pod-name: chat-0 }')),
  ],
  [
    "the cluster's own pods",
    all(
      pods(),
      pods('DaemonSet', 'namespace: kube-system'),
      service('{ k8s-app: kube-dns }', 'namespace: kube-system'),
    ),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(selectorMatchesNothing, yaml)).toEqual([]);
});

test('a ServiceMonitor of the same name makes no pods', () => {
  const monitor =
    'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: { name: api, namespace: ai }';
  expect(findingsOf(selectorMatchesNothing, all(pods(), monitor, service('{ app: api }')))).toHaveLength(1);
});

test('a program that may create pods brings policies for them, but no Services', () => {
  const rights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: spawner, namespace: ai }
rules: [{ apiGroups: [""], resources: [pods], verbs: [get, create] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: spawner, namespace: ai }
roleRef: { kind: Role, name: spawner }
subjects: [{ kind: ServiceAccount, name: spawner }]
`;
  const found = findingsOf(
    selectorMatchesNothing,
    all(pods(), rights, policy('{ matchLabels: { app: sandbox } }'), service('{ app: sandbox }')),
  );
  expect(found).toMatchObject([{ object: 'Service/chat' }]);
});
