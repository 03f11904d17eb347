import * as z from 'zod';
import type { Fault } from '../../../constructs/contracts/units';
import { byteSize, count, dnsSubdomain, map, serverHost, someText, text, wordOf } from './fields';

const className = dnsSubdomain()
  .optional()
  .describe(
    'Name of the StorageClass to create. Classes are cluster-wide. Default: the name of the topology and the kind.',
  );

const perClient = byteSize()
  .optional()
  .describe(
    'Bytes a second that one node reads. For startup budgets and plans. Default: what the provider states for the kind.',
  );

const aggregate = byteSize()
  .optional()
  .describe('Bytes a second that all nodes read together. Default: what the provider states for the kind.');

const throughput = map({ perClient, aggregate }).prefault({}).describe('How fast model files are read.');

const absolutePath = () =>
  text((value) =>
    value.startsWith('/') && !value.split('/').includes('..')
      ? undefined
      : { reason: 'is not an absolute path', mend: 'write it from the root, such as /exports/models' },
  );

const efs = map({
  kind: z.literal('efs').describe('Amazon EFS by its CSI driver, one access point for the claim.'),
  fileSystemId: text(
    (value) =>
      /^fs-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value)
        ? undefined
        : { reason: 'is not the id of an EFS file system', mend: 'write one such as fs-0123456789abcdef0' },
    { pattern: '^fs-([0-9a-f]{8}|[0-9a-f]{17})$' },
  ).describe('Id of the file system.'),
  throughputMode: z
    .enum(['elastic', 'provisioned', 'bursting'])
    .default('elastic')
    .describe(
      'Throughput mode of the file system. A bursting one runs out of credit in the middle of a load.',
    ),
  className,
  throughput,
});

const HARD_DISKS: Fault = {
  reason: 'is hard disks: 100 MB/s at 1 TiB for all pods together, so that starts take long and are killed',
  mend: 'write regional, which also survives the loss of a zone, or zonal',
};
const ONE_ZONE: Fault = {
  reason: 'is the basic tier on SSDs: at least 2.5 TiB, in one zone, gone while it is maintained',
  mend: 'write regional or zonal',
};

const filestore = map({
  kind: z.literal('filestore').describe('Google Filestore by its CSI driver.'),
  tier: wordOf(['zonal', 'regional', 'enterprise'], {
    standard: HARD_DISKS,
    'basic-hdd': HARD_DISKS,
    premium: ONE_ZONE,
    'basic-ssd': ONE_ZONE,
  }).describe(
    'Service tier. regional and enterprise survive the loss of a zone; regional begins at 100 GiB, the others at 1 TiB.',
  ),
  network: someText().default('default').describe('VPC network of the cluster.'),
  connectMode: z
    .enum(['DIRECT_PEERING', 'PRIVATE_SERVICE_ACCESS'])
    .default('DIRECT_PEERING')
    .describe('How the instance joins the network. A shared VPC needs PRIVATE_SERVICE_ACCESS.'),
  className,
  throughput,
});

const STANDARD_SKUS = ['LRS', 'ZRS', 'GRS', 'GZRS', 'RAGRS', 'RAGZRS'].flatMap((name) => [
  `Standard_${name}`,
  `StandardV2_${name}`,
]);
const NO_NFS: Fault = { reason: 'is hard disks, without NFS', mend: 'write Premium_ZRS or PremiumV2_ZRS' };

const azureFiles = map({
  kind: z.literal('azure-files').describe('Azure Files by its CSI driver, over NFS.'),
  sku: wordOf(
    ['PremiumV2_ZRS', 'PremiumV2_LRS', 'Premium_ZRS', 'Premium_LRS'],
    Object.fromEntries(STANDARD_SKUS.map((sku) => [sku, NO_NFS])),
  )
    .prefault('Premium_ZRS')
    .describe('Storage account type, on SSDs. ZRS survives the loss of a zone. Smallest volume: 100 GiB.'),
  resourceGroup: someText()
    .optional()
    .describe('Resource group of the storage account. Default: the one of the nodes.'),
  storageAccount: text(
    (value) =>
      /^[a-z0-9]{3,24}$/.test(value)
        ? undefined
        : {
            reason: 'is not the name of a storage account',
            mend: 'write 3 to 24 lower-case letters and digits',
          },
    { pattern: '^[a-z0-9]{3,24}$' },
  )
    .optional()
    .describe('An existing storage account. Default: the driver makes one.'),
  className,
  throughput,
});

const nfs = map({
  kind: z.literal('nfs').describe('Any NFS 4.1 server, by the NFS CSI driver.'),
  server: serverHost().describe('Host name or address of the server.'),
  path: absolutePath().describe('Exported directory.'),
  mountOptions: z
    .array(someText())
    .default(['nfsvers=4.1', 'hard', 'noatime'])
    .describe('Mount options of every node.'),
  className,
  throughput,
});

const existingClass = map({
  kind: z
    .literal('existing-class')
    .describe('A StorageClass that the cluster has and that grants ReadWriteMany.'),
  name: dnsSubdomain().describe('Name of the class.'),
  minimumSize: byteSize().optional().describe('Smallest volume that the class grants. Default: none.'),
  throughput,
});

const existingClaim = map({
  kind: z.literal('existing-claim').describe('A ReadWriteMany PersistentVolumeClaim of the same namespace.'),
  name: dnsSubdomain().describe('Name of the claim.'),
  size: byteSize()
    .optional()
    .describe('Size of its volume, so that models can be checked against it. Default: not checked.'),
  throughput,
});

/** Where model files lie: one directory that all pods mount. */
export const storage = z.discriminatedUnion('kind', [
  efs,
  filestore,
  azureFiles,
  nfs,
  existingClass,
  existingClaim,
]);

/**
 * A claim that all pods share.
 *
 * @param user that the image expects its files to belong to
 */
export const sharedClaim = (user: number, size = 'Default: 10Gi, and no less than the storage grants.') =>
  map({
    size: byteSize().optional().describe(`Size of the claim. ${size}`),
    uid: count(0, 65_534).default(user).describe('Owner of the files, and user of the pods. At least 10000.'),
    gid: count(0, 65_534).default(user).describe('Group of the files and of the pods. At least 10000.'),
  });

/** The claim for model files. */
export const modelStore = sharedClaim(
  10_001,
  'Default: twice the models, in whole GiB, and no less than the storage grants.',
);
