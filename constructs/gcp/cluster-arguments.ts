import type { Input } from '@pulumi/pulumi';
import { matches, oneOf, REMOVALS, type Removal, within } from '../cloud';
import type { Problem } from '../contracts';
import { kmsKeyProblems, projectProblems, regionProblems } from './argument-forms';
import { type Labels, labelProblems } from './labels';

/** A group of nodes of one kind, over all zones of the region. */
export interface NodePool {
  /** Such as `e2-standard-4` or `g2-standard-8`. */
  readonly machineType: string;
  /** Fewest nodes, over all zones. Each costs by the hour. */
  readonly minNodes: number;
  /** Most nodes, over all zones; GKE grows to it by itself. */
  readonly maxNodes: number;
  /** GiB of each node's disk, for images and scratch space. @default 100 */
  readonly diskGib?: number;
  /** Zones of the nodes; GPUs are not in every zone. @default all of the region that GKE chooses */
  readonly zones?: readonly string[];
}

/** Nodes with GPUs: labelled `polypod.dev/pool: gpu`; GKE taints them `nvidia.com/gpu` and installs the drivers. */
export interface GpuPool extends NodePool {
  /** What each node has, such as `{ type: 'nvidia-l4', count: 1 }`; it must fit the machine type. */
  readonly accelerator: { readonly type: string; readonly count: number };
}

/** Where pods run. */
export type Compute =
  | {
      /**
       * GKE Autopilot: Google runs, scales, patches and replaces nodes; pods are paid for by what they request. Pods
       * get GPUs by a node selector `cloud.google.com/gke-accelerator`, without a pool.
       */
      readonly mode: 'autopilot';
    }
  | {
      /** Node pools: nodes are paid for by the hour, however full they are. */
      readonly mode: 'standard';
      /** Nodes for everything that needs no GPU. */
      readonly cpu: NodePool;
      /** @default no GPUs */
      readonly gpu?: GpuPool;
    };

/** Where a {@link Cluster} stands. */
export interface ClusterPlace {
  readonly networkId: Input<string>;
  readonly subnetworkId: Input<string>;
  /** Names of the subnetwork's secondary ranges. */
  readonly podsRangeName: Input<string>;
  readonly servicesRangeName: Input<string>;
}

/** Arguments of a {@link Cluster} that do not name children. */
export interface ClusterSettings {
  readonly project: string;
  readonly region: string;
  readonly place: ClusterPlace;
  /** @default Autopilot. Changing it replaces the cluster. */
  readonly compute?: Compute;
  /**
   * How soon GKE upgrades control plane and nodes, by itself, at weekends; EXTENDED keeps a version for two years and
   * costs more in the second.
   * @default `REGULAR`
   */
  readonly releaseChannel?: 'RAPID' | 'REGULAR' | 'STABLE' | 'EXTENDED';
  /**
   * Networks that may reach the API server over the internet; an empty list turns that off, and then `pulumi up` must
   * run inside the VPC. Nodes always use the private endpoint.
   */
  readonly publicAccessCidrs: readonly Input<string>[];
  /**
   * Key of Cloud KMS for Kubernetes Secrets and nodes' disks. GKE's service agent must be let use it.
   * @default Google's own
   */
  readonly kmsKeyName?: Input<string>;
  /** `retain` also turns on the provider's deletion protection. @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
}

/** What is wrong with the arguments of a {@link Cluster}, wherever it is placed. */
export function clusterProblems(settings: Omit<ClusterSettings, 'place'>): Problem[] {
  const { compute = { mode: 'autopilot' } } = settings;
  return [
    ...projectProblems('project', settings.project),
    ...regionProblems('region', settings.region),
    ...oneOf('compute.mode', compute.mode, ['autopilot', 'standard']),
    ...(compute.mode === 'standard' ? poolProblems('compute.cpu', compute.cpu, 1) : []),
    ...(compute.mode === 'standard' && compute.gpu !== undefined ? gpuProblems(compute.gpu) : []),
    ...oneOf('releaseChannel', settings.releaseChannel, ['RAPID', 'REGULAR', 'STABLE', 'EXTENDED']),
    ...settings.publicAccessCidrs.flatMap((cidr, index) =>
      matches(`publicAccessCidrs[${index}]`, cidr, /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, {
        reason: 'is not an IPv4 network',
        mend: 'write one such as 203.0.113.0/24',
      }),
    ),
    ...kmsKeyProblems('kmsKeyName', settings.kmsKeyName),
    ...oneOf('removal', settings.removal, REMOVALS),
    ...labelProblems(settings.labels),
  ];
}

function gpuProblems(gpu: GpuPool): Problem[] {
  const { type, count } = gpu.accelerator;
  return [
    ...poolProblems('compute.gpu', gpu, 0),
    ...matches('compute.gpu.accelerator.type', type, /^nvidia-[a-z0-9-]+$/, {
      reason: 'is not a type of GPU',
      mend: 'write one such as nvidia-l4',
    }),
    ...oneOf('compute.gpu.accelerator.count', count, [1, 2, 4, 8, 16]),
  ];
}

function poolProblems(path: string, pool: NodePool, fewest: number): Problem[] {
  const inverted = {
    path: `${path}.minNodes`,
    value: pool.minNodes,
    reason: `is more than maxNodes (${pool.maxNodes})`,
    mend: 'raise maxNodes or lower minNodes',
  };
  return [
    ...matches(`${path}.machineType`, pool.machineType, /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/, {
      reason: 'is not a machine type',
      mend: 'write one such as e2-standard-4',
    }),
    ...within(`${path}.minNodes`, pool.minNodes, [fewest, 1000], 'nodes'),
    ...within(`${path}.maxNodes`, pool.maxNodes, [1, 1000], 'nodes'),
    ...within(`${path}.diskGib`, pool.diskGib, [20, 65_536], 'GiB'),
    ...(pool.zones ?? []).flatMap((zone, index) =>
      matches(`${path}.zones[${index}]`, zone, /^[a-z]+-[a-z]+\d+-[a-z]$/, {
        reason: 'is not a zone',
        mend: 'write one such as europe-west3-a',
      }),
    ),
    ...(pool.minNodes > pool.maxNodes ? [inverted] : []),
  ];
}
