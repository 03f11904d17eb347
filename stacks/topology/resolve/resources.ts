import { type ByteSize, byteSizeOf, type Cpu, cpuOf } from '../../../constructs/contracts/units';
import type { ContainerResources, ModelSettings } from '../settings';
import type { InferenceTopology } from '../topology';

const GIB = 2 ** 30;

/** A node of the runtime that decodes by itself: seed 002's minimum of 4 cores and 8 GB a node. */
const DECODING = { cpu: cpuOf(4), memory: 8 * GIB };
/** A node that only speaks to an engine, a gateway or a controller: seed 002's requests of 1 core and 2 GB. */
const SPEAKING: { cpu: Cpu; memory: ByteSize } = { cpu: cpuOf(1), memory: byteSizeOf(2 * GIB) };

/**
 * Memory to hold the models and decode: their bytes (mapped pages must stay in memory, or every token reads the
 * volume), an eighth of that for each 8192 tokens of context held at once by 8 sequences (keys and values, an
 * estimate that is generous for grouped-query attention at 16 bits), and 2 GiB for the process.
 */
export function decodingMemory(models: readonly ModelSettings[]): ByteSize {
  let bytes = 2 * GIB;
  for (const model of models) {
    const context = model.purpose === 'chat' ? (model.contextLength / 8192) * (model.sequences / 8) : 0;
    bytes += model.size.bytes * (1 + context / 8);
  }
  return byteSizeOf(Math.max(bytes, DECODING.memory));
}

export const speaking = SPEAKING;

export function decoding(models: readonly ModelSettings[]): { cpu: Cpu; memory: ByteSize } {
  return { cpu: DECODING.cpu, memory: decodingMemory(models) };
}

/** What was asked for, the rest filled in: a memory limit equal to the request, and no CPU limit. */
export function resolveResources(
  asked: InferenceTopology['resources'],
  defaults: { readonly cpu: Cpu; readonly memory: ByteSize },
): ContainerResources {
  const { requests, limits } = asked;
  const memory = requests.memory ?? smaller(defaults.memory, limits.memory);
  const cpu =
    requests.cpu ?? (limits.cpu && limits.cpu.cores < defaults.cpu.cores ? limits.cpu : defaults.cpu);
  return {
    requests: { cpu, memory },
    limits: { ...(limits.cpu && { cpu: limits.cpu }), memory: limits.memory ?? memory },
  };
}

function smaller(size: ByteSize, limit: ByteSize | undefined): ByteSize {
  return limit !== undefined && limit.bytes < size.bytes ? limit : size;
}
