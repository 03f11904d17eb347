export type { Backing } from './backing';
export type { CacheConnection } from './cache-connection';
export type { DatabaseConnection } from './database-connection';
export { type ImageReference, imageName } from './image-reference';
export type { NetworkTarget } from './network-target';
export {
  contentHash,
  isMangledPlaceholder,
  isPlaceholder,
  type PlaceholderPart,
  placeholderIndex,
  placeholderNumber,
  placeholderText,
  splitPlaceholders,
} from './placeholder';
export { InvalidInputError, type Problem, problemText } from './problem';
export type { CertificateBundle, CredentialsReference, SecretKeyReference } from './secret-reference';
export type { SharedStorage, StorageClassDefinition } from './shared-storage';
