import { cloudClass } from '../../../constructs/checks/known/storage';
import { formatByteSize, parseByteSize } from '../../../constructs/contracts/units';
import { USER } from '../../../runtime/contract.cjs';
import { totalBytes } from '../models';
import { type InferenceCheck, problem } from './check';

/** A volume smaller than its tier grants: the driver refuses it, or silently makes and bills a larger one. */
export const storageMinimum: InferenceCheck = {
  reads: ['backing.storage', 'modelStore.size', 'models'],
  *check({ backing, storage, modelStore: { size } }) {
    const minimum = parseByteSize(storage?.minimumSize ?? '0Gi');
    if (!minimum.ok || backing.storage === undefined || size.bytes >= minimum.value.bytes) return;
    const { text } = minimum.value;
    const what =
      backing.storage.kind === 'filestore' ? `Filestore ${backing.storage.tier}` : backing.storage.kind;
    yield problem(
      'modelStore.size',
      size.text,
      `is below the minimum of ${what}, ${text}`,
      `write at least ${text}, or leave it out`,
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

/** Disks, which one node mounts at a time. */
export const storageShares: InferenceCheck = {
  reads: ['backing.storage'],
  *check({ backing: { storage } }) {
    if (storage?.kind !== 'existing-class') return;
    const known = cloudClass(storage.name);
    const what = known?.sharing === 'block' ? `disks of ${known.provisioner}` : DEFAULT_DISKS[storage.name];
    if (what === undefined) return;
    const reason = `gives ${what}, which only one node can mount: the second pod would wait for ever`;
    const mend = 'use a network file system: kind efs, filestore, azure-files, nfs, or a class of one';
    yield problem('backing.storage.name', storage.name, reason, mend);
  },
};

/** Default classes whose name says nothing; each is a disk wherever it is known. */
const DEFAULT_DISKS: Readonly<Record<string, string>> = {
  default: "Azure's disks",
  standard: "Google's or the local node's disks",
};

/** Hard disks and burst credits under model files. */
export const storageFast: InferenceCheck = {
  reads: ['backing.storage', 'allow'],
  *check({ backing: { storage }, allow }) {
    if (allow['slow-storage'] !== undefined) return;
    const accept = 'or say in allow.slow-storage why it will do';
    if (storage?.kind === 'efs' && storage.throughputMode === 'bursting') {
      const reason = 'gives 50 MiB/s for each TiB once its credit is spent, in the middle of a load';
      yield problem(
        'backing.storage.throughputMode',
        storage.throughputMode,
        reason,
        `set the file system to elastic, ${accept}`,
      );
    }
    if (storage?.kind !== 'existing-class') return;
    const parameters = cloudClass(storage.name)?.parameters;
    if (parameters?.tier !== 'standard' && !parameters?.skuName?.startsWith('Standard_')) return;
    yield problem(
      'backing.storage.name',
      storage.name,
      'is hard disks, shared by all pods',
      `use a class on SSDs, ${accept}`,
    );
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
