import { modelPath } from '../../../../runtime/contract.cjs';
import { CACHE_DIRECTORY, curl, type EngineServer, flag, PYTHON_ENVIRONMENT } from './engine-server';

const PORT = 8000;

/** vLLM: safetensors models, on GPUs. It compiles and captures CUDA graphs before it answers. */
export const vllm: EngineServer = {
  image: () => ({ repository: 'docker.io/vllm/vllm-openai', tag: 'v0.28.0' }),
  port: PORT,
  command: ['vllm', 'serve'],
  args: (model, engine) => [
    modelPath(model.source),
    ...flag('--served-model-name', model.name),
    ...flag('--host', '127.0.0.1'),
    ...flag('--port', PORT),
    ...flag('--tensor-parallel-size', engine.gpu?.count),
    ...flag('--max-model-len', model.contextLength),
    ...flag('--max-num-seqs', model.sequences),
    ...flag('--runner', model.purpose === 'embedding' ? 'pooling' : undefined),
  ],
  env: () => ({
    ...PYTHON_ENVIRONMENT,
    VLLM_CACHE_ROOT: `${CACHE_DIRECTORY}/vllm`,
    VLLM_NO_USAGE_STATS: '1',
  }),
  health: curl(PORT, '/health'),
  loadSeconds: 300,
  sharesMemory: true,
  importsModels: false,
  // Its own multiprocessing rather than Ray, which the image has not held since 0.18.
  groupArgs: (rank, nodes) => [
    ...flag('--pipeline-parallel-size', nodes),
    ...flag('--distributed-executor-backend', 'mp'),
    ...flag('--nnodes', nodes),
    ...flag('--node-rank', '$(LWS_WORKER_INDEX)'),
    ...flag('--master-addr', '$(LWS_LEADER_ADDRESS)'),
    ...(rank === 'worker' ? ['--headless'] : []),
  ],
};
