import { modelCopyPerPod } from '../../../../../constructs/checks/rules/storage/model-copy-per-pod';
import { findingsOf } from '../../../../support/check-rule';

const statefulSet = (image: string, mountPath: string, replicas: number, name = 'data') => `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: engine }
spec:
  replicas: ${replicas}
  template:
    spec:
      containers:
        - { name: engine, image: '${image}', volumeMounts: [{ name: ${name}, mountPath: ${mountPath} }] }
  volumeClaimTemplates: [{ metadata: { name: ${name} }, spec: { accessModes: [ReadWriteOnce] } }]
`;

test.each([
  ['ollama/ollama:0.12.0', '/root/.ollama'],
  ['vllm/vllm-openai:v0.11.0', '/root/.cache/huggingface'],
  ['quay.io/acme/unknown:1', '/models'],
])('fires on %s with a volume at %s for each pod', (image, mountPath) => {
  expect(findingsOf(modelCopyPerPod, statefulSet(image, mountPath, 2))).toMatchObject([
    { object: 'StatefulSet/engine', path: 'spec.volumeClaimTemplates[0]', severity: 'warning' },
  ]);
});

test('fires on a volume whose name says models', () => {
  expect(findingsOf(modelCopyPerPod, statefulSet('acme/engine:1', '/data', 2, 'model-cache'))).toHaveLength(
    1,
  );
});

test.each([
  [
    'a database that keeps what is said of models',
    statefulSet('acme/registry:1', '/var/lib/data', 3, 'model-registry-db'),
  ],
  ['a database server', statefulSet('qdrant/qdrant:v1.15', '/models', 3)],
  ['one replica', statefulSet('ollama/ollama:0.12.0', '/root/.ollama', 1)],
  ['other data', statefulSet('postgres:17', '/var/lib/postgresql/data', 3)],
  ["an engine's other volume", statefulSet('ollama/ollama:0.12.0', '/var/log/ollama-logs', 3)],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(modelCopyPerPod, yaml)).toEqual([]);
});

test('says nothing of one claim that all pods share', () => {
  const shared = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: engine }
spec:
  replicas: 3
  template:
    spec:
      containers: [{ name: e, image: ollama/ollama:0.12.0, volumeMounts: [{ name: m, mountPath: /root/.ollama }] }]
      volumes: [{ name: m, persistentVolumeClaim: { claimName: m } }]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: m }
spec: { accessModes: [ReadWriteMany] }
`;
  expect(findingsOf(modelCopyPerPod, shared)).toEqual([]);
});
