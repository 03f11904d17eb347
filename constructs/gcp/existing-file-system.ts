import { getInstance } from '@pulumi/gcp/filestore/getInstance';
import type { InvokeOptions } from '@pulumi/pulumi';
import { lookUp, type Provided, refuse } from '../cloud';
import type { Problem, SharedStorage } from '../contracts';
import { shareStorage, shareVolume } from './file-system-storage';

/** A Filestore instance that exists, which admits the nodes. */
export interface ExistingFileSystemArgs {
  /** Name of the volume and its class. */
  readonly name: string;
  readonly instanceName: string;
  /** Its region, or its zone. */
  readonly location: string;
}

const REGIONAL = ['REGIONAL', 'ENTERPRISE'];

/**
 * Finds a Filestore instance and refuses one that goes down with its zone, or that is mounted in another way than the
 * CSI driver mounts.
 *
 * @throws InvalidInputError with everything that does not fit
 */
export async function existingFileSystem(
  { name, instanceName, location }: ExistingFileSystemArgs,
  options?: InvokeOptions,
): Promise<Provided<SharedStorage>> {
  const path = 'instanceName';
  const found = await lookUp(path, instanceName, () =>
    getInstance({ name: instanceName, location }, options),
  );
  const problems: Problem[] = [];
  const unfit = (reason: string, mend: string) => problems.push({ path, value: instanceName, reason, mend });
  if (!REGIONAL.includes(found.tier)) {
    unfit(`is of tier ${found.tier}, which lies in one zone`, 'restore its backup into a regional one');
  }
  if (found.protocol !== '' && found.protocol !== 'NFS_V3') {
    unfit(`speaks ${found.protocol}, not NFS_V3`, 'restore its backup into one that speaks NFS_V3');
  }
  const [shared] = found.fileShares;
  const address = found.networks[0]?.ipAddresses[0];
  if (shared === undefined || address === undefined) {
    unfit('has no share or no address yet', 'wait until it is ready');
  }
  refuse('storage', problems);
  const share = {
    name,
    tier: found.tier === 'ENTERPRISE' ? ('enterprise' as const) : ('regional' as const),
    location,
    instanceName,
    shareName: shared?.name ?? '',
    address: address ?? '',
    capacityGib: shared?.capacityGb ?? 0,
  };
  return { contract: shareStorage(share), objects: [shareVolume(share)], ready: [] };
}
