import { unfilledPlaceholder } from '../../../../../constructs/checks/rules/input/unfilled-placeholder';
import { findingsOf } from '../../../../support/check-rule';

const pod = (container: string, metadata = 'name: chat') => `
apiVersion: v1
kind: Pod
metadata: { ${metadata} }
spec: { containers: [{ name: chat, image: "app:1", ${container} }] }
`;
const env = (name: string, value: string) => `env: [{ name: ${name}, value: '${value}' }]`;

test('fires on an env value, and says which template', () => {
  expect(findingsOf(unfilledPlaceholder, pod(env('DB_HOST', '{{ .Values.db.host }}')))).toMatchObject([
    {
      object: 'Pod/chat',
      path: 'spec.containers[0].env[0].value',
      severity: 'error',
      message: expect.stringContaining('{{ .Values.db.host }}'),
    },
  ]);
});

test.each([
  ['a name', pod('', "name: 'chat-{{ env }}'"), 'metadata.name'],
  ['a namespace', pod('', "name: chat, namespace: '{{NAMESPACE}}'"), 'metadata.namespace'],
  [
    'a label',
    pod('', "name: chat, labels: { app.kubernetes.io/name: '{{ name }}' }"),
    'metadata.labels["app.kubernetes.io/name"]',
  ],
  ['an image', pod('').replace('app:1', 'app:{{ tag }}'), 'spec.containers[0].image'],
  [
    'an env value of any template language',
    pod(env('API_URL', 'https://{{DOMAIN}}/api')),
    'spec.containers[0].env[0].value',
  ],
  [
    "an argument with Helm's template",
    pod("args: ['--model={{ .Values.model }}']"),
    'spec.containers[0].args[0]',
  ],
  [
    'a selector',
    "apiVersion: v1\nkind: Service\nmetadata: { name: chat }\nspec: { selector: { app: '{{ app }}' } }",
    'spec.selector.app',
  ],
  [
    'a host',
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec: { rules: [{ host: 'chat.{{ domain }}' }] }",
    'spec.rules[0].host',
  ],
  [
    'a host of TLS',
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec: { tls: [{ hosts: ['{{ domain }}'] }] }",
    'spec.tls[0].hosts[0]',
  ],
  [
    'a hostname of a route',
    "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web }\nspec: { hostnames: ['{{ domain }}'] }",
    'spec.hostnames[0]',
  ],
  [
    'the name of a kind whose controller fills in templates',
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: { name: '{{ name }}' }",
    'metadata.name',
  ],
])('fires on %s', (_case, yaml, path) => {
  expect(findingsOf(unfilledPlaceholder, yaml)).toMatchObject([{ path }]);
});

test('points at the ConfigMap that holds the value, once for all who read it', () => {
  const reads = 'envFrom: [{ configMapRef: { name: settings } }]';
  const map =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { API_URL: 'https://{{ domain }}' }";
  expect(
    findingsOf(unfilledPlaceholder, [pod(reads), pod(reads, 'name: other'), map].join('\n---\n')),
  ).toMatchObject([{ object: 'ConfigMap/settings', path: 'data.API_URL' }]);
});

test.each([
  ['filled values', pod(env('DB_HOST', 'db'))],
  ['a prompt, which the application fills in', pod(env('RAG_TEMPLATE', 'Use {{CONTEXT}} for {{QUERY}}'))],
  ['JSON', pod(env('SETTINGS', '{"a":{"b":{}}}'))],
  [
    'annotations',
    pod('', "name: chat, annotations: { vault.hashicorp.com/agent-inject-template-x: '{{ with secret }}' }"),
  ],
  ['an argument that the program fills in', pod("args: ['--format={{ .Name }}']")],
  [
    'a workflow',
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: { name: w }\nspec: { templates: [{ container: { image: '{{inputs.parameters.image}}' } }] }",
  ],
  [
    'an alert',
    "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: { name: r }\nspec: { groups: [{ name: '{{ g }}' }] }",
  ],
  [
    'a dashboard in a ConfigMap',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: d }\ndata: { d.json: \'{"title": "{{instance}}"}\' }',
  ],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(unfilledPlaceholder, yaml)).toEqual([]);
});
