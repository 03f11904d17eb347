import type { Engine } from '../../../../runtime/contract.cjs';
import type { EngineServer } from './engine-server';
import { llamaServer } from './llama-server';
import { ollama } from './ollama';
import { sglang } from './sglang';
import { vllm } from './vllm';

/** Engines that run beside the runtime. llama.cpp is inside it. */
export const ENGINE_SERVERS: Readonly<Record<Exclude<Engine, 'llama.cpp'>, EngineServer>> = {
  vllm,
  sglang,
  'llama-server': llamaServer,
  ollama,
};

/** Seconds that llama.cpp, inside the runtime, takes beyond reading its models: an estimate. */
export const EMBEDDED_LOAD_SECONDS = 15;
