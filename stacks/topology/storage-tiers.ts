import type { StorageSettings } from './settings';

const GIB = 2 ** 30;

/** Smallest volume in bytes that each Filestore tier grants. Google's "Service tiers" page. */
const FILESTORE: Readonly<Record<string, number>> = {
  zonal: 1024 * GIB,
  regional: 100 * GIB,
  enterprise: 1024 * GIB,
  premium: 2560 * GIB,
  'basic-ssd': 2560 * GIB,
  standard: 1024 * GIB,
  'basic-hdd': 1024 * GIB,
};

/** What each kind of storage grants at least. */
export const MINIMUM_SIZES = {
  /** Smallest volume in bytes; 0 where there is no minimum. */
  of(storage: StorageSettings | undefined): number {
    if (storage?.kind === 'filestore') return FILESTORE[storage.tier] ?? 0;
    if (storage?.kind === 'azure-files') return storage.sku.startsWith('Premium') ? 100 * GIB : 0;
    if (storage?.kind === 'existing-class') return storage.minimumSize?.bytes ?? 0;
    return 0;
  },
};
