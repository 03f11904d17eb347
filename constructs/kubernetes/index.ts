export { Application, type ApplicationProps } from './application/application';
export {
  accountIntoUrl,
  accountVariables,
  authority,
  certificateVolume,
  secretVariable,
} from './application/environment';
export * from './autoscaling';
export { DatabaseBackup, type DatabaseBackupProps } from './backup/database-backup';
export { DevelopmentCache, type DevelopmentCacheProps } from './development/development-cache';
export { DevelopmentDatabase, type DevelopmentDatabaseProps } from './development/development-database';
export * from './disruption-budget';
export { InferenceDeployment, type InferenceDeploymentProps } from './inference/inference-deployment';
export {
  InferenceLeaderWorkerSet,
  type InferenceLeaderWorkerSetProps,
} from './inference/inference-leader-worker-set';
export { InferenceStatefulSet, type InferenceStatefulSetProps } from './inference/inference-stateful-set';
export type {
  AccessSecrets,
  EngineProps,
  GpuProps,
  ModelNodeProps,
  ModelProps,
  NodeProps,
  SchedulingProps,
  ShutdownProps,
} from './inference/props';
export { bytesPerSecond, type StartupLoad, startupBudgetSeconds } from './inference/startup-budget';
export { type Identity, labels, objectName, selectorLabels } from './labels';
export * from './network/connection';
export type { Endpoint, Reach } from './network/endpoint';
export { type InferenceWiring, inferenceConnections } from './network/inference-connections';
export { type ClusterDns, NetworkIsolation, type NetworkIsolationProps } from './network/network-isolation';
export { makeObjects, type Overrides } from './objects';
export { type AlertGroup, ruleGroups } from './observability/alert';
export { Observability, type ObservabilityProps } from './observability/observability';
export { runtimeAlerts } from './observability/runtime';
export type { Patch } from './overrides';
export { type AzureFilesProps, azureFiles } from './storage/azure-files';
export { type EfsProps, efs } from './storage/efs';
export { type ExistingClassProps, existingClass } from './storage/existing-class';
export { type FilestoreProps, filestore } from './storage/filestore';
export { ModelStore, type ModelStoreProps } from './storage/model-store';
export { type NfsProps, nfs } from './storage/nfs';
export type { ThroughputProps } from './storage/throughput';
export * from './traffic/props';
export { Traffic, type TrafficProps } from './traffic/traffic';
export { guaranteedReplicas, possibleReplicas, type Replicas, type Workload } from './workload';
