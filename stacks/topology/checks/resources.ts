import type { Problem } from '../../../constructs/contracts/problem';
import { formatByteSize } from '../../../constructs/contracts/units';
import { totalBytes } from '../models';
import type { ContainerResources } from '../settings';
import { type InferenceCheck, problem, type SystemCheck, workloadPath } from './check';

function* requestsWithinLimits(path: string, { requests, limits }: ContainerResources): Iterable<Problem> {
  if (limits.cpu !== undefined && requests.cpu.cores > limits.cpu.cores) {
    const reason = `is above the limit of ${limits.cpu.text}`;
    yield problem(`${path}.requests.cpu`, requests.cpu.text, reason, 'lower it, or take the limit out');
  }
  if (requests.memory.bytes > limits.memory.bytes) {
    const reason = `is above the limit of ${limits.memory.text}`;
    yield problem(
      `${path}.requests.memory`,
      requests.memory.text,
      reason,
      `write at most ${limits.memory.text}, or raise the limit`,
    );
  }
}

/** A request above its limit, which the API server refuses. */
export const requestsBelowLimits: SystemCheck = {
  reads: ['resources', 'roles', 'engine', 'models'],
  *check({ workloads }) {
    for (const { role, resources } of workloads)
      yield* requestsWithinLimits(workloadPath(role, 'resources'), resources);
  },
};

/** The same of the container beside the runtime's. */
export const engineRequestsBelowLimits: InferenceCheck = {
  reads: ['engine', 'models'],
  *check({ engine }) {
    if (engine.name !== 'llama.cpp') yield* requestsWithinLimits('engine.resources', engine.resources);
  },
};

/** A container that is killed while it loads, since its models do not fit its memory. */
export const modelsFitMemory: InferenceCheck = {
  reads: ['resources', 'roles', 'engine', 'models'],
  *check({ workloads, engine, models }) {
    if (engine.gpu !== undefined) return;
    const bytes = totalBytes(models);
    const worker = workloads.find(({ loadsModels }) => loadsModels);
    const [path, resources] =
      engine.name === 'llama.cpp'
        ? [workloadPath(worker?.role ?? 'all', 'resources'), worker?.resources]
        : ['engine.resources', engine.resources];
    if (resources === undefined || resources.limits.memory.bytes > bytes) return;
    const reason = `is no more than the models take (${formatByteSize(bytes)}): the pod is killed while it loads them`;
    yield problem(
      `${path}.limits.memory`,
      resources.limits.memory.text,
      reason,
      'raise it, or leave it out: the default holds models and context',
    );
  },
};

/** More threads than cores: they wait for each other, and throughput collapses. */
export const threadsHaveCores: InferenceCheck = {
  reads: ['resources', 'roles', 'engine'],
  *check({ workloads, engine }) {
    if (engine.name !== 'llama.cpp') return;
    const { cpu } = workloads.find(({ loadsModels }) => loadsModels)?.resources.requests ?? {};
    if (cpu === undefined || engine.threads <= Math.max(1, Math.floor(cpu.cores))) return;
    const reason = `is more than the cores requested (${cpu.text}): threads that share a core collapse the throughput`;
    yield problem(
      'engine.threads',
      engine.threads,
      reason,
      `request ${engine.threads} cores, or leave it out`,
    );
  },
};

/** Shared memory counts as memory of the container. */
export const sharedMemoryFits: InferenceCheck = {
  reads: ['engine', 'models'],
  *check({ engine }) {
    if (engine.name === 'llama.cpp' || engine.gpu === undefined) return;
    const { limits } = engine.resources;
    if (engine.gpu.sharedMemory.bytes < limits.memory.bytes) return;
    const reason = `is no less than the memory limit of the engine (${limits.memory.text}), in which it counts`;
    yield problem(
      'engine.gpu.sharedMemory',
      engine.gpu.sharedMemory.text,
      reason,
      'lower it, or raise engine.resources.limits.memory',
    );
  },
};
