/**
 * `polypod/azure`: the foundation as a whole, and the components that it is made of.
 *
 * @module polypod/azure
 */
export * from '../../constructs/azure';
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
export { azureFoundation } from './foundation';
export { type AzureFoundationArgs, foundationProblems } from './foundation-arguments';
