import type { SharedStorage } from '../../../constructs/contracts/shared-storage';
import { type ByteSize, byteSizeOf, parseByteSize } from '../../../constructs/contracts/units';
import { azureFiles } from '../../../constructs/kubernetes/storage/azure-files';
import { efs } from '../../../constructs/kubernetes/storage/efs';
import { existingClass } from '../../../constructs/kubernetes/storage/existing-class';
import { filestore } from '../../../constructs/kubernetes/storage/filestore';
import { nfs } from '../../../constructs/kubernetes/storage/nfs';
import type { SystemSettings } from '../settings';
import type { SystemTopology } from '../topology';

type Storage = NonNullable<SystemTopology['backing']['storage']>;

const GIB = 2 ** 30;
/** A class or claim whose speed nobody names is reckoned as a network of 1 Gbit/s. */
const UNKNOWN_THROUGHPUT = 110 * 2 ** 20;

/** What a topology says of the claim that its pods share. */
interface Asked {
  readonly name: string;
  readonly storage: Storage | undefined;
  /** @default the least that will do, and no less than the storage grants */
  readonly size: ByteSize | undefined;
  /** Bytes that it must hold at the least. */
  readonly least: number;
  readonly uid: number;
  readonly gid: number;
}

/** The claim that all pods share, and the storage below it where the topology names one. */
export function resolveStorage({
  name,
  storage,
  least,
  ...asked
}: Asked): Pick<SystemSettings, 'sharedFiles' | 'storage'> {
  const { uid, gid } = asked;
  const of = (size: ByteSize) => storage && sharedStorage(storage, { name, size, uid, gid });
  const granted = parseByteSize(of(byteSizeOf(0))?.minimumSize ?? '0Gi');
  const size = asked.size ?? byteSizeOf(Math.max(least, granted.ok ? granted.value.bytes : 0));
  return { sharedFiles: { size, uid, gid }, storage: of(size) };
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
