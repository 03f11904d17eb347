import * as z from 'zod';
import { byteSize, count, map } from './fields';
import { image } from './image';
import { nodeSelector, resources, toleration } from './scheduling';

export const gpu = map({
  resource: z
    .string()
    .regex(/^[a-z0-9.-]+\/[\w.-]+$/)
    .default('nvidia.com/gpu')
    .describe(
      "Extended resource that the device plugin offers: nvidia.com/gpu, amd.com/gpu, a MIG slice's name.",
    ),
  count: count(1, 16).default(1).describe('Devices that each pod takes.'),
  nodeSelector: nodeSelector(),
  tolerations: z
    .array(toleration)
    .optional()
    .describe(
      'Taints of GPU nodes that the pods accept. Default: the one that carries the name of the resource.',
    ),
  sharedMemory: byteSize()
    .prefault('8Gi')
    .describe('Size of /dev/shm, over which processes of one pod exchange tensors. It counts as memory.'),
});

const optionalGpu = gpu.optional().describe('GPUs for the engine. Default: none.');

const beside = {
  image: image()
    .optional()
    .describe("The engine's image, pinned. Default: the official one at the version that is tested."),
  args: z.array(z.string()).default([]).describe('Further arguments, after those that the topology sets.'),
  resources: resources
    .prefault({})
    .describe("CPU and memory of the engine's container. Default: from the models."),
};

const nodes = count(1, 64)
  .default(1)
  .describe(
    'Nodes that hold one copy of the model together (vllm, sglang). More than one makes a LeaderWorkerSet.',
  );

const onGpu = { gpu: gpu.prefault({}).describe('GPUs for the engine.') };

const llamaCpp = map({
  name: z.literal('llama.cpp').describe('llama.cpp inside the runtime: GGUF models, no second container.'),
  threads: count(1, 512)
    .optional()
    .describe('Threads that decode. Default: the whole cores of the CPU request.'),
  accelerator: z
    .enum(['none', 'cuda'])
    .default('none')
    .describe(
      'What backing.image was built for. The default image decodes on CPUs; GPUs need its CUDA variant.',
    ),
  gpu: optionalGpu,
  nodes,
});

const vllm = map({
  name: z.literal('vllm').describe('vLLM beside the runtime: safetensors models on GPUs.'),
  ...beside,
  ...onGpu,
  nodes,
});

const sglang = map({
  name: z.literal('sglang').describe('SGLang beside the runtime: safetensors models on GPUs.'),
  ...beside,
  ...onGpu,
  nodes,
});

const llamaServer = map({
  name: z.literal('llama-server').describe("llama.cpp's own server beside the runtime: GGUF models."),
  ...beside,
  gpu: optionalGpu,
  nodes,
});

const ollama = map({
  name: z.literal('ollama').describe('Ollama beside the runtime: GGUF models, imported at the first start.'),
  ...beside,
  gpu: optionalGpu,
  nodes,
});

/** What generates. */
export const engine = z.discriminatedUnion('name', [llamaCpp, vllm, sglang, llamaServer, ollama]);
