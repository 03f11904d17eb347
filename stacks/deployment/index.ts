/** `polypod/deployment`: a topology on a foundation as one Pulumi component. */
export { InferenceTopology, type InferenceTopologyArgs } from './inference-topology';
