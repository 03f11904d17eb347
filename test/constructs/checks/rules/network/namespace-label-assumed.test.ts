import { namespaceLabelAssumed } from '../../../../../constructs/checks/rules/network/namespace-label-assumed';
import { findingsOf } from '../../../../support/check-rule';

const policy = (selector: string, direction = 'ingress: [{ from') => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: chat, namespace: ai }
spec:
  podSelector: {}
  ${direction}: [{ podSelector: {} }, { namespaceSelector: ${selector} }] }]
`;
const namespace = (labels: string) => `
---
apiVersion: v1
kind: Namespace
metadata: { name: monitoring, labels: ${labels} }
`;

test('fires on a label that nobody has set', () => {
  expect(findingsOf(namespaceLabelAssumed, policy('{ matchLabels: { name: monitoring } }'))).toMatchObject([
    {
      object: 'NetworkPolicy/chat',
      path: 'spec.ingress[0].from[1].namespaceSelector.matchLabels.name',
      severity: 'error',
      message: expect.stringContaining('name: monitoring'),
      fix: expect.stringContaining('kubernetes.io/metadata.name: monitoring'),
    },
  ]);
});

test.each([
  [
    'in egress',
    policy('{ matchLabels: { team: data } }', 'egress: [{ to'),
    'spec.egress[0].to[1].namespaceSelector.matchLabels.team',
  ],
  [
    'in an expression',
    policy('{ matchExpressions: [{ key: team, operator: In, values: [a, b] }] }'),
    'spec.ingress[0].from[1].namespaceSelector.matchExpressions[0]',
  ],
  [
    'asked to be there',
    policy('{ matchExpressions: [{ key: team, operator: Exists }] }'),
    'spec.ingress[0].from[1].namespaceSelector.matchExpressions[0]',
  ],
  [
    'with another value in the input',
    policy('{ matchLabels: { name: monitoring } }') + namespace('{ name: metrics }'),
    'spec.ingress[0].from[1].namespaceSelector.matchLabels.name',
  ],
])('fires on one %s', (_case, yaml, path) => {
  expect(findingsOf(namespaceLabelAssumed, yaml)).toMatchObject([{ path }]);
});

test.each([
  ['the label that Kubernetes sets', policy('{ matchLabels: { kubernetes.io/metadata.name: monitoring } }')],
  [
    'a label that a Namespace of the input has',
    policy('{ matchLabels: { name: monitoring } }') + namespace('{ name: monitoring }'),
  ],
  [
    'one of several values that a Namespace has',
    policy('{ matchExpressions: [{ key: name, operator: In, values: [x, monitoring] }] }') +
      namespace('{ name: monitoring }'),
  ],
  ['all namespaces', policy('{}')],
  ['a label that must not be there', policy('{ matchExpressions: [{ key: team, operator: DoesNotExist }] }')],
  ['a label that OpenShift sets', policy('{ matchLabels: { network.openshift.io/policy-group: ingress } }')],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(namespaceLabelAssumed, yaml)).toEqual([]);
});
