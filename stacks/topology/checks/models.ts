import { formatByteSize } from '../../../constructs/contracts/units';
import { storeClashes } from '../../../constructs/kubernetes/inference/store-clashes';
import { modelFormat } from '../models';
import { type InferenceCheck, problem, REPLICAS } from './check';

/** Two models of one name: clients could not say which. */
export const modelNamesDiffer: InferenceCheck = {
  reads: ['models'],
  *check({ models }) {
    const first = new Map<string, number>();
    for (const [index, { name }] of models.entries()) {
      const before = first.get(name);
      if (before === undefined) first.set(name, index);
      else
        yield problem(
          `models[${index}].name`,
          name,
          `is the name of models[${before}], too`,
          'give each its own name',
        );
    }
  },
};

/** Two models that would lie at one place of the store. */
export const modelPlacesDiffer: InferenceCheck = {
  reads: ['models'],
  *check({ models }) {
    for (const { index, field, reason, mend } of storeClashes(models)) {
      yield problem(`models[${index}].${field}`, models[index]?.[field], reason, mend);
    }
  },
};

/** Files that the engine can't read. */
export const modelFitsEngine: InferenceCheck = {
  reads: ['models', 'engine.name'],
  *check({ models, engine }) {
    const wants = engine.name === 'vllm' || engine.name === 'sglang' ? 'safetensors' : 'gguf';
    for (const [index, { source }] of models.entries()) {
      const format = modelFormat(source);
      const path = `models[${index}].source`;
      if (wants === 'gguf' && format === 'safetensors') {
        const reason = `holds safetensors, which ${engine.name} can't read`;
        yield problem(
          path,
          source,
          reason,
          'name a .gguf file (many repositories have a sibling that ends in -GGUF), or use engine vllm or sglang',
        );
      } else if (wants === 'safetensors' && format === 'gguf') {
        const reason = `is GGUF; ${engine.name} reads safetensors`;
        yield problem(
          path,
          source,
          reason,
          'name the repository of the original weights, or use engine llama.cpp, llama-server or ollama',
        );
      } else if (wants === 'gguf' && source.startsWith('hf:') && !/\.gguf$/i.test(source)) {
        const reason = 'names a repository, which holds one file a quantization';
        yield problem(path, source, reason, `name the file: ${source}/….gguf`);
      }
    }
  },
};

/** Engines that serve one model a process. */
export const oneModelEngines: InferenceCheck = {
  reads: ['models', 'engine.name'],
  *check({ models, engine: { name } }) {
    if (models.length === 1 || name === 'llama.cpp' || name === 'ollama') return;
    const reason = `${name} serves one model, and here are ${models.length}`;
    yield problem(
      'models',
      undefined,
      reason,
      'write a topology for each: several documents in one file, with --- between them',
    );
  },
};

/** Checksums and revisions that nothing could be compared with. */
export const pinsApply: InferenceCheck = {
  reads: ['models'],
  *check(_settings, { models }) {
    for (const [index, { source, sha256, revision }] of models.entries()) {
      if (sha256 !== undefined && /^hf:[^/]+\/[^/]+$/.test(source)) {
        const reason = 'is the sum of one file, and the source is a whole repository';
        yield problem(`models[${index}].sha256`, sha256, reason, 'take it out and pin revision instead');
      }
      if (revision !== undefined && !source.startsWith('hf:')) {
        yield problem(
          `models[${index}].revision`,
          revision,
          'has no meaning outside hf: sources',
          'take it out',
        );
      }
    }
  },
};

