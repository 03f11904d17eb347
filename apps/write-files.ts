import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidInputError } from '../constructs/contracts/problem';

/**
 * Writes a set of files into a folder: all of them, or none when one can't be written. Other files of the
 * folder are left alone.
 *
 * @param directory made where it does not exist
 * @param files relative path → content
 * @throws InvalidInputError where the folder can't take them
 */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  const written: { temporary: string; target: string }[] = [];
  try {
    for (const [name, content] of files) {
      const target = join(directory, name);
      const temporary = `${target}.${process.pid}.tmp`;
      makeFolder(dirname(target));
      written.push({ temporary, target });
      writeFileSync(temporary, content);
    }
    for (const { temporary, target } of written) renameSync(temporary, target);
  } catch (error) {
    for (const { temporary } of written) rmSync(temporary, { force: true });
    throw unwritable(directory, error);
  }
}

/** As a recursive `mkdirSync`, which never ends where the file system takes no folders, as in /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

function unwritable(directory: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const [reason, mend] = REASONS[code] ?? [message, 'name another folder with -o'];
  return new InvalidInputError(directory, [{ path: '', value: undefined, reason, mend }]);
}

const REASONS: Readonly<Record<string, readonly [reason: string, mend: string]>> = {
  EEXIST: ['is a file, and a folder is meant', 'name a folder with -o'],
  ENOTDIR: ['lies below a file', 'name another folder with -o'],
  EISDIR: ['holds a folder where a manifest is to be written', 'name another folder with -o'],
  ENOENT: ['lies where no folder can be made', 'name another folder with -o'],
  EACCES: ['may not be written', 'name another folder with -o'],
  EPERM: ['may not be written', 'name another folder with -o'],
  EROFS: ['is on a read-only file system', 'name another folder with -o'],
  ENOSPC: ['has no space left', 'make space, or name another folder with -o'],
};
