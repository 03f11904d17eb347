import { type EngineProps, InferenceStatefulSet, type ModelProps } from '../../../../constructs/kubernetes';
import { chart, gguf, modelNode, safetensors, vllm } from '../fixtures';

function podOf(engine: EngineProps, models: readonly ModelProps[]) {
  const set = new InferenceStatefulSet(chart(), 'inference', { ...modelNode, engine, models });
  const pod = set.statefulSet.toJson().spec.template.spec;
  return { ...pod, engine: pod.containers[1], config: set.config.toJson().data['config.yaml'] };
}

const envOf = (container: { env: { name: string; value: string }[] }) =>
  Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
const resources = { requests: { cpu: '8', memory: '64Gi' } };

test('vLLM serves the stored folder on localhost, on as many GPUs as it has', () => {
  const { engine, config } = podOf(vllm, [safetensors]);
  expect(engine.image).toMatch(/^docker\.io\/vllm\/vllm-openai:v\d/);
  expect([...engine.command, ...engine.args].join(' ')).toBe(
    'vllm serve /models/hf/Qwen/Qwen2.5-32B-Instruct-AWQ --served-model-name Qwen/Qwen2.5-32B-Instruct-AWQ ' +
      '--host 127.0.0.1 --port 8000 --tensor-parallel-size 2 --max-model-len 8192 --max-num-seqs 32',
  );
  expect(engine.resources).toEqual({
    requests: { cpu: '8', memory: '64Gi', 'ephemeral-storage': '5Gi', 'nvidia.com/gpu': '2' },
    limits: { memory: '64Gi', 'nvidia.com/gpu': '2' },
  });
  expect(config).toContain('url: http://127.0.0.1:8000');
});

test('SGLang', () => {
  const { engine } = podOf({ ...vllm, name: 'sglang' }, [safetensors]);
  expect(engine.image).toMatch(/^docker\.io\/lmsysorg\/sglang:v\d/);
  expect([...engine.command, ...engine.args].join(' ')).toBe(
    'python3 -m sglang.launch_server --model-path /models/hf/Qwen/Qwen2.5-32B-Instruct-AWQ ' +
      '--served-model-name Qwen/Qwen2.5-32B-Instruct-AWQ --host 127.0.0.1 --port 30000 ' +
      '--context-length 8192 --max-running-requests 32 --enable-metrics --tp-size 2',
  );
});

test("llama-server: its context is one for all sequences, and its port is not the runtime's", () => {
  const model = { ...gguf, contextLength: 4096, sequences: 4 };
  const onCpu = podOf({ name: 'llama-server', resources, args: ['--threads', '8'] }, [model]).engine;
  expect(onCpu.image).toMatch(/:server-b\d+$/);
  expect(onCpu).not.toHaveProperty('command');
  expect(onCpu.args.join(' ')).toBe(
    '--model /models/hf/Qwen/Qwen2.5-7B-Instruct-GGUF/qwen2.5-7b-instruct-q4_k_m.gguf --alias qwen2.5-7b-instruct ' +
      '--host 127.0.0.1 --port 8081 --ctx-size 16384 --parallel 4 --jinja --metrics --threads 8',
  );
  const onGpu = podOf({ name: 'llama-server', resources, gpu: { count: 1 } }, [model]).engine;
  expect(onGpu.image).toMatch(/:server-cuda-b\d+$/);
  expect(onGpu.args.join(' ')).toContain('--n-gpu-layers 999');
});

test('an engine is told that its model embeds, where it would not find out', () => {
  const argsOf = (name: EngineProps['name'], model: ModelProps) =>
    podOf({ ...vllm, name }, [{ ...model, purpose: 'embedding' }]).engine.args.join(' ');
  expect(argsOf('vllm', safetensors)).toContain('--runner pooling');
  expect(argsOf('sglang', safetensors)).toContain('--is-embedding');
  expect(argsOf('llama-server', { ...gguf, contextLength: 2048 })).toContain(
    '--embeddings --batch-size 2048 --ubatch-size 2048',
  );
});

test('Ollama imports models into a store of its own on the shared volume', () => {
  const pod = podOf({ name: 'ollama', resources }, [{ ...gguf, sequences: 4 }]);
  // 4.7 GB read, written and read at 500 MB/s, twice, and 60 s
  const { startupProbe } = pod.containers[0];
  expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(120);
  const large = podOf({ name: 'ollama', resources }, [{ ...gguf, bytes: 47e9 }]).containers[0].startupProbe;
  expect(large.periodSeconds * large.failureThreshold).toBe(630);
  expect(envOf(pod.engine)).toMatchObject({
    OLLAMA_HOST: '127.0.0.1:11434',
    OLLAMA_MODELS: '/models/ollama',
    OLLAMA_NUM_PARALLEL: '4',
    HOME: '/cache',
  });
  expect(pod.engine.volumeMounts).toContainEqual({ name: 'models', mountPath: '/models' });
});

test('an engine beside the runtime is offline, reads the store only, and opens no port', () => {
  const { engine } = podOf(vllm, [safetensors]);
  expect(envOf(engine)).toMatchObject({
    HF_HUB_OFFLINE: '1',
    TRANSFORMERS_OFFLINE: '1',
    HOME: '/cache',
    USER: 'polypod',
  });
  expect(engine.volumeMounts).toContainEqual({ name: 'models', mountPath: '/models', readOnly: true });
  expect(engine).not.toHaveProperty('ports');
});

test('exchanges tensors over a /dev/shm of the given size', () => {
  const pod = podOf({ ...vllm, gpu: { count: 2, sharedMemory: '12Gi' } }, [safetensors]);
  expect(pod.volumes).toContainEqual({
    name: 'shared-memory',
    emptyDir: { medium: 'Memory', sizeLimit: '12Gi' },
  });
  expect(pod.engine.volumeMounts).toContainEqual({ name: 'shared-memory', mountPath: '/dev/shm' });
});

test('runs on nodes with the device, whose taint it accepts', () => {
  const gpu = { count: 1, resource: 'amd.com/gpu', nodeSelector: { accelerator: 'mi300x' } };
  const pod = podOf({ ...vllm, gpu }, [safetensors]);
  expect(pod.nodeSelector).toEqual({ accelerator: 'mi300x' });
  expect(pod.tolerations).toEqual([{ key: 'amd.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
  expect(pod.engine.resources.limits).toMatchObject({ 'amd.com/gpu': '1' });
});

test('goes on until the runtime has drained, and is not killed for being busy', () => {
  const { engine, containers, terminationGracePeriodSeconds } = podOf(vllm, [safetensors]);
  expect(engine.lifecycle.preStop.exec.command).toEqual(['sleep', '30']);
  expect(terminationGracePeriodSeconds).toBeGreaterThan(30);
  expect(engine.startupProbe.exec.command).toContain('http://127.0.0.1:8000/health');
  expect(engine.livenessProbe.periodSeconds * engine.livenessProbe.failureThreshold).toBe(300);
  const { startupProbe } = containers[0];
  // 19.3 GB at 500 MB/s, twice, and 300 s
  expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(380);
});

test("llama.cpp takes its GPU in the runtime's own container", () => {
  const pod = podOf({ name: 'llama.cpp', gpu: { count: 1 } }, [gguf]);
  expect(pod.containers).toHaveLength(1);
  expect(pod.containers[0].resources.limits).toMatchObject({ 'nvidia.com/gpu': '1' });
  expect(pod.initContainers[0].resources.limits).not.toHaveProperty('nvidia.com/gpu');
  expect(pod.config).toContain('gpuLayers: 999');
});
