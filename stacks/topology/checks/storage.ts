import { formatByteSize } from '../../../constructs/contracts/units';
import { USER } from '../../../runtime/contract.cjs';
import { totalBytes } from '../models';
import { BLOCK_CLASSES, minimumSize, SLOW_CLASSES } from '../storage-tiers';
import { type InferenceCheck, problem } from './check';

/** A volume smaller than its tier grants: the driver refuses it, or silently makes and bills a larger one. */
export const storageMinimum: InferenceCheck = {
  reads: ['backing.storage', 'modelStore.size', 'models'],
  *check({ backing: { storage }, modelStore: { size } }) {
    const minimum = minimumSize(storage);
    if (storage === undefined || size.bytes >= minimum) return;
    const tier =
      storage.kind === 'filestore'
        ? `Filestore ${storage.tier}`
        : storage.kind === 'azure-files'
          ? storage.sku
          : 'the class';
    const reason = `is below the minimum of ${tier}, ${formatByteSize(minimum)}`;
    yield problem(
      'modelStore.size',
      size.text,
      reason,
      `write at least ${formatByteSize(minimum)}, or leave it out`,
    );
  },
};

/** Models that do not fit the volume: the download ends with a full disk. */
export const modelsFitStorage: InferenceCheck = {
  reads: ['backing.storage', 'modelStore.size', 'models'],
  *check({ backing: { storage }, modelStore, models }, topology) {
    const bytes = totalBytes(models);
    const existing = storage?.kind === 'existing-claim';
    if (existing && topology.modelStore.size !== undefined) {
      const reason = 'has no effect on a claim that exists';
      yield problem(
        'modelStore.size',
        modelStore.size.text,
        reason,
        'take it out; say the size of the claim in backing.storage.size',
      );
      return;
    }
    const [path, size] = existing
      ? ['backing.storage.size', storage.size]
      : ['modelStore.size', modelStore.size];
    if (size === undefined || size.bytes >= bytes) return;
    const reason = `is less than the models take (${formatByteSize(bytes)})`;
    const twice = formatByteSize(Math.ceil((2 * bytes) / 2 ** 30) * 2 ** 30);
    yield problem(
      path,
      size.text,
      reason,
      `write ${twice}, which also holds the next version beside this one`,
    );
  },
};

/** Block storage, which one node mounts at a time. */
export const storageShares: InferenceCheck = {
  reads: ['backing.storage'],
  *check({ backing: { storage } }) {
    if (storage?.kind !== 'existing-class') return;
    const block = BLOCK_CLASSES[storage.name];
    if (block === undefined) return;
    const reason = `is ${block.what}, which only one node can mount: the second pod would wait forever`;
    yield problem('backing.storage.name', storage.name, reason, block.instead);
  },
};

/** Hard disks and burst credits under model files. */
export const storageFast: InferenceCheck = {
  reads: ['backing.storage'],
  *check({ backing: { storage }, allow }) {
    if (storage?.kind === 'azure-files' && storage.sku.startsWith('Standard')) {
      const reason = 'is hard disks, without NFS';
      yield problem('backing.storage.sku', storage.sku, reason, 'write Premium_ZRS or PremiumV2_ZRS');
    }
    if (allow['slow-storage'] !== undefined) return;
    const accept = 'or say in allow.slow-storage why it will do';
    if (storage?.kind === 'filestore' && (storage.tier === 'standard' || storage.tier === 'basic-hdd')) {
      const reason = 'is hard disks: 100 MB/s for all pods together at 1 TiB';
      yield problem('backing.storage.tier', storage.tier, reason, `write regional or zonal, ${accept}`);
    }
    if (storage?.kind === 'efs' && storage.throughputMode === 'bursting') {
      const reason = 'gives 50 MiB/s for each TiB once its credit is spent, in the middle of a load';
      yield problem(
        'backing.storage.throughputMode',
        storage.throughputMode,
        reason,
        `set the file system to elastic, ${accept}`,
      );
    }
    if (storage?.kind === 'existing-class' && SLOW_CLASSES[storage.name] !== undefined) {
      yield problem(
        'backing.storage.name',
        storage.name,
        `is ${SLOW_CLASSES[storage.name]}`,
        `use a class on SSDs, ${accept}`,
      );
    }
  },
};

/** Users that an image or a node may know, and ids that other images take. */
export const userIsOwn: InferenceCheck = {
  reads: ['modelStore'],
  *check({ modelStore }) {
    for (const id of ['uid', 'gid'] as const) {
      if (modelStore[id] >= 10_000) continue;
      const reason = 'is below 10000, where the ids of the node’s own users lie';
      yield problem(
        `modelStore.${id}`,
        modelStore[id],
        reason,
        `write ${USER[id]}, the image's own, or another from 10000 on`,
      );
    }
  },
};
