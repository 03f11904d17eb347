import { type InferenceCheck, problem } from './check';

const SYSTEM_NAMESPACE = /^(default|kube-.*)$/;

/** Pod Security labels on a namespace of the cluster's own would evict what runs there. */
export const namespaceIsOwn: InferenceCheck = {
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
export const labelsAreFree: InferenceCheck = {
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
export const tolerationsValid: InferenceCheck = {
  reads: ['scheduling', 'engine'],
  *check({ scheduling, engine }) {
    const lists = {
      'scheduling.tolerations': scheduling.tolerations,
      'engine.gpu.tolerations': engine.gpu?.tolerations ?? [],
    };
    for (const [path, tolerations] of Object.entries(lists)) {
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
  },
};

/** Blocks and ports that stand for everything. */
export const egressNarrow: InferenceCheck = {
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
