import type { SharedStorage } from '../../constructs/contracts';
import {
  type AzureFilesProps,
  azureFiles,
  efs,
  existingClass,
  filestore,
  nfs,
} from '../../constructs/kubernetes';
import type { InferenceSettings, StorageSettings } from '../topology';

const TEBIBYTE = 2 ** 40;
const GIBIBYTE = 2 ** 30;
/** A class or claim whose speed nobody named is reckoned as a network of 1 Gbit/s. */
const UNKNOWN_THROUGHPUT = 110 * 2 ** 20;

/** The storage that a topology names, as constructs need it. */
export function sharedStorage(
  storage: StorageSettings,
  { name, modelStore: { size, uid, gid } }: Pick<InferenceSettings, 'name' | 'modelStore'>,
): SharedStorage {
  const perClient = storage.throughput.perClient?.bytes;
  const aggregate = storage.throughput.aggregate?.bytes;
  const common = {
    uid,
    gid,
    throughput: { perClient, aggregate },
    // Classes are cluster-wide: each topology has its own.
    className: ('className' in storage ? storage.className : undefined) ?? `${name}-${storage.kind}`,
  };
  switch (storage.kind) {
    case 'efs':
      return efs({ ...common, fileSystemId: storage.fileSystemId });
    case 'filestore':
      return filestore({
        ...common,
        tier: storage.tier,
        network: storage.network,
        connectMode: storage.connectMode,
        tebibytes: size.bytes / TEBIBYTE,
      });
    case 'azure-files':
      return azureFiles({
        ...common,
        sku: onSolidState(storage.sku),
        resourceGroup: storage.resourceGroup,
        storageAccount: storage.storageAccount,
        gibibytes: size.bytes / GIBIBYTE,
      });
    case 'nfs':
      return nfs({
        ...common,
        server: storage.server,
        share: storage.path,
        mountOptions: storage.mountOptions,
      });
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

/** The topology's checks refuse hard disks, which have no NFS. */
function onSolidState(sku: Extract<StorageSettings, { kind: 'azure-files' }>['sku']): AzureFilesProps['sku'] {
  switch (sku) {
    case 'Premium_LRS':
    case 'Premium_ZRS':
    case 'PremiumV2_LRS':
    case 'PremiumV2_ZRS':
      return sku;
    default:
      throw new TypeError(`${sku} has no NFS`);
  }
}
