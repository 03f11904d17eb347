/** Why a backup can't be written or restored, with what to do about it. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
