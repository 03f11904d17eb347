/**
 * `polypod/deployment`: a topology on a foundation as one Pulumi component.
 *
 * @module polypod/deployment
 */
export { InferenceTopology, type InferenceTopologyArgs } from './inference-topology';
