/**
 * `polypod/gcp`: the foundation as a whole, and the components that it is made of.
 *
 * @module polypod/gcp
 */

export type {
  CacheSize,
  ClusterObject,
  DatabaseSize,
  ExistingCredentials,
  Foundation,
  Provided,
  Removal,
  Sizing,
  Transform,
  Transforms,
  Unresolved,
} from '../../constructs/cloud';
export { withPlaceholders } from '../../constructs/cloud';
export * from '../../constructs/gcp';
export { gcpFoundation } from './foundation';
export { foundationProblems, type GcpFoundationArgs } from './foundation-arguments';
