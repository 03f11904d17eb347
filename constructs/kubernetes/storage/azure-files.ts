import type { SharedStorage } from '../../contracts';
import { MIB, type ThroughputProps, throughputOf } from './throughput';

/** Tier and account of a StorageClass on Azure Files. */
export interface AzureFilesProps {
  /**
   * SSD storage; ZRS survives the loss of a zone. V2 is billed by what is provisioned and needs driver 1.35 or later.
   *
   * @default Premium_ZRS
   */
  readonly sku?: 'PremiumV2_ZRS' | 'PremiumV2_LRS' | 'Premium_ZRS' | 'Premium_LRS';
  /** Resource group of the storage account. @default the nodes' */
  readonly resourceGroup?: string;
  /** An existing account. @default the driver makes one */
  readonly storageAccount?: string;
  /** Name of the StorageClass. Classes are cluster-wide. @default `polypod-azure-files` */
  readonly className?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** GiB that the claim will have: a share is as fast as it is large. @default 100, the smallest */
  readonly gibibytes?: number;
  readonly throughput?: ThroughputProps;
}

/**
 * Azure Files over NFS by its CSI driver, on SSDs, through a private endpoint, encrypted on its way. Paid for by
 * the provisioned size.
 *
 * Throughput of a share of so many GiB, for all clients together: 100 + 0.04 × GiB + 0.06 × GiB MiB/s (Azure Files
 * scalability targets, provisioned v1). One client reaches it with four connections.
 */
export function azureFiles(props: AzureFilesProps = {}): SharedStorage {
  const size = props.gibibytes ?? 100;
  const read = (100 + Math.ceil(0.04 * size) + Math.ceil(0.06 * size)) * MIB;
  return {
    kind: 'azure-files',
    storageClass: {
      name: props.className ?? 'polypod-azure-files',
      provisioner: 'file.csi.azure.com',
      parameters: {
        protocol: 'nfs',
        skuName: props.sku ?? 'Premium_ZRS',
        networkEndpointType: 'privateEndpoint',
        encryptInTransit: 'true',
        // The driver opens a share to everybody by default.
        mountPermissions: '0770',
        fsGroupChangePolicy: 'OnRootMismatch',
        ...(props.resourceGroup === undefined ? {} : { resourceGroup: props.resourceGroup }),
        ...(props.storageAccount === undefined ? {} : { storageAccount: props.storageAccount }),
      },
      mountOptions: ['nconnect=4', 'noresvport', 'actimeo=30'],
    },
    minimumSize: '100Gi',
    ...(props.uid === undefined ? {} : { uid: props.uid }),
    ...(props.gid === undefined ? {} : { gid: props.gid }),
    throughput: throughputOf(
      { perClient: read, aggregate: read, source: 'Azure Files scalability and performance targets' },
      props.throughput,
    ),
  };
}
