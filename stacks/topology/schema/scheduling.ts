import * as z from 'zod';
import { byteSize, cpu, dnsSubdomain, labels, map, someText } from './fields';

export const toleration = map({
  key: someText().optional().describe('Taint key. Default: every key, with operator Exists.'),
  operator: z
    .enum(['Exists', 'Equal'])
    .optional()
    .describe('Default: Equal where there is a value, else Exists.'),
  value: z.string().optional().describe('Taint value.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .optional()
    .describe('Default: every effect.'),
});

export const nodeSelector = () => labels().default({}).describe('Labels that a node must have.');

const tolerations = () => z.array(toleration).default([]).describe('Taints that the pods accept.');

/** Where pods may run. */
export const scheduling = map({
  nodeSelector: nodeSelector(),
  tolerations: tolerations(),
  priorityClassName: dnsSubdomain().optional().describe('Existing PriorityClass. Default: the cluster’s.'),
});

/** What a container asks for and may take. */
export const resources = map({
  requests: map({
    cpu: cpu().optional().describe('CPU that is kept for it.'),
    memory: byteSize().optional().describe('Memory that is kept for it.'),
  })
    .prefault({})
    .describe('What the scheduler keeps for the container.'),
  limits: map({
    cpu: cpu()
      .optional()
      .describe('CPU at which it is throttled. Default: none, since throttling stalls every stream.'),
    memory: byteSize().optional().describe('Memory at which it is killed. Default: as requested.'),
  })
    .prefault({})
    .describe('What the container may take.'),
});

/** How replicas keep apart. */
export const spread = map({
  zones: z
    .enum(['preferred', 'required', 'off'])
    .default('preferred')
    .describe('Over zones: required leaves a pod pending rather than uneven.'),
  nodes: z
    .enum(['preferred', 'required', 'off'])
    .default('preferred')
    .describe('Over nodes: required never puts two on one.'),
});
