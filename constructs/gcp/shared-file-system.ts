import { Instance, type InstanceArgs } from '@pulumi/gcp/filestore/instance';
import type { ComponentResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import {
  CloudComponent,
  matches,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  removalOptions,
  type Transforms,
  within,
} from '../cloud';
import type { Problem, SharedStorage } from '../contracts';
import { kmsKeyProblems } from './argument-forms';
import { shareStorage, shareVolume } from './file-system-storage';
import { componentLabels, type Labels, labelProblems } from './labels';
import { placementProblems, type ServicePlacement } from './service-access';

/** Name of the one share; 16 characters at most. */
const SHARE = 'models';

const DEFAULT_GIB = 1024;

/** Smallest and largest GiB, and in what steps they grow. https://cloud.google.com/filestore/docs/service-tiers */
const CAPACITY = {
  regional: { range: [100, 102_400], step: 1 },
  zonal: { range: [1024, 102_400], step: 256 },
} as const;
/** From 10 TiB on, instances of both tiers are of another kind. */
const LARGE = { from: 10_240, step: 2560 };

/** Size, speed and protection of the Filestore instance. */
export interface SharedFileSystemArgs {
  readonly placement: ServicePlacement;
  /**
   * `regional` is kept in three zones and survives the loss of one; `zonal`, for about half the price, lies in the one
   * zone that is named. The basic tiers are not offered: hard disks, or neither growth nor protection.
   * @default `regional`
   */
  readonly tier?: 'regional' | { readonly zonal: string };
  /**
   * GiB, paid for whether used or not: 100 to 102,400; zonal ones 1,024 or more, in steps of 256; from 10,240 on in
   * steps of 2,560. Filestore is as fast as it is large:
   * 260 MiB/s are read from each TiB. It can grow and shrink, not below what is stored.
   * @default 1024
   */
  readonly capacityGib?: number;
  /** Key of Cloud KMS for encryption at rest. Changing it replaces the instance. @default Google's own */
  readonly kmsKeyName?: Input<string>;
  /** `retain` also turns on Filestore's deletion protection. @default `retain` */
  readonly removal?: Removal;
  readonly labels?: Labels;
  readonly transform?: Transforms<SharedFileSystemChildren>;
}

export interface SharedFileSystemChildren {
  instance: InstanceArgs;
}

/** What is wrong with the arguments of a {@link SharedFileSystem}, wherever it is placed. */
export function sharedFileSystemProblems(args: Omit<SharedFileSystemArgs, 'placement'>): Problem[] {
  const { tier = 'regional' } = args;
  return [
    ...(typeof tier === 'string'
      ? oneOf('tier', tier, ['regional'])
      : matches('tier.zonal', tier.zonal, /^[a-z]+-[a-z]+\d+-[a-z]$/, {
          reason: 'is not a zone',
          mend: 'write one such as europe-west3-a',
        })),
    ...capacityProblems(args.capacityGib, typeof tier === 'string' ? CAPACITY.regional : CAPACITY.zonal),
    ...kmsKeyProblems('kmsKeyName', args.kmsKeyName),
    ...oneOf('removal', args.removal, REMOVALS),
    ...labelProblems(args.labels),
  ];
}

function capacityProblems(
  gib: number = DEFAULT_GIB,
  { range, step: smallStep }: (typeof CAPACITY)[keyof typeof CAPACITY],
): Problem[] {
  const outside = within('capacityGib', gib, range, 'GiB');
  const step = gib < LARGE.from ? smallStep : LARGE.step;
  if (outside.length > 0 || gib % step === 0) return outside;
  const reason = `is not a multiple of ${step} GiB, in which such an instance grows`;
  return [{ path: 'capacityGib', value: gib, reason, mend: `write ${Math.ceil(gib / step) * step}` }];
}

/**
 * A Filestore instance that every pod mounts, which admits the nodes alone. It is made here, not by the CSI driver for
 * a claim: so it is protected, encrypted with your key and backed up like everything else that holds data, and it
 * outlives cluster and claim. The driver mounts it through a volume that is among `objects`.
 *
 * What passes the wire is encrypted by Google's network, not by NFS. Replaced, with its files, when tier, place or key
 * changes; `removal: 'retain'` refuses that.
 */
export class SharedFileSystem
  extends CloudComponent<SharedFileSystemChildren>
  implements Provided<SharedStorage>
{
  /** `projects/PROJECT/locations/LOCATION/instances/NAME`. */
  readonly instanceId: Output<string>;
  readonly shareName: string = SHARE;
  readonly contract: Provided<SharedStorage>['contract'];
  readonly objects: Provided<SharedStorage>['objects'];
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: SharedFileSystemArgs, options?: ComponentResourceOptions) {
    const problems = [...placementProblems(args.placement), ...sharedFileSystemProblems(args)];
    super('polypod:gcp:SharedFileSystem', name, problems, args.transform, options);
    const { placement, tier = 'regional', capacityGib = DEFAULT_GIB, removal } = args;
    const location = typeof tier === 'string' ? placement.region : tier.zonal;

    const instance = new Instance(
      ...this.child(
        'instance',
        {
          tier: typeof tier === 'string' ? 'REGIONAL' : 'ZONAL',
          location,
          protocol: 'NFS_V3',
          fileShares: {
            name: SHARE,
            capacityGb: capacityGib,
            nfsExportOptions: [
              // Root, since the kubelet has to give the share to the pods' group.
              { ipRanges: [placement.nodeCidr], accessMode: 'READ_WRITE', squashMode: 'NO_ROOT_SQUASH' },
            ],
          },
          networks: [
            {
              network: placement.networkId,
              modes: ['MODE_IPV4'],
              connectMode: 'PRIVATE_SERVICE_ACCESS',
              reservedIpRange: placement.peeringRangeName,
            },
          ],
          kmsKeyName: args.kmsKeyName,
          deletionProtectionEnabled: (removal ?? 'retain') === 'retain',
          labels: componentLabels(name, args.labels),
        },
        removalOptions(removal),
      ),
    );

    const share = {
      name,
      tier: typeof tier === 'string' ? tier : ('zonal' as const),
      location,
      instanceName: instance.name,
      shareName: SHARE,
      address: instance.networks.apply(([network]) => network?.ipAddresses[0] ?? ''),
      capacityGib,
    };
    this.instanceId = instance.id;
    this.contract = shareStorage(share);
    this.objects = [shareVolume(share)];
    this.ready = [instance];
    this.registerOutputs({ instanceId: this.instanceId });
  }
}
