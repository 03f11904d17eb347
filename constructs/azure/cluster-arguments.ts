import type { Input } from '@pulumi/pulumi';
import { matches, oneOf, REMOVALS, type Removal, within } from '../cloud';
import type { Problem } from '../contracts';
import type { KeyAccess } from './encryption-key';
import { LOGINS, type Login } from './kubeconfig';
import { OUTBOUND, type Outbound } from './network-arguments';
import { type Tags, tagProblems } from './tags';

/** A pool of nodes of one kind, scaled by AKS's own autoscaler. */
export interface NodePool {
  /** Size of the virtual machines (x86-64), such as `Standard_D8ds_v5`. A new size is a new pool; the old one drains. */
  readonly vmSize: string;
  /** Fewest nodes. Each costs by the hour. */
  readonly minNodes: number;
  readonly maxNodes: number;
  /** GiB of each node's disk, for images and scratch space. @default 128 */
  readonly diskGib?: number;
}

const ZONES = ['1', '2', '3'] as const;
/** An availability zone, by its number. */
export type Zone = (typeof ZONES)[number];

/** Arguments of a {@link Cluster} that do not name children. */
export interface ClusterSettings {
  readonly resourceGroupName: Input<string>;
  readonly location: Input<string>;
  /** Subnet of the nodes. Pods have addresses of their own (CNI overlay). */
  readonly subnetId: Input<string>;
  /** How the subnet reaches the internet. @default `load-balancer` */
  readonly outbound?: Outbound;
  /**
   * Fixed addresses by which it does. Nodes reach a public API server from there, so they are let in; those of the
   * cluster's own load balancer are known to Azure.
   * @default none
   */
  readonly outboundCidrs?: readonly Input<string>[];
  /**
   * Kubernetes version; patches are applied by themselves. Upgraded in place, one minor version at a time.
   * @default `1.35`
   */
  readonly version?: string;
  /** Availability zones of the nodes, two or three. Changing them makes new pools, but for the system's. @default all three */
  readonly zones?: readonly Zone[];
  /**
   * Size of the three nodes for the cluster's own pods, 2 CPUs and 4 GiB at least. Only for a new cluster.
   * @default `Standard_D2ds_v5`
   */
  readonly systemVmSize?: string;
  /** Nodes for everything that needs no GPU. @default 3 to 9 of `Standard_D4ds_v5` */
  readonly cpu?: NodePool;
  /** GPU nodes: labelled `polypod.dev/pool: gpu` and tainted `nvidia.com/gpu`. @default no GPUs */
  readonly gpu?: NodePool;
  /**
   * Networks that may reach the API server over the internet; an empty list makes it private, and then `pulumi up`
   * must run inside the network. It can't be changed from one to the other afterwards.
   */
  readonly publicAccessCidrs: readonly Input<string>[];
  /** Object ids of Entra groups with all rights in the cluster, besides whoever creates it. @default none */
  readonly administratorGroupIds?: readonly Input<string>[];
  /** How `kubelogin` signs in: `azurecli` for people, `workloadidentity`, `spn` or `msi` for pipelines. @default `azurecli` */
  readonly login?: Login;
  /** Key for etcd, besides Azure's own encryption of its disks. @default Azure's own alone */
  readonly encryptionKey?: KeyAccess;
  /** @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
}

/** The usual pool. */
export const DEFAULT_CPU_POOL: NodePool = { vmSize: 'Standard_D4ds_v5', minNodes: 3, maxNodes: 9 };

/** What is wrong with the arguments of a {@link Cluster}, wherever it is placed. */
export function clusterProblems(
  settings: Omit<ClusterSettings, 'resourceGroupName' | 'location' | 'subnetId'>,
): Problem[] {
  const { zones = ZONES, cpu, gpu } = settings;
  const problems: Problem[] = [];
  if (zones.length < 2 || new Set(zones).size < zones.length) {
    const reason = 'is not a list of two or three different zones';
    problems.push({ path: 'zones', value: zones, reason, mend: "leave it out, or write ['1', '2', '3']" });
  }
  return [
    ...matches('version', settings.version, /^1\.(3[3-9]|[4-9]\d)$/, {
      reason: 'is not a minor version of Kubernetes that AKS creates clusters of',
      mend: 'write one such as "1.35"',
    }),
    ...problems,
    ...zones.flatMap((zone, index) => oneOf(`zones[${index}]`, zone, ZONES)),
    ...oneOf('outbound', settings.outbound, OUTBOUND),
    ...vmSizeProblems('systemVmSize', settings.systemVmSize),
    ...(cpu === undefined ? [] : poolProblems('cpu', cpu, 1)),
    ...(gpu === undefined ? [] : poolProblems('gpu', gpu, 0)),
    ...settings.publicAccessCidrs.flatMap((cidr, index) =>
      matches(`publicAccessCidrs[${index}]`, cidr, /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, {
        reason: 'is not an IPv4 network',
        mend: 'write one such as 203.0.113.0/24',
      }),
    ),
    ...(settings.administratorGroupIds ?? []).flatMap((id, index) =>
      matches(`administratorGroupIds[${index}]`, id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, {
        reason: 'is not the object id of an Entra group',
        mend: 'write a GUID, as `az ad group show` has it',
      }),
    ),
    ...oneOf('login', settings.login, LOGINS),
    ...oneOf('removal', settings.removal, REMOVALS),
    ...tagProblems(settings.tags),
  ];
}

function poolProblems(path: string, pool: NodePool, fewest: number): Problem[] {
  const problems: Problem[] = [
    ...vmSizeProblems(`${path}.vmSize`, pool.vmSize),
    ...within(`${path}.minNodes`, pool.minNodes, [fewest, 1000], 'nodes'),
    ...within(`${path}.maxNodes`, pool.maxNodes, [1, 1000], 'nodes'),
    ...within(`${path}.diskGib`, pool.diskGib, [30, 2048], 'GiB'),
  ];
  if (pool.minNodes > pool.maxNodes) {
    const reason = `is more than maxNodes (${pool.maxNodes})`;
    const mend = 'raise maxNodes or lower minNodes';
    problems.push({ path: `${path}.minNodes`, value: pool.minNodes, reason, mend });
  }
  return problems;
}

/** Arm machines have a `p` among the small letters: the NFS client that encrypts does not run there. */
function vmSizeProblems(path: string, vmSize: string | undefined): Problem[] {
  const problems = matches(path, vmSize, /^Standard_[A-Z]+\d+[A-Za-z\d_-]*$/, {
    reason: 'is not a size of virtual machines',
    mend: 'write one such as Standard_D8ds_v5',
  });
  if (problems.length === 0 && vmSize !== undefined && /^Standard_[A-Z]+\d+(-\d+)?[a-z]*p/.test(vmSize)) {
    const reason = 'is an Arm machine, on which encrypted NFS mounts do not work';
    problems.push({ path, value: vmSize, reason, mend: 'take one with x86-64, such as Standard_D8ds_v5' });
  }
  return problems;
}
