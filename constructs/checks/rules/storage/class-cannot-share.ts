import { pathTo } from '../../json';
import type { Model } from '../../model';
import type { Rule } from '../../rule';

/** A claim that asks a disk to be a shared file system. */
export const classCannotShare: Rule = {
  id: 'storage/class-cannot-share',
  severity: 'error',
  description:
    'A ReadWriteMany claim on a class that makes disks: the claim stays pending, or a second node cannot mount it.',
  *check(model: Model) {
    for (const { storage, accessModes, isDevice, object, path } of model.claims()) {
      // Several nodes may attach a disk as a raw device; what they write on it is their own affair.
      if (storage?.sharing !== 'block' || !accessModes.includes('ReadWriteMany') || isDevice) continue;
      const isVolume = storage.object?.kind === 'PersistentVolume';
      const made = isVolume ? `PersistentVolume/${storage.object?.name}` : `class ${storage.className}`;
      yield {
        object,
        path: pathTo(path, isVolume ? 'volumeName' : 'storageClassName'),
        message: `This claim is ReadWriteMany, but ${made} (${storage.provisioner}) gives disks, which one node can mount at a time.`,
        fix: 'Name a class of a network file system: EFS, Filestore, Azure Files with NFS, NFS or CephFS.',
      };
    }
  },
};
