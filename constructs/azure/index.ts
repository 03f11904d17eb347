/** Pulumi components for Azure, each to be used by itself or together as `stacks/azure` does. */
export { Cache, type CacheArgs, cacheProblems } from './cache';
export { CACHE_CONNECTIONS, CACHE_SKUS } from './cache-skus';
export { Cluster, type ClusterArgs } from './cluster';
export { type ClusterSettings, clusterProblems, type NodePool, type Zone } from './cluster-arguments';
export { Database, type DatabaseArgs } from './database';
export { type DatabaseSettings, databaseProblems } from './database-arguments';
export { databaseAuthorities } from './database-authorities';
export {
  applicationConnections,
  DATABASE_MACHINES,
  type DatabaseEngine,
  serverConnections,
} from './database-machines';
export {
  EncryptionKey,
  type EncryptionKeyArgs,
  encryptionKeyProblems,
  type KeyAccess,
} from './encryption-key';
export { type ExistingCacheArgs, existingCache } from './existing-cache';
export { type ExistingCluster, type ExistingClusterArgs, existingCluster } from './existing-cluster';
export { type ExistingDatabaseArgs, existingDatabase } from './existing-database';
export { type ExistingFileSystemArgs, existingFileSystem } from './existing-file-system';
export { type ExistingNetwork, type ExistingNetworkArgs, existingNetwork } from './existing-network';
export { aksKubeconfig, type Login } from './kubeconfig';
export { Network, type NetworkArgs } from './network';
export {
  locationProblems,
  type NetworkSettings,
  networkProblems,
  networkSubnets,
  type Outbound,
} from './network-arguments';
export { resourceGroupProblems } from './resource-id';
export { RuntimeImage, type RuntimeImageArgs, runtimeImageProblems } from './runtime-image';
export type { ServicePlacement } from './service-placement';
export { SharedFileSystem, type SharedFileSystemArgs, sharedFileSystemProblems } from './shared-file-system';
export { componentTags, type Tags } from './tags';
