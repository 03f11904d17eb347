import type { Construct } from 'constructs';
import { DatabaseBackup } from '../../constructs/kubernetes';
import type { SystemSettings } from '../topology';
import type { StackBacking } from './backing';

/** Adds backups of the database, where the topology asks for them. */
export function backUp(
  scope: Construct,
  { name, backup, sharedFiles, security }: SystemSettings,
  { database, storage }: StackBacking,
): DatabaseBackup | undefined {
  if (backup === 'off') return undefined;
  const { schedule, timeZone, keep, deadline, size, claim, image } = backup;
  const { imagePullSecrets } = security;
  return new DatabaseBackup(scope, 'backup', {
    name,
    database,
    volume: claim === undefined ? { storage, size: size?.text } : { existingClaim: claim },
    schedule,
    timeZone,
    keep,
    deadlineSeconds: deadline.seconds,
    image: image && { ...image, ...(imagePullSecrets.length > 0 && { pullSecrets: imagePullSecrets }) },
    uid: sharedFiles.uid,
    gid: sharedFiles.gid,
  });
}
