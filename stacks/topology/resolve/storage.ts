import type { SharedStorage } from '../../../constructs/contracts/shared-storage';
import { type ByteSize, byteSizeOf, parseByteSize } from '../../../constructs/contracts/units';
import { azureFiles } from '../../../constructs/kubernetes/storage/azure-files';
import { efs } from '../../../constructs/kubernetes/storage/efs';
import { existingClass } from '../../../constructs/kubernetes/storage/existing-class';
import { filestore } from '../../../constructs/kubernetes/storage/filestore';
import { nfs } from '../../../constructs/kubernetes/storage/nfs';
import { totalBytes } from '../models';
import type { InferenceTopology } from '../topology';

type Storage = NonNullable<InferenceTopology['backing']['storage']>;

const GIB = 2 ** 30;
/** A class or claim whose speed nobody names is reckoned as a network of 1 Gbit/s. */
const UNKNOWN_THROUGHPUT = 110 * 2 ** 20;

/** The claim for model files, and the storage below it where the topology names one. */
export function resolveStorage({ name, backing, models, modelStore }: InferenceTopology): {
  readonly modelStore: { readonly size: ByteSize; readonly uid: number; readonly gid: number };
  readonly storage: SharedStorage | undefined;
} {
  const { uid, gid } = modelStore;
  const of = (size: ByteSize) => backing.storage && sharedStorage(backing.storage, { name, size, uid, gid });
  // Twice the models, so that a new version fits beside the old one; no less than the storage grants.
  const least = parseByteSize(of(byteSizeOf(0))?.minimumSize ?? '0Gi');
  const size =
    modelStore.size ?? byteSizeOf(Math.max(2 * totalBytes(models), least.ok ? least.value.bytes : 0));
  return { modelStore: { size, uid, gid }, storage: of(size) };
}

interface Claim {
  readonly name: string;
  readonly size: ByteSize;
  readonly uid: number;
  readonly gid: number;
}

/** What a topology says of its storage, as constructs take it. Some storage is as fast as it is large. */
function sharedStorage(storage: Storage, { name, size, uid, gid }: Claim): SharedStorage {
  const perClient = storage.throughput.perClient?.bytes;
  const aggregate = storage.throughput.aggregate?.bytes;
  const className =
    'className' in storage && storage.className !== undefined ? storage.className : `${name}-${storage.kind}`;
  const common = { uid, gid, className, throughput: { perClient, aggregate } };
  switch (storage.kind) {
    case 'efs':
      return efs({ ...common, fileSystemId: storage.fileSystemId });
    case 'filestore': {
      const { tier, network, connectMode } = storage;
      return filestore({ ...common, tier, network, connectMode, tebibytes: size.bytes / (1024 * GIB) });
    }
    case 'azure-files': {
      const { sku, resourceGroup, storageAccount } = storage;
      return azureFiles({ ...common, sku, resourceGroup, storageAccount, gibibytes: size.bytes / GIB });
    }
    case 'nfs': {
      const { server, path, mountOptions } = storage;
      return nfs({ ...common, server, share: path, mountOptions });
    }
    case 'existing-class':
    case 'existing-claim':
      return existingClass({
        uid,
        gid,
        name: storage.kind === 'existing-class' ? storage.name : '',
        ...(storage.kind === 'existing-class' && { minimumSize: storage.minimumSize?.text }),
        throughput: {
          perClient: perClient ?? UNKNOWN_THROUGHPUT,
          ...(aggregate !== undefined && { aggregate }),
        },
      });
  }
}
