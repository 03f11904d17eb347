import { LaunchTemplate, type LaunchTemplateArgs } from '@pulumi/aws/ec2/launchTemplate';
import { NodeGroup, type NodeGroupArgs } from '@pulumi/aws/eks/nodeGroup';
import type { CustomResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import type { Compute, GpuPool, NodePool } from './cluster-arguments';

/** Label of GPU nodes, for node selectors. */
export const GPU_POOL_LABEL = { 'polypod.dev/pool': 'gpu' };
/** Taint of GPU nodes; the usual one, which device plugins and GPU workloads tolerate. */
export const GPU_TAINT_KEY = 'nvidia.com/gpu';

const ENCRYPTED_DISK = { volumeType: 'gp3', encrypted: 'true', deleteOnTermination: 'true' };

interface NodeGroupsArgs {
  readonly clusterName: Output<string>;
  readonly nodeRoleArn: Output<string>;
  readonly subnetIds: readonly Input<string>[];
  readonly compute: Extract<Compute, { mode: 'managed' }>;
  readonly gpu: GpuPool | undefined;
  readonly tags: Record<string, Input<string>>;
  /** What nodes can't join without: network plugin and rights. */
  readonly dependsOn: readonly Resource[];
}

/** The component's own children: names, parent and transforms are its business. */
interface Children {
  launchTemplate(args: LaunchTemplateArgs, pool: string): ChildArguments<LaunchTemplateArgs>;
  nodeGroup(args: NodeGroupArgs, options: CustomResourceOptions, pool: string): ChildArguments<NodeGroupArgs>;
}

type ChildArguments<Args> = [name: string, args: Args, options: CustomResourceOptions];

/** Managed node groups of Bottlerocket; its NVIDIA variant brings driver and device plugin. */
export function addNodeGroups(children: Children, args: NodeGroupsArgs): NodeGroup[] {
  const { compute, gpu } = args;
  const groups = [
    addNodeGroup(children, args, 'cpu', compute.cpu, {
      amiType: compute.architecture === 'arm64' ? 'BOTTLEROCKET_ARM_64' : 'BOTTLEROCKET_x86_64',
      labels: { 'polypod.dev/pool': 'cpu' },
    }),
  ];
  if (gpu !== undefined) {
    groups.push(
      addNodeGroup(children, args, 'gpu', gpu, {
        amiType: 'BOTTLEROCKET_x86_64_NVIDIA',
        labels: GPU_POOL_LABEL,
        taints: [{ key: GPU_TAINT_KEY, value: 'present', effect: 'NO_SCHEDULE' }],
      }),
    );
  }
  return groups;
}

function addNodeGroup(
  children: Children,
  args: NodeGroupsArgs,
  pool: 'cpu' | 'gpu',
  { instanceTypes, minNodes, maxNodes, diskGib = 100 }: NodePool,
  more: Pick<NodeGroupArgs, 'amiType' | 'labels' | 'taints'>,
): NodeGroup {
  const { clusterName, nodeRoleArn, tags } = args;
  const template = new LaunchTemplate(
    ...children.launchTemplate(
      {
        // One hop: pods can't reach the metadata service, and with it the node's credentials.
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        // Bottlerocket has the system on its first disk, images and containers on its second.
        blockDeviceMappings: [
          { deviceName: '/dev/xvda', ebs: ENCRYPTED_DISK },
          { deviceName: '/dev/xvdb', ebs: { ...ENCRYPTED_DISK, volumeSize: diskGib } },
        ],
        tagSpecifications: ['instance', 'volume'].map((resourceType) => ({ resourceType, tags })),
        updateDefaultVersion: true,
        tags,
      },
      pool,
    ),
  );
  return new NodeGroup(
    ...children.nodeGroup(
      {
        clusterName,
        nodeRoleArn,
        subnetIds: [...args.subnetIds],
        instanceTypes: [...instanceTypes],
        scalingConfig: { minSize: minNodes, maxSize: maxNodes, desiredSize: minNodes },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        tags,
        ...more,
      },
      // An autoscaler's to change.
      { ignoreChanges: ['scalingConfig.desiredSize'], dependsOn: [...args.dependsOn] },
      pool,
    ),
  );
}
