import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a set of files into a folder: all of them, or none when one can't be written. Other files of the
 * folder are left alone.
 *
 * @param directory made where it does not exist
 * @param files relative path → content
 */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  const written: { temporary: string; target: string }[] = [];
  try {
    for (const [name, content] of files) {
      const target = join(directory, name);
      const temporary = `${target}.${process.pid}.tmp`;
      mkdirSync(dirname(target), { recursive: true });
      written.push({ temporary, target });
      writeFileSync(temporary, content);
    }
    for (const { temporary, target } of written) renameSync(temporary, target);
  } catch (error) {
    for (const { temporary } of written) rmSync(temporary, { force: true });
    throw error;
  }
}
