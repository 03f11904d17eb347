import type { SharedStorage } from '../../contracts';
import { MIB, type ThroughputProps, throughputOf } from './throughput';

/**
 * Service tiers: smallest instance, and MiB/s that it reads for each TiB or whatever its size (Filestore
 * documentation, "Service tiers"; enterprise is the older name of regional with a minimum of 1 TiB, premium of
 * basic-ssd and standard of basic-hdd, whose hard disks are slow for models).
 */
const TIERS = {
  zonal: { minimumSize: '1Ti', minimumTib: 1, read: { mibPerTib: 260 } },
  regional: { minimumSize: '100Gi', minimumTib: 100 / 1024, read: { mibPerTib: 260 } },
  enterprise: { minimumSize: '1Ti', minimumTib: 1, read: { mibPerTib: 120 } },
  premium: { minimumSize: '2560Gi', minimumTib: 2.5, read: { mib: 1200 } },
  'basic-ssd': { minimumSize: '2560Gi', minimumTib: 2.5, read: { mib: 1200 } },
  standard: { minimumSize: '1Ti', minimumTib: 1, read: { mib: 100 } },
  'basic-hdd': { minimumSize: '1Ti', minimumTib: 1, read: { mib: 100 } },
} as const;

/** Tiers whose instance lies in one zone: all but the two that are kept in three. */
const ZONAL: ReadonlySet<string> = new Set(['zonal', 'premium', 'basic-ssd', 'standard', 'basic-hdd']);

/** Tier and network of a StorageClass on Filestore. */
export interface FilestoreProps {
  /** `regional` and `enterprise` survive the loss of a zone. Changing it makes another instance. */
  readonly tier: keyof typeof TIERS;
  /** VPC network of the cluster. @default `default` */
  readonly network?: string;
  /** A shared VPC needs PRIVATE_SERVICE_ACCESS. @default DIRECT_PEERING */
  readonly connectMode?: 'DIRECT_PEERING' | 'PRIVATE_SERVICE_ACCESS';
  /** Key of Cloud KMS for the instance. @default Google's */
  readonly kmsKey?: string;
  /** Name of the StorageClass. Classes are cluster-wide. @default `polypod-filestore-TIER` */
  readonly className?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** TiB that the claim will have: Filestore is as fast as it is large. @default the tier's smallest */
  readonly tebibytes?: number;
  readonly throughput?: ThroughputProps;
}

/**
 * Google Filestore by its CSI driver: an instance for the claim, paid for by its size whether used or not. All
 * clients share its throughput; one client reads no faster than that.
 */
export function filestore(props: FilestoreProps): SharedStorage {
  const { minimumSize, minimumTib, read: rate } = TIERS[props.tier];
  const tebibytes = props.tebibytes ?? minimumTib;
  const read = Math.round(('mib' in rate ? rate.mib : tebibytes * rate.mibPerTib) * MIB);
  return {
    kind: 'filestore',
    storageClass: {
      name: props.className ?? `polypod-filestore-${props.tier}`,
      provisioner: 'filestore.csi.storage.gke.io',
      parameters: {
        tier: props.tier,
        network: props.network ?? 'default',
        'connect-mode': props.connectMode ?? 'DIRECT_PEERING',
        ...(props.kmsKey === undefined ? {} : { 'instance-encryption-kms-key': props.kmsKey }),
      },
      mountOptions: ['hard', 'noatime'],
      // A zonal instance lies in the zone of the first pod.
      volumeBindingMode: ZONAL.has(props.tier) ? 'WaitForFirstConsumer' : 'Immediate',
    },
    minimumSize,
    ...(props.uid === undefined ? {} : { uid: props.uid }),
    ...(props.gid === undefined ? {} : { gid: props.gid }),
    throughput: throughputOf(
      { perClient: read, aggregate: read, source: 'Filestore documentation: service tiers' },
      props.throughput,
    ),
  };
}
