import { sqliteOnSharedVolume } from '../../../../../constructs/checks/rules/storage/sqlite-on-shared-volume';
import { findingsOf } from '../../../../support/check-rule';

const app = (options: {
  image?: string;
  env?: string;
  envFrom?: string;
  replicas?: number;
  mountPath?: string;
  volume?: string;
}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  replicas: ${options.replicas ?? 2}
  template:
    spec:
      containers:
        - name: app
          image: '${options.image ?? 'ghcr.io/open-webui/open-webui:0.6.30'}'
          env: [${options.env ?? ''}]
          envFrom: [${options.envFrom ?? ''}]
          volumeMounts: [{ name: data, mountPath: ${options.mountPath ?? '/app/backend/data'} }]
      volumes: [{ name: data, ${options.volume ?? 'persistentVolumeClaim: { claimName: data }'} }]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteMany], storageClassName: efs }
`;
const settings = (data: string) => `---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { ${data} }
`;

test.each([
  ['ghcr.io/open-webui/open-webui:0.6.30', '/app/backend/data'],
  ['mintplexlabs/anythingllm:1.9', '/app/server/storage'],
  ['neosmemo/memos:0.25', '/var/opt/memos'],
  ['docker.io/n8nio/n8n:1.115.0', '/home/node/.n8n'],
  ['grafana/grafana:12.2.0', '/var/lib/grafana'],
])('fires on %s, which falls back to SQLite', (image, mountPath) => {
  expect(findingsOf(sqliteOnSharedVolume, app({ image, mountPath }))).toMatchObject([
    { object: 'Deployment/app', path: 'spec.template.spec.containers[0].env', severity: 'error' },
  ]);
});

test('fires on Langflow once its database is in its folder', () => {
  const env =
    "{ name: LANGFLOW_CONFIG_DIR, value: /data }, { name: LANGFLOW_SAVE_DB_IN_CONFIG_DIR, value: 'true' }";
  expect(
    findingsOf(sqliteOnSharedVolume, app({ image: 'langflowai/langflow:1.6', env, mountPath: '/data' })),
  ).toHaveLength(1);
});

test('points at the ConfigMap that names the database', () => {
  const yaml =
    app({ envFrom: '{ configMapRef: { name: settings } }' }) +
    settings("DATABASE_URL: 'sqlite:////app/backend/data/x.db'");
  expect(findingsOf(sqliteOnSharedVolume, yaml)).toMatchObject([
    { object: 'ConfigMap/settings', path: 'data.DATABASE_URL' },
  ]);
});

test('fires on any application whose URL names a file there', () => {
  const env = "{ name: DB, value: 'sqlite+aiosqlite:////data/app.db' }";
  expect(
    findingsOf(sqliteOnSharedVolume, app({ image: 'acme/app:1', mountPath: '/data', env })),
  ).toMatchObject([{ path: 'spec.template.spec.containers[0].env[0].value' }]);
});

test('fires on an NFS volume without a claim', () => {
  expect(findingsOf(sqliteOnSharedVolume, app({ volume: 'nfs: { server: nas, path: /x }' }))).toHaveLength(1);
});

test.each([
  [
    'Langflow, whose database is not in its folder',
    app({
      image: 'langflowai/langflow:1.6',
      env: '{ name: LANGFLOW_CONFIG_DIR, value: /data }',
      mountPath: '/data',
    }),
  ],
  ['one replica', app({ replicas: 1 })],
  ['PostgreSQL', app({ env: "{ name: DATABASE_URL, value: 'postgresql://db/chat' }" })],
  [
    'a database from a Secret',
    app({ env: '{ name: DATABASE_URL, valueFrom: { secretKeyRef: { name: s, key: k } } }' }),
  ],
  ['settings from a Secret that the input does not hold', app({ envFrom: '{ secretRef: { name: s } }' })],
  [
    'a database from a ConfigMap',
    app({ envFrom: '{ configMapRef: { name: settings } }' }) + settings("DATABASE_URL: 'postgres://db/chat'"),
  ],
  ['a volume for other files', app({ mountPath: '/uploads' })],
  ["the pod's own folder", app({ volume: 'emptyDir: {}' })],
  [
    'a disk',
    app({})
      .replace('storageClassName: efs', 'storageClassName: gp3')
      .replace('ReadWriteMany', 'ReadWriteOnce'),
  ],
  ['an application that has no SQLite', app({ image: 'ghcr.io/danny-avila/librechat:v0.8.0' })],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(sqliteOnSharedVolume, yaml)).toEqual([]);
});
