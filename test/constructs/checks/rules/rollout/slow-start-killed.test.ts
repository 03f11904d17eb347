import { slowStartKilled } from '../../../../../constructs/checks/rules/rollout/slow-start-killed';
import { placeholderNumber } from '../../../../../constructs/contracts/placeholder';
import { findingsOf } from '../../../../support/check-rule';

const PROBE = 'httpGet: { path: /health, port: 8000 }';
const engine = (args: string, probes: string, image = 'vllm/vllm-openai:v0.11.0') =>
  `{ name: engine, image: '${image}', args: [${args}], ${probes} }`;
const live = (figures = '') => `livenessProbe: { ${PROBE}, ${figures} }`;
const startup = (figures: string, probe = PROBE) => `startupProbe: { ${probe}, ${figures} }`;
const check = (containers: string, annotations = '', volumes = '') =>
  findingsOf(
    slowStartKilled,
    `
apiVersion: apps/v1
kind: Deployment
metadata: { name: chat, annotations: { ${annotations} } }
spec: { template: { spec: { containers: [${containers}], volumes: [${volumes}] } } }
`,
  );
const EIGHT = '--model, meta-llama/Llama-3.1-8B-Instruct'; // 16 GB, 80 s

test('a liveness probe that gives up first: what lacks is a startup probe', () => {
  const [finding, ...others] = check(engine(EIGHT, live('initialDelaySeconds: 30')));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: 'Deployment/chat',
    path: 'spec.template.spec.containers[0].livenessProbe',
    severity: 'error',
    message: expect.stringContaining('meta-llama/Llama-3.1-8B-Instruct, about 16 GB at 200 MB/s'),
    fix: expect.stringContaining('startupProbe'),
  });
  expect(finding?.message).toContain('gives up after 60 s');
  expect(check(engine(EIGHT, live('initialDelaySeconds: 60')))).toEqual([]);
});

test('where there is a startup probe, it alone counts', () => {
  expect(check(engine(EIGHT, `${live()}, ${startup('failureThreshold: 7')}`))).toEqual([
    expect.objectContaining({ path: 'spec.template.spec.containers[0].startupProbe.failureThreshold' }),
  ]);
  expect(check(engine(EIGHT, `${live()}, ${startup('failureThreshold: 8')}`))).toEqual([]);
});

test.each([
  ['facebook/opt-125m', 0],
  ['Qwen/Qwen2.5-7B-Instruct', 70],
  ['Qwen/Qwen3-30B-A3B', 300],
  ['mistralai/Mixtral-8x7B-Instruct-v0.1', 465],
  ['meta-llama/Llama-3.1-70B-Instruct', 700],
  ['neuralmagic/Meta-Llama-3.1-70B-Instruct-FP8', 350],
  ['TheBloke/Llama-2-70B-AWQ', 196],
  ['Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8', 360],
  ['deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', 320],
  ['deepseek-ai/DeepSeek-R1', 3355],
  ['deepseek-ai/DeepSeek-R1-0528-Qwen3-8B', 80],
  ['meta-llama/Llama-4-Scout-17B-16E-Instruct', 1090],
  ['Qwen/Qwen2.5-72B-Instruct-GGUF', 202],
  ['openai/gpt-oss-120b', 327],
])('%s needs %d s', (model, seconds) => {
  const patience = (budget: number) =>
    check(engine(`--model, ${model}`, startup(`periodSeconds: 1, failureThreshold: ${budget}`)));
  expect(patience(seconds + 2)).toEqual([]);
  if (seconds > 0) expect(patience(seconds - 2)).toHaveLength(1);
});

test.each([
  ['the command of vLLM', engine('serve, Qwen/Qwen3-8B', live())],
  [
    'vLLM in a script',
    `{ name: e, image: 'vllm/vllm-openai:v0.11.0', command: [sh, -c, 'exec vllm serve Qwen/Qwen3-8B --port 80'], ${live()} }`,
  ],
  ['SGLang', engine('--model-path, Qwen/Qwen3-8B', live(), 'lmsysorg/sglang:v0.5')],
  [
    'Text Generation Inference',
    engine('--model-id=Qwen/Qwen3-8B', live(), 'ghcr.io/huggingface/text-generation-inference:3.3'),
  ],
  [
    'llama.cpp, four bits',
    engine('-hf, ggml-org/Qwen3-32B-GGUF', live(), 'ghcr.io/ggml-org/llama.cpp:server-b6000'),
  ],
  ['a socket', engine(EIGHT, 'livenessProbe: { tcpSocket: { port: 8000 } }')],
  [
    'a command that calls it',
    engine(EIGHT, 'livenessProbe: { exec: { command: [curl, -f, localhost:8000/health] } }'),
  ],
])('fires on %s', (_case, containers) => {
  expect(check(containers)).toHaveLength(1);
});

