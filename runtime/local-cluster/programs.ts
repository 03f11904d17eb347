import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's packages of those programs, by program, that are not on PATH. */
export function missingPrograms(packages: Readonly<Record<string, string>>): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return Object.entries(packages)
    .filter(([program]) => !folders.some((folder) => isExecutable(join(folder, program))))
    .map(([, name]) => name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
