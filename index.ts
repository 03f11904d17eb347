/**
 * The library: topologies as checked cdk8s charts, the constructs that they are made of, and the checks.
 *
 * @module polypod
 */
export * from './constructs/checks';
/** What custom rules read. */
export * as checkModel from './constructs/checks/model';
export * from './constructs/contracts';
export * from './constructs/kubernetes';
export * from './constructs/plan';
export { AnythingLlmChart } from './stacks/anything-llm/anything-llm-chart';
export { AnythingLlmStack } from './stacks/anything-llm/anything-llm-stack';
export type { AnythingLlmInput, AnythingLlmTopology } from './stacks/anything-llm/schema';
export type { AnythingLlmSettings } from './stacks/anything-llm/settings';
export { CheckedChart } from './stacks/checked-chart';
export { DbgptChart } from './stacks/dbgpt/dbgpt-chart';
export { DbgptStack } from './stacks/dbgpt/dbgpt-stack';
export type { DbgptInput, DbgptTopology } from './stacks/dbgpt/schema';
export type { DbgptSettings } from './stacks/dbgpt/settings';
export { InferenceChart, inferenceTopology } from './stacks/inference/inference-chart';
export { InferenceStack } from './stacks/inference/inference-stack';
export { MemosChart } from './stacks/memos/memos-chart';
export { MemosStack } from './stacks/memos/memos-stack';
export type { MemosInput, MemosTopology } from './stacks/memos/schema';
export type { MemosSettings } from './stacks/memos/settings';
export type { StreamingChatInput, StreamingChatTopology } from './stacks/streaming-chat/schema';
export { StreamingChatChart } from './stacks/streaming-chat/streaming-chat-chart';
export { backingOf, type StackBacking } from './stacks/system/backing';
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
