import { PROFILES } from '../topology/profiles';
import { resolveInference } from '../topology/resolve/inference';
import { type Range, resolveReplicas } from '../topology/resolve/workloads';
import { inference } from '../topology/schema/inference';
import type { InferenceSettings } from '../topology/settings';
import type { InferenceTopology } from '../topology/topology';
import type { StreamingChatTopology } from './schema';

/** Seed 004 has three of each. Twice as many gateways hold 12,000 connections. */
const GATEWAYS: Range = { min: 3, max: 6 };
const WORKERS = 3;

/** Far above what a person does, from an office behind one address as well; far below what a script does. */
const REQUESTS_PER_MINUTE = { perAddress: 600, perKey: 600 };

/** A streaming chat as the inference topology that it is: three roles, with limits. */
export function inferenceOf(topology: StreamingChatTopology): InferenceTopology {
  const { roles, runtime, profile } = topology;
  const { gateway, worker } = roles;
  const { min, max } = PROFILES[profile].replicas;
  const workers: Range = { min: Math.max(min, WORKERS), max: Math.max(max, WORKERS) };
  return {
    ...topology,
    kind: 'Inference',
    ...UNUSED,
    roles: {
      ...roles,
      gateway: { ...gateway, replicas: resolveReplicas(gateway.replicas, GATEWAYS) },
      worker: { ...worker, replicas: resolveReplicas(worker.replicas, workers) },
    },
    runtime: { ...runtime, limits: { requestsPerMinute: REQUESTS_PER_MINUTE, ...runtime.limits } },
  };
}

/** What only a topology with `roles: all` says. */
const UNUSED = {
  replicas: undefined,
  resources: inference.shape.resources.parse(undefined),
  autoscaling: inference.shape.autoscaling.parse(undefined),
};

/** Fills in every default of a streaming chat. Pure; never fails on what the schema accepts. */
export function resolveStreamingChat(topology: StreamingChatTopology): InferenceSettings {
  return { ...resolveInference(inferenceOf(topology)), kind: topology.kind };
}
