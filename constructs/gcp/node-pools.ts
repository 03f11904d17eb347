import type { NodePoolArgs } from '@pulumi/gcp/container/nodePool';
import type { Input } from '@pulumi/pulumi';
import type { GpuPool, NodePool } from './cluster-arguments';
import type { Labels } from './labels';

/** What all nodes of a cluster have in common. */
export interface NodeContext {
  readonly cluster: Input<string>;
  readonly region: string;
  readonly serviceAccount: Input<string>;
  readonly kmsKeyName: Input<string> | undefined;
  readonly labels: Labels;
}

/** Rights come from the service account's roles, not from scopes. */
export const NODE_SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];

/** Nodes whose pods can't take their service account, which start from signed software only. */
export function cpuPool(pool: NodePool, context: NodeContext): NodePoolArgs {
  return {
    ...poolOf(pool, context),
    // In each zone; the autoscaler takes over at once.
    initialNodeCount: 1,
    upgradeSettings: { strategy: 'SURGE', maxSurge: 1, maxUnavailable: 0 },
    nodeConfig: {
      ...nodeConfig(pool, context),
      labels: { 'polypod.dev/pool': 'cpu' },
      shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    },
  };
}

/** GKE taints them when there are nodes without GPUs, and installs the drivers, which Secure Boot would not load. */
export function gpuPool(pool: GpuPool, context: NodeContext): NodePoolArgs {
  return {
    ...poolOf(pool, context),
    initialNodeCount: 0,
    // One node less during an upgrade, instead of one more GPU than the quota may have.
    upgradeSettings: { strategy: 'SURGE', maxSurge: 0, maxUnavailable: 1 },
    nodeConfig: {
      ...nodeConfig(pool, context),
      labels: { 'polypod.dev/pool': 'gpu' },
      shieldedInstanceConfig: { enableSecureBoot: false, enableIntegrityMonitoring: true },
      guestAccelerators: [
        { ...pool.accelerator, gpuDriverInstallationConfig: { gpuDriverVersion: 'DEFAULT' } },
      ],
    },
  };
}

function poolOf(pool: NodePool, { cluster, region }: NodeContext): NodePoolArgs {
  return {
    cluster,
    location: region,
    nodeLocations: pool.zones && [...pool.zones],
    autoscaling: {
      totalMinNodeCount: pool.minNodes,
      totalMaxNodeCount: pool.maxNodes,
      locationPolicy: 'BALANCED',
    },
    management: { autoRepair: true, autoUpgrade: true },
  };
}

function nodeConfig(pool: NodePool, { serviceAccount, kmsKeyName, labels }: NodeContext) {
  return {
    machineType: pool.machineType,
    imageType: 'COS_CONTAINERD',
    diskSizeGb: pool.diskGib ?? 100,
    diskType: 'pd-balanced',
    bootDiskKmsKey: kmsKeyName,
    serviceAccount,
    oauthScopes: NODE_SCOPES,
    workloadMetadataConfig: { mode: 'GKE_METADATA' },
    resourceLabels: labels,
  };
}
