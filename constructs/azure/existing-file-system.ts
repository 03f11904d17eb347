import { getStorageAccount } from '@pulumi/azure-native/storage/getStorageAccount';
import type { InvokeOptions } from '@pulumi/pulumi';
import { lookUp, type Provided, refuse } from '../cloud';
import type { Problem, SharedStorage } from '../contracts';
import { fileShareStorage } from './file-share-storage';
import { FILE_SKUS } from './shared-file-system';

/** A storage account that exists, in which the cluster's identity may make file shares. */
export interface ExistingFileSystemArgs {
  /** Name for the storage class. */
  readonly name: string;
  readonly resourceGroupName: string;
  readonly accountName: string;
  /** GiB that the topology's claim will have. @default 100 */
  readonly gibibytes?: number;
}

/**
 * Finds a storage account and refuses one that would not carry models over NFS: of spinning disks, in one zone, that
 * takes mounts without TLS, or that stands in the open.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingFileSystem(
  { name, resourceGroupName, accountName, gibibytes }: ExistingFileSystemArgs,
  options?: InvokeOptions,
): Promise<Provided<SharedStorage>> {
  const path = 'accountName';
  const account = await lookUp(path, accountName, () =>
    getStorageAccount({ resourceGroupName, accountName }, options),
  );
  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: accountName, reason, mend });
  const sku = FILE_SKUS.find((word) => word === account.sku.name);
  if (account.kind !== 'FileStorage') {
    unfit(`is of kind ${account.kind}, which has no NFS shares`, 'make one of kind FileStorage');
  } else if (sku === undefined) {
    unfit(`is ${account.sku.name}: slow, or in one zone`, `make one of ${FILE_SKUS.join(' or ')}`);
  }
  if (account.enableHttpsTrafficOnly === false) {
    unfit('takes mounts without TLS', 'turn "secure transfer required" on');
  }
  if (account.publicNetworkAccess !== 'Disabled' && account.networkRuleSet?.defaultAction !== 'Deny') {
    unfit('stands in the open', 'turn public network access off');
  }
  const approved = account.privateEndpointConnections.some(
    ({ privateLinkServiceConnectionState: { status } }) => status === 'Approved',
  );
  if (!approved) unfit('has no private endpoint', "give it one for `file`, in the nodes' network");
  refuse('storage', problems);
  return {
    contract: fileShareStorage({ name, accountName, resourceGroupName, sku, gibibytes }),
    objects: [],
    ready: [],
  };
}
