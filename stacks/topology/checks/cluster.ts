import type { Problem } from '../../../constructs/contracts/problem';
import type { SystemSettings } from '../settings';
import { type InferenceCheck, problem, type SystemCheck } from './check';

const SYSTEM_NAMESPACE = /^(default|kube-.*)$/;

/** Pod Security labels on a namespace of the cluster's own would evict what runs there. */
export const namespaceIsOwn: SystemCheck = {
  reads: ['namespace', 'name', 'createNamespace'],
  *check({ namespace, createNamespace }) {
    if (!SYSTEM_NAMESPACE.test(namespace)) return;
    if (namespace !== 'default') {
      yield problem('namespace', namespace, "is the cluster's own", 'write another, such as llm');
    } else if (createNamespace) {
      const reason = 'is there in every cluster, and would be relabelled for others who use it';
      yield problem('namespace', namespace, reason, 'write another, such as llm, or createNamespace: false');
    }
  },
};

/** Labels by which objects find each other. */
export const labelsAreFree: SystemCheck = {
  reads: ['labels'],
  *check({ labels }) {
    for (const [key, value] of Object.entries(labels)) {
      if (!/^(app\.kubernetes\.io|([\w.-]+\.)?(kubernetes|k8s)\.io)\//.test(key)) continue;
      const reason = 'is set by the topology, or reserved to Kubernetes';
      yield problem(
        `labels[${JSON.stringify(key)}]`,
        value,
        reason,
        'use a prefix of your own, such as example.com/',
      );
    }
  },
};

/** Tolerations that the API server refuses. */
export function* tolerationProblems(
  path: string,
  tolerations: SystemSettings['scheduling']['tolerations'],
): Iterable<Problem> {
  for (const [index, { key, operator, value }] of tolerations.entries()) {
    if (operator === 'Exists' && value !== undefined) {
      yield problem(
        `${path}[${index}].value`,
        value,
        'has no meaning with the operator Exists',
        'take it out, or write Equal',
      );
    }
    if (key === undefined && operator === 'Equal') {
      yield problem(
        `${path}[${index}].key`,
        undefined,
        'is missing with the operator Equal',
        'name the key of the taint',
      );
    }
  }
}

/** The same where pods may run. */
export const tolerationsValid: SystemCheck = {
  reads: ['scheduling'],
  *check({ scheduling }) {
    yield* tolerationProblems('scheduling.tolerations', scheduling.tolerations);
  },
};

/** The same of GPU nodes. */
export const gpuTolerationsValid: InferenceCheck = {
  reads: ['engine'],
  *check({ engine }) {
    yield* tolerationProblems('engine.gpu.tolerations', [...(engine.gpu?.tolerations ?? [])]);
  },
};

/** Blocks and ports that stand for everything. */
export const egressNarrow: SystemCheck = {
  reads: ['network'],
  *check({ network }) {
    for (const [index, { cidrs }] of network.egress.entries()) {
      for (const [place, cidr] of cidrs.entries()) {
        if (!cidr.endsWith('/0')) continue;
        const reason = 'opens everything, private networks and cloud metadata included';
        yield problem(
          `network.egress[${index}].cidrs[${place}]`,
          cidr,
          reason,
          'write the blocks that are meant, or isolation: false if none is wanted',
        );
      }
    }
  },
};
