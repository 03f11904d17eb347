import { modelPath } from '../../../../runtime/contract.cjs';
import { CACHE_DIRECTORY, curl, type EngineServer, flag } from './engine-server';

/** Not its usual 8080, which is the runtime's. */
const PORT = 8081;

/** llama.cpp's own server: one GGUF model, on CPUs or GPUs. */
export const llamaServer: EngineServer = {
  image: (onGpu) => ({
    repository: 'ghcr.io/ggml-org/llama.cpp',
    tag: onGpu ? 'server-cuda-b10644' : 'server-b10920',
  }),
  port: PORT,
  args: (model, engine) => [
    ...flag('--model', modelPath(model.source)),
    ...flag('--alias', model.name),
    ...flag('--host', '127.0.0.1'),
    ...flag('--port', PORT),
    // The context is one for all sequences.
    ...flag('--ctx-size', model.contextLength && model.contextLength * (model.sequences ?? 1)),
    ...flag('--parallel', model.sequences),
    ...flag('--n-gpu-layers', engine.gpu && 999),
    // What is embedded must fit into one physical batch.
    ...(model.purpose === 'embedding'
      ? [
          '--embeddings',
          ...flag('--batch-size', model.contextLength),
          ...flag('--ubatch-size', model.contextLength),
        ]
      : []),
    '--jinja',
    '--metrics',
  ],
  env: () => ({ HOME: CACHE_DIRECTORY }),
  health: curl(PORT, '/health'),
  loadSeconds: 30,
  sharesMemory: false,
  importsModels: false,
};
