import { imageName, isPlaceholder, type Problem } from '../../contracts';
import { parseByteSize } from '../../contracts/units';
import { countProblems, knownCountProblems } from '../problems/count';
import { imageProblems } from '../problems/image';
import { resourceProblems } from '../problems/resources';
import { sharedMemory } from './engine-container';
import { serverOf } from './model-pod';
import type { EngineProps, ModelNodeProps, ModelProps } from './props';
import { storeClashes } from './store-clashes';

/** What is wrong with the models, and with what they are loaded from. */
export function modelProblems({ models, modelStore, engine }: ModelNodeProps): Problem[] {
  const problems: Problem[] = [];
  const name = engine?.name ?? 'llama.cpp';
  if (models.length === 0) {
    problems.push({ path: 'models', value: models, reason: 'is empty', mend: 'name at least one model' });
  }
  if (models.length > 1 && (name === 'vllm' || name === 'sglang' || name === 'llama-server')) {
    problems.push({
      path: 'models',
      value: models.map((model) => model.name),
      reason: `are ${models.length}, and ${name} serves one`,
      mend: 'make a topology for each model, or take the engine llama.cpp or ollama',
    });
  }
  models.forEach((model, index) => {
    const path = `models[${index}]`;
    problems.push(
      ...knownCountProblems(`${path}.bytes`, model.bytes, 1),
      ...countProblems(`${path}.contextLength`, model.contextLength, 1),
      ...countProblems(`${path}.sequences`, model.sequences, 1),
      ...formatProblems(`${path}.source`, model, name),
    );
    if (models.findIndex((other) => other.name === model.name) < index) {
      problems.push({
        path: `${path}.name`,
        value: model.name,
        reason: 'is there twice',
        mend: 'rename one',
      });
    }
  });
  for (const { index, field, reason, mend } of storeClashes(models)) {
    problems.push({ path: `models[${index}].${field}`, value: models[index]?.[field], reason, mend });
  }
  const { perClient, aggregate } = modelStore.storage.throughput;
  for (const [field, value] of Object.entries({ perClient, aggregate })) {
    if (value === undefined || (value > 0 && Number.isFinite(value))) continue;
    problems.push({
      path: `modelStore.storage.throughput.${field}`,
      value,
      reason: 'is no rate: the startup budget is reckoned from it',
      mend: 'write bytes a second, as a number',
    });
  }
  return problems;
}

function formatProblems(path: string, { source }: ModelProps, engine: EngineProps['name']): Problem[] {
  if (isPlaceholder(source)) return [];
  const isGguf = source.endsWith('.gguf');
  if ((engine === 'vllm' || engine === 'sglang') && isGguf) {
    return [
      {
        path,
        value: source,
        reason: `is a GGUF file; ${engine} loads a folder of safetensors`,
        mend: 'name the repository with the safetensors, or take the engine llama.cpp',
      },
    ];
  }
  if ((engine === 'llama.cpp' || engine === 'llama-server') && !isGguf && !source.startsWith('demo:')) {
    return [
      {
        path,
        value: source,
        reason: `is no GGUF file, and ${engine} loads nothing else`,
        mend: 'name a file that ends with .gguf, or take the engine vllm or sglang',
      },
    ];
  }
  return [];
}

/** What is wrong with the engine. */
export function engineProblems({ engine }: ModelNodeProps): Problem[] {
  if (!engine) return [];
  const gpu = countProblems('engine.gpu.count', engine.gpu?.count, 1);
  const seconds = countProblems('engine.loadSeconds', engine.loadSeconds, 0);
  const threads = countProblems('engine.threads', engine.threads, 1);
  const server = serverOf(engine);
  if (!server) return [...gpu, ...seconds, ...threads, ...embeddedProblems(engine)];
  return [
    ...gpu,
    ...seconds,
    ...threadsProblems(engine),
    ...imageProblems('engine.image', engine.image),
    ...resourceProblems('engine.resources', engine.resources),
    ...(server.sharesMemory ? sharedMemoryProblems(engine) : []),
  ];
}

function threadsProblems({ name, threads }: EngineProps): Problem[] {
  if (threads === undefined) return [];
  const reason = `has no effect: ${name} has a flag of its own for it`;
  return [{ path: 'engine.threads', value: threads, reason, mend: 'give it in engine.args' }];
}

/** The engine inside the runtime has no container of its own. */
function embeddedProblems(engine: EngineProps): Problem[] {
  const without = (field: 'image' | 'args' | 'env' | 'resources', value: unknown, mend: string): Problem[] =>
    value === undefined
      ? []
      : [
          {
            path: `engine.${field}`,
            value,
            reason: 'has no effect: llama.cpp runs inside the runtime',
            mend,
          },
        ];
  return [
    ...without('image', engine.image && imageName(engine.image), "give the runtime's image, as image"),
    ...without('args', engine.args, 'set it in config'),
    ...without('env', engine.env, 'set it in config'),
    ...without('resources', engine.resources, "give the runtime's resources, as resources"),
  ];
}

/** What lies in /dev/shm counts as the container's memory: at the limit, the engine is killed. */
function sharedMemoryProblems({ gpu, resources }: EngineProps): Problem[] {
  const path = 'engine.gpu.sharedMemory';
  const text = sharedMemory(gpu);
  const memory = resources?.limits?.memory ?? resources?.requests?.memory;
  if (isPlaceholder(text) || isPlaceholder(memory)) return [];
  const shared = parseByteSize(text);
  if (!shared.ok) return [{ path, value: text, ...shared.fault }];
  const limit = parseByteSize(memory);
  if (!limit.ok || limit.value.bytes > shared.value.bytes) return [];
  return [
    {
      path,
      value: text,
      reason: `counts as memory of the engine, whose limit is ${memory}: it would be killed`,
      mend: 'write less, or raise engine.resources.limits.memory',
    },
  ];
}
