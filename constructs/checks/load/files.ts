import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Problem } from '../../contracts/problem';
import { isKustomization, kustomizePatches } from './kustomize';

/** Folders that hold no manifests of one's own. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.terraform', '.venv']);
const MANIFEST = /\.(?:ya?ml|json)$/i;

/** Files to read, in a stable order. */
export interface FoundFiles {
  readonly files: readonly string[];
  /** Patches of kustomizations, which are not read. */
  readonly patches: number;
  readonly problems: readonly (Problem & { readonly file: string })[];
}

/** Finds the manifests below the given paths. Folders are searched once each, however links lead to them. */
export function findFiles(paths: readonly string[]): FoundFiles {
  const search = new Search();
  for (const path of paths) search.add(path);
  return search.found();
}

class Search {
  /** By absolute path, so that a file named twice, by its name and by its folder's, is read once. */
  private readonly files = new Map<string, string>();
  private readonly patches = new Set<string>();
  private readonly folders = new Set<string>();
  private readonly problems: (Problem & { readonly file: string })[] = [];

  add(path: string): void {
    try {
      const status = path === '-' ? undefined : statSync(path);
      if (status?.isDirectory()) this.addFolder(path);
      else if (status?.isCharacterDevice() || status?.isBlockDevice()) this.problems.push(device(path));
      else this.addFile(path);
    } catch (error) {
      this.problems.push(unreadable(path, error));
    }
  }

  found(): FoundFiles {
    let patches = 0;
    for (const patch of this.patches) if (this.files.delete(patch)) patches += 1;
    return { files: [...this.files.values()], patches, problems: this.problems };
  }

  private addFile(path: string): void {
    const absolute = path === '-' ? path : resolve(path);
    if (!this.files.has(absolute)) this.files.set(absolute, path);
  }

  private addFolder(folder: string): void {
    const real = realpathSync(folder);
    if (this.folders.has(real)) return;
    this.folders.add(real);
    const entries = readdirSync(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const isChart = entries.some(({ name }) => name === 'Chart.yaml');
    for (const entry of entries) {
      const path = join(folder, entry.name);
      try {
        if (isChart && entry.name === 'templates') this.problems.push(helmChart(path, folder));
        else this.addEntry(entry, path, folder);
      } catch (error) {
        this.problems.push(unreadable(path, error));
      }
    }
  }

  private addEntry(entry: Dirent, path: string, folder: string): void {
    const status = entry.isSymbolicLink() ? statSync(path) : entry;
    if (status.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) this.addFolder(path);
    } else if (status.isFile()) {
      if (isKustomization(entry.name)) {
        for (const patch of kustomizePatches(folder, entry.name)) this.patches.add(patch);
      }
      if (MANIFEST.test(entry.name)) this.addFile(path);
    }
  }
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
