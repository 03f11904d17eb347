import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { closest } from '../../../constructs/contracts/closest';
import { InvalidInputError } from '../../../constructs/contracts/problem';

const MAX_BYTES = 2 ** 20;

/** Reads the text of a topology file. Throws an InvalidInputError that says why it can't be read. */
export function readText(path: string): string {
  const refuse = (reason: string, mend: string) =>
    new InvalidInputError(path, [{ path: '', value: undefined, reason, mend }]);
  let bytes: Buffer;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw refuse('is a folder', 'name the files in it');
    if (stats.size > MAX_BYTES) {
      throw refuse(
        `is ${(stats.size / MAX_BYTES).toFixed(1)} MiB; a topology file is at most 1 MiB`,
        'name a topology file',
      );
    }
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw refuse(...unreadable(path, error));
  }
  // /dev/stdin and other pipes say their size only when they are read.
  if (bytes.length > MAX_BYTES) throw refuse('is larger than 1 MiB', 'name a topology file');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Falls through: not UTF-8.
  }
  throw refuse('is not a text in UTF-8', 'name a YAML or JSON file, saved as UTF-8');
}

function unreadable(path: string, error: unknown): [string, string] {
  const code = errorCode(error) ?? '';
  if (code === 'EACCES' || code === 'EPERM') return ['may not be read', 'give yourself the right to read it'];
  if (code !== 'ENOENT' && code !== 'ENOTDIR')
    return [`can't be read (${code || String(error)})`, 'name a readable file'];
  const near = closest(
    basename(path),
    siblings(path).filter((name) => name !== basename(path)), // a link that leads nowhere
  );
  return [
    'is not there',
    near === undefined ? 'check its path, or write one with `polypod init`' : `did you mean ${near}?`,
  ];
}

function siblings(path: string): string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}

/** The code of a failed system call: `ENOENT`, `EACCES`, … */
function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
