import { type InferenceCheck, problem } from './check';

/** GPUs that the image has no code for, or code without GPUs. */
export const acceleratorMatchesGpu: InferenceCheck = {
  reads: ['engine'],
  *check({ engine }) {
    if (engine.name !== 'llama.cpp') return;
    if (engine.gpu !== undefined && engine.accelerator === 'none') {
      const reason = 'is asked for, and the CPU image of the runtime would leave it idle';
      yield problem(
        'engine.gpu',
        undefined,
        reason,
        'set engine.accelerator: cuda and backing.image to the CUDA variant, or take gpu out',
      );
    }
    if (engine.gpu === undefined && engine.accelerator !== 'none') {
      const reason = 'needs a GPU, and none is asked for';
      yield problem('engine.accelerator', engine.accelerator, reason, 'add engine.gpu: { count: 1 }');
    }
  },
};

/** Engines that can't spread one model over several nodes. */
export const engineSpans: InferenceCheck = {
  reads: ['engine'],
  *check(_settings, { engine }) {
    if (engine.nodes === 1 || engine.name === 'vllm' || engine.name === 'sglang') return;
    const reason = `${engine.name} can't hold one model on several nodes`;
    yield problem(
      'engine.nodes',
      engine.nodes,
      reason,
      'use engine vllm or sglang, or write replicas if several copies are meant',
    );
  },
};

/** Arguments that the topology itself sets, by engine. */
const OWN_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  vllm: [
    '--model',
    '--served-model-name',
    '--host',
    '--port',
    '--tensor-parallel-size',
    '-tp',
    '--pipeline-parallel-size',
    '-pp',
    '--max-model-len',
    '--max-num-seqs',
  ],
  sglang: [
    '--model-path',
    '--served-model-name',
    '--host',
    '--port',
    '--tp',
    '--tp-size',
    '--nnodes',
    '--node-rank',
    '--context-length',
    '--max-running-requests',
  ],
  'llama-server': [
    '--model',
    '-m',
    '--alias',
    '-a',
    '--host',
    '--port',
    '--ctx-size',
    '-c',
    '--parallel',
    '-np',
  ],
  ollama: [],
};
const SECRET_ARGUMENTS = /^--(api-key|hf-token|token|password)\b/;

/** Arguments that contradict the topology, or hold a secret in plain text. */
export const argumentsFit: InferenceCheck = {
  reads: ['engine'],
  *check({ engine }) {
    if (engine.name === 'llama.cpp') return;
    for (const [index, text] of engine.args.entries()) {
      const name = text.split(/[= ]/)[0] ?? '';
      const path = `engine.args[${index}]`;
      if (SECRET_ARGUMENTS.test(name)) {
        const reason = 'is a secret in plain text, for everybody who may read pods';
        yield problem(
          path,
          undefined,
          reason,
          'take it out: the engine listens on localhost only; tokens stand in security',
        );
      } else if (OWN_ARGUMENTS[engine.name]?.includes(name)) {
        yield problem(
          path,
          text,
          'is set by the topology itself',
          'take it out, and set models, engine.gpu or engine.nodes',
        );
      }
    }
    if (engine.name === 'ollama' && engine.args.length > 0) {
      yield problem('engine.args', undefined, 'has no effect: Ollama takes no arguments', 'take it out');
    }
  },
};
