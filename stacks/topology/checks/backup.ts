import { problem, type SystemCheck } from './check';

/** Backups of what can not be dumped, onto what is not there, or past an unverified server. */
export const backupWorks: SystemCheck = {
  reads: ['backup', 'backing.database', 'backing.storage'],
  *check({ backup, sizing, backing: { storage, database } }) {
    if (backup === 'off') return;
    if (sizing.database.engine === 'mysql') {
      const mend = 'take it out, and leave backups to the cloud’s database';
      yield problem('backup', undefined, 'is for PostgreSQL; this system uses MySQL', mend);
      return;
    }
    if (backup.claim !== undefined && backup.size !== undefined) {
      yield problem('backup.size', backup.size.text, 'has no effect on a claim that exists', 'take it out');
    }
    if (storage?.kind === 'existing-claim' && backup.claim === undefined) {
      const mend = 'name a claim of its own, not the one that pods mount';
      yield problem('backup.claim', undefined, 'is missing: without a class none can be made', mend);
    }
    if (storage?.kind === 'existing-claim' && backup.claim === storage.name) {
      const reason = 'is mounted by the pods, which would read every password that is in a dump';
      yield problem('backup.claim', backup.claim, reason, 'name a claim of its own');
    }
    const unverified =
      typeof database === 'object' && database.tls !== false && database.tls.ca === undefined;
    if (unverified && backup.image === undefined) {
      const reason = "is missing: PostgreSQL's image has no authorities to verify the server with";
      yield problem(
        'backing.database.ca',
        undefined,
        reason,
        'name the bundle, or a backup.image that has them',
      );
    }
  },
};
