import { DIRECTORIES } from '../../../../runtime/contract.cjs';
import { CACHE_DIRECTORY, type EngineServer } from './engine-server';

const PORT = 11434;

/** Ollama: GGUF models in a store of its own, on CPUs or GPUs. It answers before a model is loaded. */
export const ollama: EngineServer = {
  image: () => ({ repository: 'docker.io/ollama/ollama', tag: '0.24.0' }),
  port: PORT,
  args: () => ['serve'],
  env: (model) => ({
    HOME: CACHE_DIRECTORY,
    OLLAMA_HOST: `127.0.0.1:${PORT}`,
    OLLAMA_MODELS: `${DIRECTORIES.models}/ollama`,
    OLLAMA_KEEP_ALIVE: '-1',
    OLLAMA_NOPRUNE: 'true', // Pruning at the start of one pod would remove what another is importing.
    ...(model.sequences === undefined ? {} : { OLLAMA_NUM_PARALLEL: String(model.sequences) }),
    ...(model.contextLength === undefined ? {} : { OLLAMA_CONTEXT_LENGTH: String(model.contextLength) }),
  }),
  health: ['ollama', 'list'],
  loadSeconds: 60,
  sharesMemory: false,
  importsModels: true,
};
