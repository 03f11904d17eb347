import type { Input } from '@pulumi/pulumi';
import { matches, oneOf, REMOVALS, type Removal, required, within } from '../cloud';
import type { Problem } from '../contracts';
import type { Tags } from './tags';
import { tagProblems } from './tags';

/** A group of nodes of one kind. */
export interface NodePool {
  /** EC2 instance types, all with the same CPU architecture. */
  readonly instanceTypes: readonly string[];
  /** Fewest nodes. With managed node groups, also how many there are at first. Each costs by the hour. */
  readonly minNodes: number;
  /** Most nodes. Auto Mode grows to it by itself; managed node groups need an autoscaler for it. */
  readonly maxNodes: number;
  /** GiB of each node's disk, for images and scratch space. @default 100 */
  readonly diskGib?: number;
}

/** Where pods run. */
export type Compute =
  | {
      /**
       * EKS Auto Mode: AWS runs, scales, patches and replaces nodes, and brings load balancers and block storage.
       * Costs about 12 % on top of the instances. Pods ask the node itself for DNS: see `Cluster.dnsAddress`.
       */
      readonly mode: 'auto';
    }
  | {
      /** Managed node groups: nothing on top of the instances, but scaling and load balancers are yours to add. */
      readonly mode: 'managed';
      /** @default `x86_64` */
      readonly architecture?: 'x86_64' | 'arm64';
      /** Nodes for everything that needs no GPU. */
      readonly cpu: NodePool;
    };

/**
 * GPU nodes: labelled `polypod.dev/pool: gpu` and tainted `nvidia.com/gpu`, so that only who asks for GPUs lands
 * there. Auto Mode ignores `diskGib`.
 */
export interface GpuPool extends NodePool {
  /** GPUs of the largest of the instance types: with `maxNodes` it bounds what Auto Mode may start. @default 1 */
  readonly gpusPerNode?: number;
}

/** CloudWatch's own list. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Arguments of a {@link Cluster} that do not name children. */
export interface ClusterSettings {
  /** Region of the cluster. */
  readonly region: string;
  /** Private subnets for nodes and pods, in two zones or more. */
  readonly subnetIds: readonly Input<string>[];
  /**
   * Kubernetes version. Upgraded in place, one minor version at a time; AWS upgrades by itself at the end of
   * standard support, because extended support costs six times as much.
   * @default `1.35`, in standard support until 27 March 2027
   */
  readonly version?: string;
  /** @default Auto Mode */
  readonly compute?: Compute;
  /** @default no GPUs */
  readonly gpu?: GpuPool;
  /**
   * Networks that may reach the API server over the internet; an empty list turns that off, and then `pulumi up`
   * must run inside the VPC. Nodes always use the private endpoint.
   */
  readonly publicAccessCidrs: readonly Input<string>[];
  /**
   * IAM principals with all rights in the cluster, besides the one that creates it.
   * @default none
   */
  readonly administratorArns?: readonly Input<string>[];
  /** KMS key for Kubernetes Secrets at rest. It can be added, and never removed. @default AWS's own key */
  readonly kmsKeyArn?: Input<string>;
  /** Days that control-plane logs are kept; CloudWatch charges by the gigabyte. @default 90 */
  readonly logRetentionDays?: number;
  /** `retain` also turns on EKS's deletion protection. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
}

/** What is wrong with the arguments of a {@link Cluster}, wherever it is placed. */
export function clusterProblems(settings: Omit<ClusterSettings, 'subnetIds'>): Problem[] {
  const { compute = { mode: 'auto' }, gpu } = settings;
  return [
    ...matches('region', settings.region, /^[a-z]{2}(-[a-z]+)+-\d$/, {
      reason: 'is not a region',
      mend: 'write one such as eu-central-1',
    }),
    ...matches('version', settings.version, /^1\.(3[3-9]|[4-9]\d)$/, {
      reason: 'is not a version of Kubernetes that EKS creates clusters of',
      mend: 'write one such as "1.35"',
    }),
    ...oneOf('compute.mode', compute.mode, ['auto', 'managed']),
    ...(compute.mode === 'managed' ? poolProblems('compute.cpu', compute.cpu, 1) : []),
    ...(compute.mode === 'managed'
      ? oneOf('compute.architecture', compute.architecture, ['x86_64', 'arm64'])
      : []),
    ...(gpu === undefined ? [] : poolProblems('gpu', gpu, 0)),
    ...within('gpu.gpusPerNode', gpu?.gpusPerNode, [1, 16], 'GPUs'),
    ...(gpu !== undefined && compute.mode === 'auto' && gpu.minNodes > 0
      ? [
          {
            path: 'gpu.minNodes',
            value: gpu.minNodes,
            reason: 'can not be kept by Auto Mode, which starts nodes for pods and stops them after',
            mend: 'write 0, or use managed node groups (compute.mode: managed)',
          },
        ]
      : []),
    ...settings.publicAccessCidrs.flatMap((cidr, index) =>
      matches(`publicAccessCidrs[${index}]`, cidr, /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, {
        reason: 'is not an IPv4 network',
        mend: 'write one such as 203.0.113.0/24',
      }),
    ),
    ...(settings.administratorArns ?? []).flatMap((arn, index) =>
      matches(`administratorArns[${index}]`, arn, /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/, {
        reason: 'is not the ARN of an IAM role or user',
        mend: 'write one such as arn:aws:iam::123456789012:role/platform',
      }),
    ),
    ...oneOf('logRetentionDays', settings.logRetentionDays, LOG_RETENTION_DAYS),
    ...oneOf('removal', settings.removal, REMOVALS),
    ...tagProblems(settings.tags),
  ];
}

/** What is wrong with the place of a {@link Cluster}. */
export function clusterSubnetProblems(subnetIds: ClusterSettings['subnetIds']): Problem[] {
  if (subnetIds.length >= 2) return [];
  const reason = 'are too few: EKS wants private subnets in two zones or more';
  return [{ path: 'subnetIds', value: subnetIds.length, reason, mend: 'give one in each of three zones' }];
}

function poolProblems(path: string, pool: NodePool, fewest: number): Problem[] {
  return [
    ...required(
      `${path}.instanceTypes`,
      pool.instanceTypes,
      'name an instance type, such as m7i.xlarge or g6.xlarge',
    ),
    ...pool.instanceTypes.flatMap((type, index) =>
      matches(`${path}.instanceTypes[${index}]`, type, /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, {
        reason: 'is not an instance type',
        mend: 'write one such as m7i.xlarge',
      }),
    ),
    ...within(`${path}.minNodes`, pool.minNodes, [fewest, 450], 'nodes'),
    ...within(`${path}.maxNodes`, pool.maxNodes, [1, 450], 'nodes'),
    ...within(`${path}.diskGib`, pool.diskGib, [20, 16_384], 'GiB'),
    ...(pool.minNodes > pool.maxNodes
      ? [
          {
            path: `${path}.minNodes`,
            value: pool.minNodes,
            reason: `is more than maxNodes (${pool.maxNodes})`,
            mend: 'raise maxNodes or lower minNodes',
          },
        ]
      : []),
  ];
}
