import { modelCacheEphemeral } from '../../../../../constructs/checks/rules/storage/model-cache-ephemeral';
import { findingsOf } from '../../../../support/check-rule';

const pods = (container: string, volumes = '[]', kind = 'Deployment') => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: engine }
spec:
  template:
    spec:
      containers: [{ name: engine, ${container} }]
      volumes: ${volumes}
`;
const cacheMount = 'volumeMounts: [{ name: cache, mountPath: /root/.cache/huggingface }]';

test('fires where no volume is mounted', () => {
  expect(findingsOf(modelCacheEphemeral, pods('image: ollama/ollama:0.12.0'))).toMatchObject([
    {
      object: 'Deployment/engine',
      path: 'spec.template.spec.containers[0].volumeMounts',
      severity: 'warning',
      message: expect.stringContaining('/root/.ollama/models'),
    },
  ]);
});

test('fires on an emptyDir, and points at the volume', () => {
  const yaml = pods(
    `image: vllm/vllm-openai:v0.11.0, args: [--model, Qwen/Qwen3-8B], ${cacheMount}`,
    '[{ name: cache, emptyDir: {} }]',
  );
  expect(findingsOf(modelCacheEphemeral, yaml)).toMatchObject([{ path: 'spec.template.spec.volumes[0]' }]);
});

test('fires on a volume that is made for the pod alone', () => {
  const yaml = pods(
    `image: vllm/vllm-openai:v0.11.0, ${cacheMount}`,
    '[{ name: cache, ephemeral: { volumeClaimTemplate: { spec: {} } } }]',
  );
  expect(findingsOf(modelCacheEphemeral, yaml)).toHaveLength(1);
});

test('fires on a model that an init container puts into an emptyDir', () => {
  const yaml = pods(
    'image: ghcr.io/ggml-org/llama.cpp:server-b7000, args: [-m, /models/qwen.gguf], volumeMounts: [{ name: m, mountPath: /models }]',
    '[{ name: m, emptyDir: {} }]',
  );
  expect(findingsOf(modelCacheEphemeral, yaml)).toHaveLength(1);
});

test.each([
  ['vllm serve', 'image: vllm/vllm-openai:v0.11.0, command: [vllm, serve, Qwen/Qwen3-8B]'],
  [
    'a script that serves',
    "image: vllm/vllm-openai:v0.11.0, command: [sh, -c, 'exec python3 -m vllm.entrypoints.openai.api_server --model x/y']",
  ],
  ['ollama serve', 'image: ollama/ollama:0.12.0, command: [/bin/ollama], args: [serve]'],
])('fires where the command is written out: %s', (_case, container) => {
  expect(findingsOf(modelCacheEphemeral, pods(container))).toHaveLength(1);
});

test.each([
  [
    'a claim at the default folder',
    pods(
      `image: vllm/vllm-openai:v0.11.0, ${cacheMount}`,
      '[{ name: cache, persistentVolumeClaim: { claimName: m } }]',
    ),
  ],
  [
    'a claim where a setting moves the folder',
    pods(
      'image: ollama/ollama:0.12.0, env: [{ name: OLLAMA_MODELS, value: /store/ollama }], volumeMounts: [{ name: m, mountPath: /store }]',
      '[{ name: m, persistentVolumeClaim: { claimName: m } }]',
    ),
  ],
  [
    "the node's own folder",
    pods(`image: vllm/vllm-openai:v0.11.0, ${cacheMount}`, '[{ name: cache, hostPath: { path: /var/hf } }]'),
  ],
  [
    'a model that is a part of the image',
    pods('image: ghcr.io/ggml-org/llama.cpp:server-b7000, args: [-m, /app/tiny.gguf]'),
  ],
  [
    'a folder that only a Secret knows',
    pods(
      'image: ollama/ollama:0.12.0, env: [{ name: OLLAMA_MODELS, valueFrom: { secretKeyRef: { name: s, key: k } } }]',
    ),
  ],
  ['a job that uses the image', pods('image: ollama/ollama:0.12.0', '[]', 'Job')],
  [
    'a shell with the image of an engine',
    pods('image: vllm/vllm-openai:v0.11.0, command: [sleep, infinity]'),
  ],
  ['a client of another server', pods("image: 'ollama/ollama:0.12.0', args: [pull, qwen3]")],
  [
    'a model that is streamed from a bucket',
    pods("image: vllm/vllm-openai:v0.11.0, args: [--model, 's3://models/qwen']"),
  ],
  [
    'a claim in the home folder',
    pods(
      'image: vllm/vllm-openai:v0.11.0, env: [{ name: HOME, value: /home/vllm }], volumeMounts: [{ name: m, mountPath: /home/vllm/.cache }]',
      '[{ name: m, persistentVolumeClaim: { claimName: m } }]',
    ),
  ],
  ['an image that is no engine', pods('image: nginx:1.29')],
])('says nothing of %s', (_case, yaml) => {
  expect(findingsOf(modelCacheEphemeral, yaml)).toEqual([]);
});

test.each([
  ['worker', 1],
  ['gateway', 0],
])('the runtime as %s', (role, findings) => {
  const yaml = pods(
    `image: ghcr.io/acme/polypod-runtime:0.1.0, env: [{ name: POLYPOD_ROLE, value: ${role} }]`,
  );
  expect(findingsOf(modelCacheEphemeral, yaml)).toHaveLength(findings);
});
