/** The library: topologies as checked cdk8s charts, the constructs that they are made of, and the checks. */
export * from './constructs/checks';
/** What custom rules read. */
export * as checkModel from './constructs/checks/model';
export * from './constructs/contracts';
export * from './constructs/kubernetes';
export { CheckedChart } from './stacks/checked-chart';
export { backingOf, type StackBacking } from './stacks/inference/backing';
export { InferenceChart, inferenceTopology } from './stacks/inference/inference-chart';
export { InferenceStack, type InferenceStackProps } from './stacks/inference/inference-stack';
export {
  type InferenceInput,
  type InferenceSettings,
  type InferenceTopology,
  parseTopology,
  readTopologyFile,
  resolveInference,
  type Topology,
  type TopologyInput,
  validateTopology,
} from './stacks/topology';
export { topologyChart } from './stacks/topology-chart';
