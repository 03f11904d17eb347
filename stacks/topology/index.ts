export { connectionBudget } from './checks';
export { PROFILES } from './profiles';
export { parseTopology, readTopologyFile } from './read/parse';
export { type ReadOptions, validateTopology } from './read/validate';
export { resolveInference } from './resolve/inference';
export type {
  EngineSettings,
  InferenceSettings,
  SystemSettings,
  TrafficSettings,
  WorkloadSettings,
} from './settings';
export type { InferenceInput, InferenceTopology, SystemTopology, Topology, TopologyInput } from './topology';
