import { BackupError } from './backup-error.js';
import { type BackupHeader, readContent } from './content.js';
import { readSealed, type SealKey } from './sealed-file.js';

export interface BackupSummary {
  readonly header: BackupHeader;
  /** Rows of each table. */
  readonly rows: ReadonlyMap<string, number>;
}

/** Reads a backup to its end. Throws a {@link BackupError} unless all of it is there, as it was written. */
export async function verifyBackup(file: string, key: SealKey): Promise<BackupSummary> {
  const rows = new Map<string, number>();
  let header: BackupHeader | undefined;
  let table = '';
  for await (const part of readContent(readSealed(file, key))) {
    if (part.kind === 'header') header = part.header;
    if (part.kind === 'table') {
      table = part.table;
      rows.set(table, 0);
    }
    if (part.kind === 'row') rows.set(table, (rows.get(table) ?? 0) + 1);
  }
  if (!header) throw new BackupError(`${file} is empty.`);
  return { header, rows };
}