/** A model on more pods than there are, or in an engine that holds what it has. */
export const placementPossible: InferenceCheck = {
  reads: ['models', 'engine', ...REPLICAS],
  *check({ models, engine, workloads }) {
    const pods = workloads.find(({ loadsModels }) => loadsModels)?.replicas.max ?? 0;
    for (const [index, { placement }] of models.entries()) {
      if (placement === undefined) continue;
      const path = `models[${index}].placement`;
      const { replicas, max = replicas } = placement;
      if (engine.name !== 'llama.cpp') {
        const reason = `is not for ${engine.name}, which holds its model as long as it runs`;
        yield problem(path, undefined, reason, 'take it out, and set replicas');
      } else if (max < replicas) {
        yield problem(`${path}.max`, max, `is below replicas (${replicas})`, 'raise it, or leave it out');
      } else if (replicas > pods) {
        const reason = `is more than the ${pods} pods that hold models at the most`;
        yield problem(`${path}.replicas`, replicas, reason, `write at most ${pods}, or add pods`);
      }
    }
  },
};

/** Owners and families whose repositories ask for a token. Model cards at huggingface.co, as of November 2026. */
const GATED = [
  /^hf:meta-llama\//i,
  /^hf:google\/gemma/i,
  /^hf:black-forest-labs\//i,
  /^hf:bigcode\/starcoder/i,
];

/** A gated model without a token: the download ends with 401, in the middle of the first start. */
export const gatedModelsHaveToken: InferenceCheck = {
  reads: ['models', 'security.huggingFaceToken'],
  *check({ models, security }) {
    if (security.huggingFaceToken !== undefined) return;
    for (const [index, { source }] of models.entries()) {
      if (!GATED.some((pattern) => pattern.test(source))) continue;
      const reason =
        'is a gated repository: the download needs a token of an account that accepted its licence';
      yield problem(
        `models[${index}].source`,
        source,
        reason,
        'add security: { huggingFaceToken: { secretName: … } }',
      );
    }
  },
};

/** Tokens that a family of models was made for: max_position_embeddings of their config.json. */
const CONTEXTS: readonly (readonly [pattern: RegExp, tokens: number])[] = [
  [/\bqwen2\.5-(0\.5|1\.5|3|7|14|32|72)b/i, 32_768],
  [/\bllama-3\.[123]-\d+b/i, 131_072],
  [/\bmeta-llama-3-\d+b/i, 8192],
  [/\bmistral-7b-instruct-v0\.[23]/i, 32_768],
  [/\bgemma-2-\d+b/i, 8192],
  [/\bdeepseek-(r1|v3)(-\d+)?$/i, 163_840],
];

/** A context that the model was not made for: engines refuse to start, or answer nonsense. */
export const contextLengthKnown: InferenceCheck = {
  reads: ['models', 'engine'],
  *check({ models, engine }) {
    if ('args' in engine && engine.args.some((arg) => /rope|hf-overrides/.test(arg))) return;
    for (const [index, { source, contextLength }] of models.entries()) {
      const repository = source.startsWith('hf:') ? source.split('/').slice(0, 2).join('/') : source;
      const known = CONTEXTS.find(([pattern]) => pattern.test(repository))?.[1];
      if (known === undefined || contextLength <= known) continue;
      const reason = `is more than the ${known} tokens that the model was made for`;
      yield problem(`models[${index}].contextLength`, contextLength, reason, `write at most ${known}`);
    }
  },
};

/** The densest quantizations in use come to 1.2 bits a weight. */
const LEAST_BYTES_PER_WEIGHT = 0.15;

/** A size that its name contradicts: the startup budget would be too short, and every start killed. */
export const sizePlausible: InferenceCheck = {
  reads: ['models'],
  *check({ models }) {
    for (const [index, { source, size }] of models.entries()) {
      const billions = Number(/(?:^|[-_/])(\d+(?:\.\d+)?)b(?=[-_./]|$)/i.exec(source)?.[1] ?? 0);
      const least = billions * 1e9 * LEAST_BYTES_PER_WEIGHT;
      if (size.bytes >= least) continue;
      const reason = `can't be: ${billions} billion weights take ${formatByteSize(Math.ceil(least / 2 ** 20) * 2 ** 20)} at the very least`;
      yield problem(
        `models[${index}].size`,
        size.text,
        reason,
        'write the bytes of its files together, as the page of the repository says them',
      );
    }
  },
};
