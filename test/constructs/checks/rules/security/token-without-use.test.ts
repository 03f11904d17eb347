import { tokenWithoutUse } from '../../../../../constructs/checks/rules/security/token-without-use';
import { findingsOf } from '../../../../support/check-rule';

const deployment = (pod = '', annotations = '{}') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat, namespace: llm}
spec:
  template:
    metadata: {annotations: ${annotations}}
    spec:
      containers: [{name: chat, image: chat:1}]
      ${pod}
`;
const account = (more = '') => `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: chat, namespace: llm}
${more}
`;
const binding = (subject: string, kind = 'RoleBinding') => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: {name: chat, namespace: llm}
roleRef: {kind: Role, name: chat}
subjects: [${subject}]
`;
const USES = 'serviceAccountName: chat';

test('the default account, which mounts a token unless told not to', () => {
  expect(findingsOf(tokenWithoutUse, deployment())).toMatchObject([
    {
      object: 'Deployment/chat',
      path: 'spec.template.spec.automountServiceAccountToken',
      severity: 'warning',
      message: expect.stringContaining('ServiceAccount/default'),
    },
  ]);
});

test('an account of the input that nothing is bound to', () => {
  expect(findingsOf(tokenWithoutUse, deployment(USES) + account())).toMatchObject([
    { object: 'Deployment/chat', path: 'spec.template.spec.automountServiceAccountToken' },
  ]);
  expect(
    findingsOf(
      tokenWithoutUse,
      deployment(USES) + account() + binding('{kind: ServiceAccount, name: chat, namespace: other}'),
    ),
  ).toHaveLength(1);
});

test('an account that says true itself is what must change, once for all its pods', () => {
  const twice = deployment(USES) + deployment(USES).replace('name: chat,', 'name: web,').replace(/^/, '---');
  expect(findingsOf(tokenWithoutUse, twice + account('automountServiceAccountToken: true'))).toMatchObject([
    { object: 'ServiceAccount/chat', path: 'automountServiceAccountToken' },
  ]);
});

test.each([
  ['the pod says no', deployment('automountServiceAccountToken: false')],
  ['the account says no', deployment(USES) + account('automountServiceAccountToken: false')],
  [
    'a role is bound',
    deployment(USES) + account() + binding('{kind: ServiceAccount, name: chat, namespace: llm}'),
  ],
  ['bound without a namespace', deployment(USES) + account() + binding('{kind: ServiceAccount, name: chat}')],
  [
    'bound to the whole cluster',
    deployment(USES) +
      account() +
      binding('{kind: ServiceAccount, name: chat, namespace: llm}', 'ClusterRoleBinding'),
  ],
  [
    'bound as a user',
    deployment(USES) + account() + binding('{kind: User, name: "system:serviceaccount:llm:chat"}'),
  ],
  [
    'bound with its namespace',
    deployment(USES) + account() + binding('{kind: Group, name: "system:serviceaccounts:llm"}'),
  ],
  [
    'bound with all',
    deployment(USES) +
      account() +
      binding('{kind: Group, name: "system:authenticated"}', 'ClusterRoleBinding'),
  ],
  ['an account made elsewhere', deployment(USES)],
  ['an injector that logs in with it', deployment('', '{vault.hashicorp.com/agent-inject: "true"}')],
  [
    'by the old field name',
    deployment('serviceAccount: chat') + account() + binding('{kind: ServiceAccount, name: chat}'),
  ],
])('nothing to say where %s', (_why, yaml) => {
  expect(findingsOf(tokenWithoutUse, yaml)).toEqual([]);
});

test('the pod overrules its account', () => {
  const yaml =
    deployment(`${USES}\n      automountServiceAccountToken: true`) +
    account('automountServiceAccountToken: false');
  expect(findingsOf(tokenWithoutUse, yaml)).toMatchObject([{ object: 'Deployment/chat' }]);
});
