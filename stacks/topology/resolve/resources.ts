import { type ByteSize, byteSizeOf, type Cpu, cpuOf } from '../../../constructs/contracts/units';
import type { ContainerResources, GpuSettings, ModelSettings } from '../settings';
import type { InferenceTopology } from '../topology';

const GIB = 2 ** 30;

/** What a container asks for where the topology does not say. */
export interface Defaults {
  readonly cpu: Cpu;
  readonly memory: ByteSize;
}

/** For a process that only speaks to an engine, or holds no model: seed 002's requests of 1 core and 2 GB. */
export const SPEAKING: Defaults = { cpu: cpuOf(1), memory: byteSizeOf(2 * GIB) };

/** Seed 002's minimum of a node: 4 cores, 8 GB. */
const NODE = { cpu: cpuOf(4), memory: 8 * GIB };

/** The autoscaler's aim for memory, seed 002's 80 %: a pod that is at rest must stay below it. */
const AT_REST = 0.8;

/**
 * For a process that decodes on CPUs. The memory holds the models (mapped pages must stay there, or every token
 * reads the volume), an eighth of their bytes for keys and values of 8 sequences of 8192 tokens (an estimate,
 * generous for grouped-query attention at 16 bits) and 2 GiB for the process; all that is 80 % of the request.
 */
export function decoding(models: readonly ModelSettings[]): Defaults {
  let bytes = 2 * GIB;
  for (const { size, purpose, contextLength, sequences } of models) {
    const contexts = purpose === 'chat' ? (contextLength * sequences) / (8192 * 8) : 0;
    bytes += size.bytes * (1 + contexts / 8);
  }
  return { cpu: NODE.cpu, memory: byteSizeOf(Math.max(bytes / AT_REST, NODE.memory)) };
}

/** For a process that feeds GPUs: 4 cores and 16 GiB for each, as clouds' machines have, and the shared memory. */
export function feeding({ count, sharedMemory }: GpuSettings): Defaults {
  return { cpu: cpuOf(4 * count), memory: byteSizeOf(16 * GIB * count + sharedMemory.bytes) };
}

/** What was asked for, the rest filled in: a memory limit equal to the request, and no CPU limit. */
export function resolveResources(
  { requests, limits }: InferenceTopology['resources'],
  defaults: Defaults,
): ContainerResources {
  const cpu =
    requests.cpu ?? (limits.cpu && limits.cpu.cores < defaults.cpu.cores ? limits.cpu : defaults.cpu);
  const memory =
    requests.memory ??
    (limits.memory && limits.memory.bytes < defaults.memory.bytes ? limits.memory : defaults.memory);
  return {
    requests: { cpu, memory },
    limits: { ...(limits.cpu && { cpu: limits.cpu }), memory: limits.memory ?? memory },
  };
}
