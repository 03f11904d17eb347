import { rbacTooWide } from '../../../../../constructs/checks/rules/security/rbac-too-wide';
import { findingsOf } from '../../../../support/check-rule';

interface Case {
  readonly rules?: string;
  readonly role?: string;
  readonly binding?: string;
  readonly name?: string;
  readonly image?: string;
  readonly env?: string;
  readonly more?: string;
}

/** A workload, a role, and a binding of the two. */
function found({
  rules = '[]',
  role = 'ClusterRole',
  binding = 'ClusterRoleBinding',
  name = 'chat',
  image = 'example.com/chat:1',
  env = '[]',
  more = '',
}: Case) {
  return findingsOf(
    rbacTooWide,
    `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: llm}
spec: {template: {spec: {serviceAccountName: chat, containers: [{name: c, image: "${image}", env: ${env}}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${role}
metadata: {name: rights, ${role === 'Role' ? 'namespace: llm' : ''}}
rules: ${rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${binding}
metadata: {name: bound, ${binding === 'RoleBinding' ? 'namespace: llm' : ''}}
roleRef: {kind: ${role}, name: rights}
subjects: [{kind: ServiceAccount, name: chat, namespace: llm}]
${more}`,
  ).map(({ object, path, severity, message }) => ({ object, path, severity, message }));
}

const OWN = '[{name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}]';
const SECRETS = '[{apiGroups: [""], resources: [secrets], verbs: [get, list]}]';
const CRD = `
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: chats.example.com}
spec: {group: example.com, scope: Namespaced, names: {kind: Chat}}`;

test('cluster-admin, with the workload that has it', () => {
  const yaml = `
apiVersion: v1
kind: Pod
metadata: {name: chat, namespace: llm}
spec: {serviceAccountName: chat, containers: [{name: c, image: chat:1}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: chat-admin}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: chat, namespace: llm}]`;
  expect(findingsOf(rbacTooWide, yaml)).toMatchObject([
    {
      object: 'ClusterRoleBinding/chat-admin',
      path: 'roleRef.name',
      severity: 'error',
      message: expect.stringContaining('Pod/chat'),
    },
  ]);
  // People and groups of people are no workloads.
  const people = yaml.replace(
    /subjects:.*/,
    'subjects: [{kind: Group, name: admins}, {kind: User, name: ann}]',
  );
  expect(findingsOf(rbacTooWide, people)).toEqual([]);
});

test.each([
  ['verbs', '[{apiGroups: [""], resources: [pods], verbs: ["*"]}]', 'rules[0].verbs'],
  ['resources', '[{apiGroups: [apps], resources: ["*"], verbs: [get]}]', 'rules[0].resources'],
  ['groups', '[{apiGroups: ["*"], resources: [jobs], verbs: [get]}]', 'rules[0].apiGroups'],
  [
    'all',
    '[{apiGroups: [""], resources: [pods], verbs: [get]}, {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]',
    'rules[1]',
  ],
])('a wildcard in %s, even in one namespace', (_field, rules, path) => {
  expect(found({ rules, role: 'Role', binding: 'RoleBinding' })).toMatchObject([
    { object: 'Role/rights', path, severity: 'error' },
  ]);
  expect(found({ rules })).toMatchObject([{ object: 'ClusterRole/rights', path, severity: 'error' }]);
});

test('secrets, shells and writing in all namespaces, for a workload that is told its own', () => {
  expect(found({ rules: SECRETS, env: OWN })).toMatchObject([
    {
      object: 'ClusterRole/rights',
      path: 'rules[0].resources',
      severity: 'error',
      message: expect.stringContaining('POD_NAMESPACE'),
    },
  ]);
  expect(
    found({
      rules: '[{apiGroups: [""], resources: [pods/exec], verbs: [create]}]',
      env: '[{name: NAMESPACE, value: llm}]',
    }),
  ).toHaveLength(1);
  expect(
    found({ rules: '[{apiGroups: [apps], resources: [deployments], verbs: [get, patch]}]', env: OWN }),
  ).toMatchObject([{ severity: 'error' }]);
});

test('only reading in all namespaces is a warning, and none for what needs the cluster', () => {
  const reading = '{apiGroups: [""], resources: [pods, services], verbs: [get, list, watch]}';
  expect(found({ rules: `[${reading}]`, env: OWN })).toMatchObject([{ path: 'rules', severity: 'warning' }]);
  expect(
    found({ rules: `[${reading}, {apiGroups: [""], resources: [nodes], verbs: [list]}]`, env: OWN }),
  ).toEqual([]);
});

