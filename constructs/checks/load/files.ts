import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Problem } from '../../contracts/problem';

/** Folders that hold no manifests of one's own. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.terraform', '.venv']);
const MANIFEST = /\.(?:ya?ml|json)$/i;

/** Files to read, in a stable order. */
export interface FoundFiles {
  readonly files: string[];
  readonly problems: (Problem & { readonly file: string })[];
}

/** Finds the manifests below the given paths. Folders are searched once each, however links lead to them. */
export function findFiles(paths: readonly string[]): FoundFiles {
  const found: FoundFiles = { files: [], problems: [] };
  const seenFolders = new Set<string>();
  const seenFiles = new Set<string>();
  for (const path of paths) {
    try {
      const status = path === '-' ? undefined : statSync(path);
      if (status?.isDirectory()) searchFolder(path, found, seenFolders, seenFiles);
      else if (status?.isCharacterDevice() || status?.isBlockDevice()) found.problems.push(device(path));
      else addFile(path, found, seenFiles);
    } catch (error) {
      found.problems.push(unreadable(path, error));
    }
  }
  return found;
}

function searchFolder(
  folder: string,
  found: FoundFiles,
  seenFolders: Set<string>,
  seenFiles: Set<string>,
): void {
  const real = realpathSync(folder);
  if (seenFolders.has(real)) return;
  seenFolders.add(real);
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const isChart = entries.some((entry) => entry.name === 'Chart.yaml');
  for (const entry of entries) {
    const path = join(folder, entry.name);
    try {
      const status = entry.isSymbolicLink() ? statSync(path) : entry;
      if (status.isDirectory()) {
        if (SKIPPED_FOLDERS.has(entry.name)) continue;
        if (isChart && entry.name === 'templates') found.problems.push(helmChart(path, folder));
        else searchFolder(path, found, seenFolders, seenFiles);
      } else if (status.isFile() && MANIFEST.test(entry.name)) {
        addFile(path, found, seenFiles);
      }
    } catch (error) {
      found.problems.push(unreadable(path, error));
    }
  }
}

/** A file that is named twice, by its name and by its folder's, is read once. */
function addFile(path: string, found: FoundFiles, seenFiles: Set<string>): void {
  const absolute = path === '-' ? path : resolve(path);
  if (seenFiles.has(absolute)) return;
  seenFiles.add(absolute);
  found.files.push(path);
}

function device(path: string) {
  return {
    file: path,
    path: '',
    value: undefined,
    reason: 'it is a device',
    mend: 'name files, folders, or - for standard input',
  };
}

function helmChart(path: string, chart: string) {
  return {
    file: path,
    path: '',
    value: undefined,
    reason: 'these are the templates of a Helm chart, not manifests',
    mend: `render them first: helm template RELEASE ${chart} | polypod check -`,
  };
}

/** Why a file or folder can't be read, in words. */
export function unreadable(file: string, error: unknown): Problem & { readonly file: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  const [reason, mend] = REASONS[code ?? ''] ?? [message, 'make it readable, or leave it out'];
  return { file, path: '', value: undefined, reason, mend };
}

const REASONS: Readonly<Record<string, readonly [reason: string, mend: string]>> = {
  ENOENT: ['there is no such file or folder', 'check the path'],
  EACCES: ['it may not be read by this user', 'give read permission, or leave it out'],
  ELOOP: ['its symbolic links lead in a circle', 'mend the link, or leave it out'],
  ERR_FS_FILE_TOO_LARGE: ['it is bigger than 2 GiB', 'split it'],
  ERR_STRING_TOO_LONG: ['it is bigger than 512 MiB', 'split it'],
};
