/** Pulumi components for Google Cloud, each to be used by itself or together as `stacks/gcp` does. */
export { BackupPlan, type BackupPlanArgs, backupPlanProblems } from './backup-plan';
export { Cache, type CacheArgs, cacheProblems } from './cache';
export { CACHE_CONNECTIONS } from './cache-sizes';
export { Cluster, type ClusterArgs } from './cluster';
export {
  type ClusterPlace,
  type ClusterSettings,
  type Compute,
  clusterProblems,
  type GpuPool,
  type NodePool,
} from './cluster-arguments';
export { Database, type DatabaseArgs } from './database';
export { type DatabaseSettings, databaseProblems } from './database-arguments';
export {
  applicationConnections,
  type DatabaseEngine,
  databaseTier,
  serverConnections,
} from './database-tiers';
export { EncryptionKey, type EncryptionKeyArgs, encryptionKeyProblems } from './encryption-key';
export { type ExistingCacheArgs, existingCache } from './existing-cache';
export { type ExistingCluster, type ExistingClusterArgs, existingCluster } from './existing-cluster';
export { type ExistingDatabaseArgs, existingDatabase } from './existing-database';
export { type ExistingFileSystemArgs, existingFileSystem } from './existing-file-system';
export { type ExistingNetwork, type ExistingNetworkArgs, existingNetwork } from './existing-network';
export { gkeKubeconfig } from './kubeconfig';
export { componentLabels, type Labels } from './labels';
export { Network, type NetworkArgs } from './network';
export { type NetworkSettings, networkParts, networkProblems } from './network-arguments';
export { RuntimeImage, type RuntimeImageArgs, runtimeImageProblems } from './runtime-image';
export type { ServicePlacement } from './service-access';
export { SharedFileSystem, type SharedFileSystemArgs, sharedFileSystemProblems } from './shared-file-system';