test('annotations say how much is read, and how fast, whatever the image', () => {
  const bytes = "polypod.dev/model-bytes: '40e9'";
  const rate = "polypod.dev/storage-bytes-per-second: '1e9'";
  const own = `{ name: own, image: own:1, ${live()} }`;
  expect(check(own, bytes)[0]?.message).toContain('a model of 40 GB at 200 MB/s');
  expect(check(own, `${bytes}, ${rate}`)[0]?.message).toContain('for 40 s');
  expect(check(`{ name: own, image: own:1, ${live('failureThreshold: 4')} }`, `${bytes}, ${rate}`)).toEqual(
    [],
  );
  expect(check(engine(EIGHT, live()), rate)).toEqual([]);
});

test('of several unknown containers, the one with the GPU loads', () => {
  const gpu = `{ name: m, image: m:1, resources: { limits: { nvidia.com/gpu: 1 } }, ${live()} }`;
  const found = check(`{ name: proxy, image: p:1, ${live()} }, ${gpu}`, 'polypod.dev/model-bytes: 40Gi');
  expect(found.map(({ path }) => path)).toEqual(['spec.template.spec.containers[1].livenessProbe']);
});

test("the runtime's liveness answers at once, its startup path only with a model", () => {
  const runtime = (probes: string) =>
    check(`{ name: r, image: x/polypod-runtime:1, ${probes} }`, "polypod.dev/model-bytes: '40e9'");
  expect(runtime('livenessProbe: { httpGet: { path: /api/v1/health, port: 8080 } }')).toEqual([]);
  expect(runtime('startupProbe: { httpGet: { path: /api/v1/startup, port: 8080 } }')).toHaveLength(1);
});

test.each([
  ['an engine that answers before it has a model', engine('', live(), 'ollama/ollama:0.12'), ''],
  ['no probes', engine(EIGHT, ''), ''],
  ['readiness only', engine(EIGHT, `readinessProbe: { ${PROBE} }`), ''],
  ['a model whose size nobody knows', engine('--model, acme/assistant', live()), ''],
  ['a part of the image', engine('--model, /opt/llama-70b', live()), ''],
  ['weights that are not read', engine(`${EIGHT}, --load-format, dummy`, live()), ''],
  [
    'a command that may ask anything',
    engine(EIGHT, 'livenessProbe: { exec: { command: [test, -f, /tmp/ok] } }'),
    '',
  ],
  [
    'figures that a cloud has yet to say',
    engine(EIGHT, live(`failureThreshold: ${placeholderNumber(1)}`)),
    '',
  ],
  [
    'an image that only pulls the model',
    `{ name: e, image: 'vllm/vllm-openai:v0.11.0', command: [hf, download, Qwen/Qwen3-8B], ${live()} }`,
    '',
  ],
  ['an application that is no engine', `{ name: e, image: 'nginx:1', args: [${EIGHT}], ${live()} }`, ''],
])('says nothing of %s', (_case, containers) => {
  expect(check(containers)).toEqual([]);
});

test('of a LeaderWorkerSet, each node reads its share', () => {
  const set = (nodes: number) =>
    findingsOf(
      slowStartKilled,
      `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: { name: big }
spec: { leaderWorkerTemplate: { size: ${nodes}, leaderTemplate: { spec: { containers: [${engine(EIGHT, startup('failureThreshold: 4'))}] } }, workerTemplate: { spec: { containers: [] } } } }
`,
    );
  expect(set(1)).toHaveLength(1);
  expect(set(2)).toEqual([]);
});

test('a model that was brought to the node before is read faster than anyone knows', () => {
  const mount = 'volumeMounts: [{ name: models, mountPath: /root/.cache/huggingface }]';
  const scratch = '{ name: models, emptyDir: {} }';
  const puller = `], initContainers: [{ name: pull, image: pull:1, ${mount} }`;
  const mounting = engine(EIGHT, `${mount}, ${live()}`);
  expect(check(mounting, '', scratch)).toHaveLength(1);
  expect(check(mounting + puller, '', scratch)).toEqual([]);
  expect(
    check(mounting + puller, '', '{ name: models, persistentVolumeClaim: { claimName: m } }'),
  ).toHaveLength(1);
});

test('a model on the node itself is read faster than anyone knows', () => {
  const mounting = engine(
    '--model, /models/llama-70b',
    `volumeMounts: [{ name: models, mountPath: /models }], ${live()}`,
  );
  expect(check(mounting, '', '{ name: models, hostPath: { path: /models } }')).toEqual([]);
  expect(check(mounting, '', '{ name: models, persistentVolumeClaim: { claimName: models } }')).toHaveLength(
    1,
  );
});
