import { keyPerPod } from '../../../../../constructs/checks/rules/session/key-per-pod';
import { findingsOf } from '../../../../support/check-rule';

const pods = (container: string, { replicas = 2, volumes = '[]' } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat }
spec:
  replicas: ${replicas}
  template: { spec: { containers: [{ name: chat, ${container} }], volumes: ${volumes} } }
`;
const WEBUI = 'image: "ghcr.io/open-webui/open-webui:0.6.33"';
const N8N = 'image: "docker.n8n.io/n8nio/n8n:1.115.0"';
const CLAIM = '[{ name: data, persistentVolumeClaim: { claimName: data } }]';
const mount = (path: string) => `volumeMounts: [{ name: data, mountPath: ${path} }]`;

test('fires where no key is set', () => {
  expect(findingsOf(keyPerPod, pods(WEBUI))).toMatchObject([
    {
      object: 'Deployment/chat',
      path: 'spec.template.spec.containers[0].env',
      severity: 'error',
      message: expect.stringMatching(/Open WebUI in Deployment\/chat has no WEBUI_SECRET_KEY.*2 replicas/),
    },
  ]);
});

test('fires on an empty key, where it stands', () => {
  expect(
    findingsOf(
      keyPerPod,
      pods(`${WEBUI}, env: [{ name: A, value: a }, { name: WEBUI_SECRET_KEY, value: "" }]`),
    ),
  ).toMatchObject([{ path: 'spec.template.spec.containers[0].env[1].value' }]);
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { WEBUI_SECRET_KEY: "" }';
  expect(
    findingsOf(
      keyPerPod,
      `${pods(`${WEBUI}, envFrom: [{ configMapRef: { name: settings } }]`)}\n---\n${map}`,
    ),
  ).toMatchObject([{ object: 'ConfigMap/settings', path: 'data.WEBUI_SECRET_KEY' }]);
});

test('a data folder that pods share does not hold the key of every application', () => {
  expect(
    findingsOf(keyPerPod, pods(`${WEBUI}, ${mount('/app/backend/data')}`, { volumes: CLAIM })),
  ).toHaveLength(1);
  expect(findingsOf(keyPerPod, pods(`${N8N}, ${mount('/home/node/.n8n')}`, { volumes: CLAIM }))).toEqual([]);
  expect(
    findingsOf(
      keyPerPod,
      pods(`${N8N}, ${mount('/home/node/.n8n')}`, { volumes: '[{ name: data, emptyDir: {} }]' }),
    ),
  ).toHaveLength(1);
});

test.each([
  ['one replica', pods(WEBUI, { replicas: 1 })],
  ['a key', pods(`${WEBUI}, env: [{ name: WEBUI_SECRET_KEY, value: k }]`)],
  [
    'a key from a Secret',
    pods(`${WEBUI}, env: [{ name: WEBUI_SECRET_KEY, valueFrom: { secretKeyRef: { name: s, key: k } } }]`),
  ],
  ['a key by its other name', pods(`${WEBUI}, env: [{ name: WEBUI_JWT_SECRET_KEY, value: k }]`)],
  ['a key in a file', pods(`${N8N}, env: [{ name: N8N_ENCRYPTION_KEY_FILE, value: /run/secrets/key }]`)],
  ['a Secret that may set one', pods(`${WEBUI}, envFrom: [{ secretRef: { name: settings } }]`)],
  ['an unknown application', pods('image: "app:1"')],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(keyPerPod, yaml)).toEqual([]);
});
