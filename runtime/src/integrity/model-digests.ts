import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { modelPath } from '../../contract.cjs';
import { ifThere, sha256Of } from '../models/files.js';
import { describes, housekeeping, readManifest } from '../models/manifest.js';
import type { ModelReference } from '../models/model-store.js';

/** A file of a model, as one node reads it. */
export interface FileDigest {
  readonly path: string;
  readonly bytes: number;
  /** What it is; left out if it is not there. */
  readonly sha256?: string;
  /** What it should be, where that is known: by its manifest, or the configuration. */
  readonly expected?: string;
}

interface Wanted {
  readonly path: string;
  readonly bytes: number;
  readonly expected: string | undefined;
}

/** The files of a model and their sizes, without reading them. */
export async function filesOf(store: string, model: ModelReference): Promise<readonly Wanted[]> {
  const manifest = await readManifest(housekeeping(store, model.source));
  if (manifest && describes(manifest, model, store)) {
    return manifest.files.map(({ path, bytes, sha256 }) => ({
      path: join(store, path),
      bytes,
      expected: sha256,
    }));
  }
  const path = modelPath(model.source, store);
  const found = await ifThere(stat(path));
  if (!found?.isDirectory()) return [{ path, bytes: found?.size ?? 0, expected: model.sha256 }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      return { path: file, bytes: (await stat(file)).size, expected: undefined };
    }),
  );
}

/** Reads every byte of a file. */
export async function digestOf(
  store: string,
  { path, bytes, expected }: Wanted,
  options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<FileDigest> {
  const sha256 = await ifThere(sha256Of(path, options));
  const below = relative(store, path);
  return {
    path: below.startsWith('..') ? path : below,
    bytes,
    ...(sha256 !== undefined && { sha256 }),
    ...(expected !== undefined && { expected }),
  };
}
