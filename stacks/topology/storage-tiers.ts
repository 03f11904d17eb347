import type { StorageSettings } from './settings';

const GIB = 2 ** 30;

/** Smallest volume in bytes that each Filestore tier grants. Google's page "Service tiers". */
const FILESTORE: Readonly<Record<string, number>> = {
  zonal: 1024 * GIB,
  regional: 100 * GIB,
  enterprise: 1024 * GIB,
  premium: 2560 * GIB,
  'basic-ssd': 2560 * GIB,
  standard: 1024 * GIB,
  'basic-hdd': 1024 * GIB,
};

/** Azure's page "Azure Files scalability": provisioned shares on SSDs begin at 100 GiB. */
const AZURE_PREMIUM = 100 * GIB;

/** Smallest volume in bytes that a storage grants; 0 where there is no minimum. */
export function minimumSize(storage: StorageSettings | undefined): number {
  if (storage?.kind === 'filestore') return FILESTORE[storage.tier] ?? 0;
  if (storage?.kind === 'azure-files') return storage.sku.startsWith('Premium') ? AZURE_PREMIUM : 0;
  if (storage?.kind === 'existing-class') return storage.minimumSize?.bytes ?? 0;
  return 0;
}

interface Throughput {
  /** Bytes a second that one node reads. */
  readonly perClient: number;
  /** Bytes a second that all nodes read together. */
  readonly aggregate?: number;
}

/** What the topology says of the storage's throughput; `undefined` where it leaves that to the provider. */
export function throughputOf(storage: StorageSettings | undefined): Throughput | undefined {
  const { perClient, aggregate } = storage?.throughput ?? {};
  const rate = perClient?.bytes ?? aggregate?.bytes;
  return rate === undefined
    ? undefined
    : { perClient: rate, ...(aggregate && { aggregate: aggregate.bytes }) };
}

const ON_AWS = 'use kind: efs';
const ON_GCP = 'use kind: filestore';
const ON_AZURE = 'use kind: azure-files';
const ELSEWHERE = 'use a class that grants ReadWriteMany, or kind: nfs';

/** Classes that clouds and distributions give by these names, and whose volumes one node mounts at a time. */
export const BLOCK_CLASSES: Readonly<Record<string, { readonly what: string; readonly instead: string }>> = {
  gp2: { what: 'an Amazon EBS volume', instead: ON_AWS },
  gp3: { what: 'an Amazon EBS volume', instead: ON_AWS },
  io1: { what: 'an Amazon EBS volume', instead: ON_AWS },
  io2: { what: 'an Amazon EBS volume', instead: ON_AWS },
  'auto-ebs-sc': { what: 'an Amazon EBS volume', instead: ON_AWS },
  standard: { what: 'a persistent disk', instead: ON_GCP },
  'standard-rwo': { what: 'a persistent disk', instead: ON_GCP },
  'premium-rwo': { what: 'a persistent disk', instead: ON_GCP },
  default: { what: 'an Azure disk', instead: ON_AZURE },
  managed: { what: 'an Azure disk', instead: ON_AZURE },
  'managed-csi': { what: 'an Azure disk', instead: ON_AZURE },
  'managed-csi-premium': { what: 'an Azure disk', instead: ON_AZURE },
  'managed-premium': { what: 'an Azure disk', instead: ON_AZURE },
  'local-path': { what: 'a folder of one node', instead: ELSEWHERE },
  hostpath: { what: 'a folder of one node', instead: ELSEWHERE },
  'do-block-storage': { what: 'a DigitalOcean volume', instead: ELSEWHERE },
  'linode-block-storage': { what: 'a Linode volume', instead: ELSEWHERE },
  'rook-ceph-block': { what: 'a Ceph block device', instead: 'use the class of CephFS' },
};

/** Classes that share, on hard disks. */
export const SLOW_CLASSES: Readonly<Record<string, string>> = {
  'standard-rwx': 'Filestore basic on hard disks',
  azurefile: 'Azure Files Standard_LRS on hard disks, over SMB',
  'azurefile-csi': 'Azure Files Standard_LRS on hard disks, over SMB',
};
