import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { modelPath } from '../../contract.cjs';
import { ifThere, sha256Of, writeAtomically } from './files.js';
import type { ModelReference } from './model-store.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.object({
  version: z.literal(1),
  /** As it may be shown. */
  source: z.string(),
  /** Tells whether it is this source, query included, that was fetched. */
  sourceDigest: sha256,
  revision: z.string().optional(),
  /** The commit that the revision was. */
  commit: z.string().optional(),
  fetchedAt: z.iso.datetime(),
  files: z.array(
    z.object({
      /** Below the store. */
      path: z.string(),
      bytes: z.int().min(0),
      sha256,
      etag: z.string().optional(),
      /** Milliseconds since 1970: a file that was not written since needs no new checksum. */
      modified: z.int(),
    }),
  ),
});

/** What a model's files must be: written last, so that a model without it is not all there. */
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

/** Where the store keeps what is not a model's own: manifests, locks, downloads that have begun. */
export const HOUSEKEEPING = '.polypod';

/** A model's folder below {@link HOUSEKEEPING}. */
export function housekeeping(store: string, source: string): string {
  const path = modelPath(source, '');
  const name = basename(path).slice(0, 100);
  return join(store, HOUSEKEEPING, `${name}-${digestOf(path).slice(0, 12)}`);
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const FILE = 'manifest.json';

/** `undefined` where there is none, or none that can be read: then the model is fetched anew. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await ifThere(readFile(join(folder, FILE), 'utf8'));
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  return writeAtomically(join(folder, FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

export function removeManifest(folder: string): Promise<void> {
  return rm(join(folder, FILE), { force: true });
}

/** Whether the manifest is of what the configuration asks for. */
export function describes(manifest: Manifest, model: ModelReference, store: string): boolean {
  const [first] = manifest.files;
  const named =
    manifest.files.find(({ path }) => join(store, path) === modelPath(model.source, store)) ?? first;
  const sameContent = model.sha256 !== undefined && named?.sha256 === model.sha256;
  if (model.sha256 !== undefined && !sameContent) return false;
  if (manifest.sourceDigest !== digestOf(model.source) && !sameContent) return false;
  return sameRevision(manifest, model.revision) || sameContent;
}

function sameRevision({ revision, commit }: Manifest, wanted: string | undefined): boolean {
  return wanted === revision || (wanted !== undefined && wanted === commit);
}

/** What is wrong with a file; `undefined` if nothing is. Its content is read if it was written since, or `thorough`. */
export async function faultOf(
  store: string,
  file: ManifestFile,
  options: {
    readonly thorough?: boolean;
    readonly signal?: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
  },
): Promise<string | undefined> {
  const path = join(store, file.path);
  const found = await ifThere(stat(path));
  if (!found) return 'is not there';
  if (!found.isFile()) return 'is no file';
  if (found.size !== file.bytes) {
    const what = found.size < file.bytes ? 'is truncated' : 'is too long';
    return `${what}: it has ${found.size} bytes, and should have ${file.bytes}`;
  }
  if (!options.thorough && Math.floor(found.mtimeMs) === file.modified) return undefined;
  const content = await sha256Of(path, options);
  return content === file.sha256
    ? undefined
    : `was changed: its sha256 is ${content}, and should be ${file.sha256}`;
}
