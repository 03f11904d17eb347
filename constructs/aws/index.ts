/** Pulumi components for AWS, each to be used by itself or together as `stacks/aws` does. */
export { BackupPlan, type BackupPlanArgs, backupPlanProblems } from './backup-plan';
export { Cache, type CacheArgs, cacheProblems } from './cache';
export { CACHE_NODES, type CacheNode, cacheConnections } from './cache-nodes';
export { Cluster, type ClusterArgs } from './cluster';
export {
  type ClusterSettings,
  type Compute,
  clusterProblems,
  type GpuPool,
  type NodePool,
} from './cluster-arguments';
export { Database, type DatabaseArgs } from './database';
export { type DatabaseSettings, databaseProblems } from './database-arguments';
export { databaseAuthorities } from './database-authorities';
export {
  applicationConnections,
  DATABASE_CLASSES,
  type DatabaseEngine,
  serverConnections,
} from './database-classes';
export { EncryptionKey, type EncryptionKeyArgs, encryptionKeyProblems } from './encryption-key';
export { type ExistingCacheArgs, existingCache } from './existing-cache';
export { type ExistingCluster, type ExistingClusterArgs, existingCluster } from './existing-cluster';
export { type ExistingDatabaseArgs, existingDatabase } from './existing-database';
export { type ExistingFileSystemArgs, existingFileSystem } from './existing-file-system';
export { type ExistingNetwork, type ExistingNetworkArgs, existingNetwork } from './existing-network';
export { eksKubeconfig } from './kubeconfig';
export { Network, type NetworkArgs } from './network';
export { type NetworkSettings, networkProblems, networkSubnets } from './network-arguments';
export { RuntimeImage, type RuntimeImageArgs, runtimeImageProblems } from './runtime-image';
export type { ServicePlacement } from './service-access';
export { SharedFileSystem, type SharedFileSystemArgs, sharedFileSystemProblems } from './shared-file-system';
export { componentTags, type Tags } from './tags';
