import { createHash } from 'node:crypto';
import { AgentPool, type AgentPoolArgs } from '@pulumi/azure-native/containerservice/agentPool';
import type { CustomResourceOptions, Input, Output } from '@pulumi/pulumi';
import type { NodePool, Zone } from './cluster-arguments';

/** Label of GPU nodes, for node selectors. */
export const GPU_POOL_LABEL = { 'polypod.dev/pool': 'gpu' };
/** Taint of GPU nodes; the usual one, which device plugins and GPU workloads tolerate. */
export const GPU_TAINT_KEY = 'nvidia.com/gpu';

interface NodePoolsArgs {
  readonly resourceGroupName: Input<string>;
  readonly clusterName: Output<string>;
  readonly subnetId: Input<string>;
  readonly zones: readonly Zone[];
  readonly cpu: NodePool;
  readonly gpu: NodePool | undefined;
  readonly tags: Record<string, Input<string>>;
}

/** The component's own child: name, parent and transform are its business. */
type Child = (
  args: AgentPoolArgs,
  options: CustomResourceOptions,
  pool: string,
) => [name: string, args: AgentPoolArgs, options: CustomResourceOptions];

/** Pools for workloads, each over all zones. GPU nodes come with NVIDIA's driver. */
export function addNodePools(child: Child, args: NodePoolsArgs): AgentPool[] {
  const { cpu, gpu } = args;
  const pools = [addNodePool(child, args, 'cpu', cpu, { nodeLabels: { 'polypod.dev/pool': 'cpu' } })];
  if (gpu !== undefined) {
    pools.push(
      addNodePool(child, args, 'gpu', gpu, {
        nodeLabels: GPU_POOL_LABEL,
        nodeTaints: [`${GPU_TAINT_KEY}=present:NoSchedule`],
        gpuProfile: { driver: 'Install' },
      }),
    );
  }
  return pools;
}

function addNodePool(
  child: Child,
  { resourceGroupName, clusterName, subnetId, zones, tags }: NodePoolsArgs,
  kind: 'cpu' | 'gpu',
  pool: NodePool,
  more: Pick<AgentPoolArgs, 'nodeLabels' | 'nodeTaints' | 'gpuProfile'>,
): AgentPool {
  const { vmSize, minNodes, maxNodes, diskGib = 128 } = pool;
  return new AgentPool(
    ...child(
      {
        resourceGroupName,
        resourceName: clusterName,
        agentPoolName: `${kind}${fingerprint([vmSize, diskGib, zones])}`,
        mode: 'User',
        type: 'VirtualMachineScaleSets',
        vmSize,
        osType: 'Linux',
        // The NFS client that encrypts is supported there.
        osSKU: 'Ubuntu',
        osDiskSizeGB: diskGib,
        availabilityZones: [...zones],
        vnetSubnetID: subnetId,
        enableAutoScaling: true,
        minCount: minNodes,
        maxCount: maxNodes,
        count: minNodes,
        upgradeSettings: { maxSurge: '1' },
        tags,
        ...more,
      },
      // The autoscaler's to change.
      { ignoreChanges: ['count'] },
      kind,
    ),
  );
}

/** What can't change in a pool is in its name, so that a new pool stands before the old one drains. */
function fingerprint(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 6);
}