test('an engine, which never asks the API anything', () => {
  expect(found({ rules: SECRETS, image: 'vllm/vllm-openai:v0.11.0' })).toMatchObject([
    { object: 'ClusterRole/rights' },
  ]);
});

test.each<[string, Case]>([
  ['rights in its own namespace', { rules: SECRETS, role: 'Role', binding: 'RoleBinding', env: OWN }],
  ['a ClusterRole bound in one namespace', { rules: SECRETS, binding: 'RoleBinding', env: OWN }],
  ['a workload that is told all namespaces', { rules: SECRETS, env: '[{name: WATCH_NAMESPACE, value: ""}]' }],
  ['a workload that is told nothing', { rules: SECRETS }],
  ['a controller', { rules: SECRETS, env: OWN, name: 'chat-operator' }],
  [
    'a controller with wildcards on its own kinds',
    { rules: '[{apiGroups: [example.com], resources: ["*"], verbs: ["*"]}]', more: CRD },
  ],
  ['Prometheus', { rules: SECRETS, env: OWN, image: 'quay.io/prometheus/prometheus:v3.5.0' }],
  [
    'metrics of any name',
    { rules: '[{apiGroups: [external.metrics.k8s.io], resources: ["*"], verbs: ["*"]}]', env: OWN },
  ],
  [
    'asking who somebody is',
    { rules: '[{apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}]', env: OWN },
  ],
  ['events', { rules: '[{apiGroups: [""], resources: [events], verbs: [create, patch]}]', env: OWN }],
  [
    'what has no namespace',
    {
      rules:
        '[{apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations], verbs: [patch]}]',
      env: OWN,
    },
  ],
  ['URLs by wildcard', { rules: '[{nonResourceURLs: [/metrics/*], verbs: [get]}]' }],
])('nothing to say of %s', (_what, given) => {
  expect(found(given)).toEqual([]);
});

test('a well-known tool for the whole cluster that takes everything: a warning', () => {
  const rules =
    '[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}, {nonResourceURLs: ["*"], verbs: ["*"]}]';
  expect(found({ rules, image: 'quay.io/argoproj/argocd:v3.1.0' }).map(({ severity }) => severity)).toEqual([
    'warning',
    'warning',
  ]);
});

test('a role that nobody in the input has is nobody’s right', () => {
  const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]`;
  expect(findingsOf(rbacTooWide, role)).toEqual([]);
});

test('a controller that is told another namespace than its own works in one, too', () => {
  const env = '[{name: WATCH_NAMESPACE, value: models}]';
  expect(found({ rules: SECRETS, env, name: 'chat-operator' })).toMatchObject([{ severity: 'error' }]);
});

test('whoever may write bindings may do everything', () => {
  const rules =
    '[{apiGroups: [rbac.authorization.k8s.io], resources: [clusterrolebindings], verbs: [create]}]';
  expect(found({ rules, env: OWN })).toMatchObject([{ path: 'rules[0].resources', severity: 'error' }]);
});

test('an account of a program that is not in the input: its own kinds are its affair, Kubernetes’ are not', () => {
  const yaml = (group: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: solver}
rules: [{apiGroups: ["${group}"], resources: ["*"], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: solver}
roleRef: {kind: ClusterRole, name: solver}
subjects: [{kind: ServiceAccount, name: issuer, namespace: certs}]`;
  expect(findingsOf(rbacTooWide, yaml('acme.example.com'))).toEqual([]);
  expect(findingsOf(rbacTooWide, yaml(''))).toMatchObject([{ object: 'ClusterRole/solver' }]);
});

test('a hook of Helm, which runs once', () => {
  const hook = `
apiVersion: batch/v1
kind: Job
metadata: {name: setup, namespace: llm, annotations: {helm.sh/hook: pre-install}}
spec: {template: {spec: {serviceAccountName: setup, containers: [{name: c, image: setup:1}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: setup}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: setup, namespace: llm}]`;
  expect(findingsOf(rbacTooWide, hook)).toEqual([]);
  expect(findingsOf(rbacTooWide, hook.replace('helm.sh/hook', 'example.com/x'))).toHaveLength(1);
});
