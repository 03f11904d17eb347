import { modelPath } from '../../../../runtime/contract.cjs';
import { curl, type EngineServer, flag, PYTHON_ENVIRONMENT } from './engine-server';

const PORT = 30000;
/** Where the nodes of a group meet. */
const RENDEZVOUS_PORT = 20000;

/** SGLang: safetensors models, on GPUs. */
export const sglang: EngineServer = {
  image: () => ({ repository: 'docker.io/lmsysorg/sglang', tag: 'v0.5.17' }),
  port: PORT,
  command: ['python3', '-m', 'sglang.launch_server'],
  args: (model, engine) => [
    ...flag('--model-path', modelPath(model.source)),
    ...flag('--served-model-name', model.name),
    ...flag('--host', '127.0.0.1'),
    ...flag('--port', PORT),
    ...flag('--context-length', model.contextLength),
    ...flag('--max-running-requests', model.sequences),
    ...(model.purpose === 'embedding' ? ['--is-embedding'] : []),
    '--enable-metrics',
    ...flag('--tp-size', engine.gpu?.count),
  ],
  env: () => PYTHON_ENVIRONMENT,
  health: curl(PORT, '/health'),
  loadSeconds: 240,
  sharesMemory: true,
  importsModels: false,
  groupArgs: (_rank, nodes) => [
    ...flag('--pp-size', nodes),
    ...flag('--nnodes', nodes),
    ...flag('--node-rank', '$(LWS_WORKER_INDEX)'),
    ...flag('--dist-init-addr', `$(LWS_LEADER_ADDRESS):${RENDEZVOUS_PORT}`),
  ],
};
