/**
 * `polypod/aws`: the foundation as a whole, and the components that it is made of.
 *
 * @module polypod/aws
 */
export * from '../../constructs/aws';
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
export { awsFoundation } from './foundation';
export { type AwsFoundationArgs, foundationProblems } from './foundation-arguments';
