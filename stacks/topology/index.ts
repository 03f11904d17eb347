export { connectionBudget } from './checks';
export { PROFILES } from './profiles';
export { parseTopology, readTopologyFile } from './read/parse';
export { type ReadOptions, validateTopology } from './read/validate';
export { resolveInference } from './resolve/inference';
export type {
  AutoscalingSettings,
  ContainerResources,
  EngineSettings,
  InferenceSettings,
  TrafficSettings,
  WorkloadSettings,
} from './settings';
export type { InferenceInput, InferenceTopology, Topology, TopologyInput } from './topology';
