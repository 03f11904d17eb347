import { getFileSystem } from '@pulumi/aws/efs/getFileSystem';
import type { InvokeOptions } from '@pulumi/pulumi';
import { lookUp, matches, type Provided, refuse } from '../cloud';
import type { Problem, SharedStorage } from '../contracts';
import { fileSystemStorage } from './file-system-storage';

/** An EFS file system that exists, with mount targets in the cluster's zones that admit the nodes. */
export interface ExistingFileSystemArgs {
  /** Name for the storage class. */
  readonly name: string;
  readonly fileSystemId: string;
}

/**
 * Finds an EFS file system and refuses one that would not carry models: bursting (its credits run out in the
 * middle of a load), or unencrypted. A file system in one zone is refused as well: it goes down with the zone.
 *
 * @throws InvalidInputError
 */
export async function existingFileSystem(
  { name, fileSystemId }: ExistingFileSystemArgs,
  options?: InvokeOptions,
): Promise<Provided<SharedStorage>> {
  const path = 'fileSystemId';
  refuse(
    'storage',
    matches(path, fileSystemId, /^fs-([0-9a-f]{8}|[0-9a-f]{17})$/, {
      reason: 'is not the id of an EFS file system',
      mend: 'write one such as fs-0123456789abcdef0',
    }),
  );
  const found = await lookUp(path, fileSystemId, () => getFileSystem({ fileSystemId }, options));
  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: fileSystemId, reason, mend });
  if (found.throughputMode === 'bursting') {
    unfit('has bursting throughput, whose credits run out in the middle of a load', 'set it to elastic');
  }
  if (!found.encrypted) unfit('is not encrypted, which can not be changed', 'copy it to an encrypted one');
  if (found.performanceMode === 'maxIO') {
    unfit('is in Max I/O mode, which makes each operation slower', 'copy it to one in General Purpose mode');
  }
  if (found.availabilityZoneName !== '') {
    unfit(`lies in one zone (${found.availabilityZoneName})`, 'copy it to a regional one');
  }
  refuse('storage', problems);
  const provisioned = found.provisionedThroughputInMibps;
  return {
    contract: fileSystemStorage(
      name,
      fileSystemId,
      found.throughputMode === 'provisioned' ? { provisioned } : 'elastic',
    ),
    objects: [],
    ready: [],
  };
}
