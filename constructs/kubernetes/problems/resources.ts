import type { ResourceRequirements } from 'kubernetes-types/core/v1';
import { isPlaceholder, type Problem } from '../../contracts';
import { type Fault, parseByteSize, parseCpu } from '../../contracts/units';

const KINDS = ['cpu', 'memory'] as const;

/** What is wrong with a container's CPU and memory, if anything. Both must be requested. */
export function resourceProblems(path: string, resources: ResourceRequirements | undefined): Problem[] {
  return KINDS.flatMap((kind) => {
    const request = resources?.requests?.[kind];
    const limit = resources?.limits?.[kind];
    const at = { request: `${path}.requests.${kind}`, limit: `${path}.limits.${kind}` };
    if (request === undefined) return [missing(at.request, kind)];
    if (isPlaceholder(request) || isPlaceholder(limit)) return [];
    const requested = amount(kind, request);
    const limited = limit === undefined ? undefined : amount(kind, limit);
    const problems: Problem[] = [];
    if (typeof requested !== 'number') problems.push({ path: at.request, value: request, ...requested });
    if (limited !== undefined && typeof limited !== 'number') {
      problems.push({ path: at.limit, value: limit, ...limited });
    }
    if (typeof requested === 'number' && typeof limited === 'number' && limited < requested) {
      problems.push({
        path: at.limit,
        value: limit,
        reason: `is less than the request, ${request}`,
        mend: `write ${request} or more`,
      });
    }
    return problems;
  });
}

function missing(path: string, kind: 'cpu' | 'memory'): Problem {
  return {
    path,
    value: undefined,
    reason:
      'is missing: the scheduler would put any number of pods on one node, and autoscalers could not reckon',
    mend: `write the ${kind} that one pod needs, such as ${kind === 'cpu' ? '"4"' : '"16Gi"'}`,
  };
}

function amount(kind: 'cpu' | 'memory', text: unknown): number | Fault {
  if (kind === 'cpu') {
    const cpu = parseCpu(text);
    return cpu.ok ? cpu.value.cores : cpu.fault;
  }
  const size = parseByteSize(text);
  return size.ok ? size.value.bytes : size.fault;
}
