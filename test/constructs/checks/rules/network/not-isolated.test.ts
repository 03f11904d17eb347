import { notIsolated } from '../../../../../constructs/checks/rules/network/not-isolated';
import { findingsOf } from '../../../../support/check-rule';

const deployment = (name: string, more = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  template:
    metadata: { labels: { app: ${name} } }
    spec: { ${more} containers: [{ name: app, image: app:1 }] }
`;
const policy = (selector: string, kind = 'networking.k8s.io/v1\nkind: NetworkPolicy') => `
apiVersion: ${kind}
metadata: { name: policy }
spec: { podSelector: ${selector} }
`;
const all = (...parts: string[]) => parts.join('\n---\n');

test('fires on pods that no policy selects', () => {
  const found = findingsOf(
    notIsolated,
    all(deployment('chat'), deployment('db'), policy('{ matchLabels: { app: db } }')),
  );
  expect(found).toMatchObject([
    {
      object: 'Deployment/chat',
      path: 'spec.template.metadata.labels',
      severity: 'warning',
      message: expect.stringContaining('namespace default'),
    },
  ]);
});

test('a policy of another namespace isolates nothing here', () => {
  const other = policy('{}').replace('name: policy', 'name: policy, namespace: other');
  expect(findingsOf(notIsolated, all(deployment('chat'), other), { namespace: 'app' })).toHaveLength(1);
});

test.each([
  ['pods that a policy for all selects', all(deployment('chat'), policy('{}'))],
  [
    'pods that an expression selects',
    all(deployment('chat'), policy('{ matchExpressions: [{ key: app, operator: In, values: [chat, db] }] }')),
  ],
  ['pods in the network of their node', deployment('agent', 'hostNetwork: true,')],
  ["Cilium's policies", all(deployment('chat'), policy('{}', 'cilium.io/v2\nkind: CiliumNetworkPolicy'))],
  ["Calico's policies", all(deployment('chat'), policy('{}', 'projectcalico.org/v3\nkind: NetworkPolicy'))],
  [
    "the cluster's policies",
    all(deployment('chat'), policy('{}', 'policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy')),
  ],
  [
    'a Helm test',
    deployment('test').replace('name: test }', 'name: test, annotations: { helm.sh/hook: test } }'),
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(notIsolated, yaml)).toEqual([]);
});
