import { entryOf } from '../../../constructs/checks/json';
import { cloudClass } from '../../../constructs/checks/known/storage';
import { type ByteSize, formatByteSize, parseByteSize } from '../../../constructs/contracts/units';
import { USER } from '../../../runtime/contract.cjs';
import { totalBytes } from '../models';
import type { SystemSettings } from '../settings';
import type { SystemTopology } from '../topology';
import { type Check, type InferenceCheck, problem, type SystemCheck } from './check';

/**
 * A volume smaller than its tier grants: the driver refuses it, or silently makes and bills a larger one.
 *
 * @param field of the topology that sizes the claim
 */
export const storageMinimum = (field: string): SystemCheck => ({
  reads: ['backing.storage', `${field}.size`, 'models'],
  *check({ backing, storage, sharedFiles: { size } }) {
    const minimum = parseByteSize(storage?.minimumSize ?? '0Gi');
    if (!minimum.ok || backing.storage === undefined || size.bytes >= minimum.value.bytes) return;
    const { text } = minimum.value;
    const what =
      backing.storage.kind === 'filestore' ? `Filestore ${backing.storage.tier}` : backing.storage.kind;
    yield problem(
      `${field}.size`,
      size.text,
      `is below the minimum of ${what}, ${text}`,
      `write at least ${text}, or leave it out`,
    );
  },
});

/** A size for a claim that is there already. */
export const sizeApplies = <Field extends string>(
  field: Field,
): Check<SystemSettings, SystemTopology & Record<Field, { readonly size?: ByteSize | undefined }>> => ({
  reads: ['backing.storage', `${field}.size`],
  *check({ backing: { storage } }, topology) {
    const { size } = topology[field];
    if (storage?.kind !== 'existing-claim' || size === undefined) return;
    const reason = 'has no effect on a claim that exists';
    const mend = 'take it out; say the size of the claim in backing.storage.size';
    yield problem(`${field}.size`, size.text, reason, mend);
  },
});

/** Models that do not fit the volume: the download ends with a full disk. */
export const modelsFitStorage: InferenceCheck = {
  reads: ['backing.storage', 'modelStore.size', 'models'],
  *check({ backing: { storage }, sharedFiles, models }) {
    const bytes = totalBytes(models);
    const [path, size] =
      storage?.kind === 'existing-claim'
        ? ['backing.storage.size', storage.size]
        : ['modelStore.size', sharedFiles.size];
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
export const storageShares: SystemCheck = {
  reads: ['backing.storage'],
  *check({ backing: { storage } }) {
    if (storage?.kind !== 'existing-class') return;
    const known = cloudClass(storage.name);
    const what =
      known?.sharing === 'block' ? `disks of ${known.provisioner}` : entryOf(DEFAULT_DISKS, storage.name);
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

/** Hard disks and burst credits under files that all pods wait for. */
export const storageFast: SystemCheck = {
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

/**
 * Users that an image or a node may know, and ids that other images take.
 *
 * @param field of the topology that names user and group
 */
export const userIsOwn = (field: string): SystemCheck => ({
  reads: [field],
  *check({ sharedFiles }) {
    for (const id of ['uid', 'gid'] as const) {
      if (sharedFiles[id] >= 10_000) continue;
      const reason = 'is below 10000, where the ids of the node’s own users lie';
      const mend = `write ${USER[id]}, the image's own, or another from 10000 on`;
      yield problem(`${field}.${id}`, sharedFiles[id], reason, mend);
    }
  },
});
