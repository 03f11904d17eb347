import { readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { modelPath } from '../../contract.cjs';
import { type Downloaded, type DownloadPaths, download } from './download.js';
import { type FetchPlan, type PlannedFile, planFetch } from './fetch-plan.js';
import { ifThere, publish, sha256Of } from './files.js';
import type { HttpClient } from './http-client.js';
import { digestOf, housekeeping, readManifest, removeManifest, writeManifest } from './manifest.js';
import { type ModelSource, shownSource } from './model-source.js';
import type { FetchProgress, ModelReference } from './model-store.js';
import { retry } from './retry.js';
import type { StoreLock } from './store-lock.js';
import { TransferError } from './transfer-error.js';

export interface ModelDownloadOptions {
  readonly store: string;
  readonly http: HttpClient;
  readonly lock: StoreLock;
  readonly attempts: number;
  readonly parallel: number;
  readonly firstWait?: number;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
  readonly onProgress: (progress: FetchProgress) => void;
}

/** Where a model's files are until they are published, below its housekeeping folder. */
export const INCOMING = 'incoming';

/** Fetches all files of a model, and publishes them. To be called by who holds the model's lock. */
export async function downloadModel(
  source: Extract<ModelSource, { kind: 'hf' | 'https' }>,
  model: ModelReference,
  options: ModelDownloadOptions,
): Promise<void> {
  const { store, http, lock, attempts, parallel, firstWait, onNotice } = options;
  const plan = await retry(() => planFetch(source, model, http, options.signal), {
    attempts,
    firstWait,
    onNotice,
    signal: options.signal,
  });
  const folder = housekeeping(store, model.source);
  await removeUnplanned(plan, folder);
  const progress = new Progress(plan.files, options.onProgress);
  const present = new Map<PlannedFile, Downloaded>();
  await inParallel(plan.files, parallel, options.signal, async (file, signal) => {
    const found = await presentFile(file, store, signal);
    if (!found) return;
    present.set(file, found);
    progress.set(file, found.bytes, found.bytes);
  });
  const absent = plan.files.filter((file) => !present.has(file));
  await requireRoom(store, await missingBytes(absent, folder));
  const fetched = await inParallel(plan.files, parallel, options.signal, async (file, signal) => {
    const found = present.get(file);
    if (found) return found;
    return download(file, incoming(folder, file), {
      http,
      attempts,
      firstWait,
      signal,
      onNotice,
      onBytes: (bytes, total) => progress.set(file, bytes, total),
      // For as much as was known beforehand there is room.
      makeRoom: async (bytes) => {
        if (bytes > (file.bytes ?? 0)) await requireRoom(store, bytes);
      },
    });
  });
  await lock.check();
  await publishModel(model, plan, store, folder, fetched);
  await rm(join(folder, INCOMING), { recursive: true, force: true });
}

/** A file that is published already, as of a model that was damaged elsewhere, or copied there by hand. */
async function presentFile(
  file: PlannedFile,
  store: string,
  signal: AbortSignal,
): Promise<Downloaded | undefined> {
  const path = join(store, file.path);
  const found = file.sha256 === undefined ? undefined : await ifThere(stat(path));
  if (!found?.isFile() || (file.bytes !== undefined && file.bytes !== found.size)) return undefined;
  const sha256 = await sha256Of(path, { signal });
  return sha256 === file.sha256 ? { bytes: found.size, sha256 } : undefined;
}

async function publishModel(
  model: ModelReference,
  plan: FetchPlan,
  store: string,
  folder: string,
  fetched: readonly Downloaded[],
): Promise<void> {
  // A model that is being replaced is not whole until all of the new one is there.
  const replaced = await readManifest(folder);
  await removeManifest(folder);
  const target = modelPath(model.source, store);
  if (plan.isFolder && !(await ifThere(stat(target)))) {
    await publish(join(folder, INCOMING, 'files'), target);
  } else {
    for (const file of plan.files) {
      const { file: from } = incoming(folder, file);
      if (await ifThere(stat(from))) await publish(from, join(store, file.path));
    }
  }
  const paths = new Set(plan.files.map(({ path }) => path));
  for (const { path } of replaced?.files ?? []) {
    if (!paths.has(path)) await rm(join(store, path), { force: true });
  }
  const files = [];
  for (const [index, { bytes, sha256, etag }] of fetched.entries()) {
    const path = plan.files[index]?.path ?? '';
    const { mtimeMs } = await stat(join(store, path));
    files.push({ path, bytes, sha256, ...(etag !== undefined && { etag }), modified: Math.floor(mtimeMs) });
  }
  const commit = plan.commit ?? fetched.find((each) => each.commit !== undefined)?.commit;
  await writeManifest(folder, {
    version: 1,
    source: shownSource(model.source),
    sourceDigest: digestOf(model.source),
    ...(model.revision !== undefined && { revision: model.revision }),
    ...(commit !== undefined && { commit }),
    fetchedAt: new Date().toISOString(),
    files,
  });
}

function incoming(folder: string, { name }: PlannedFile): DownloadPaths {
  return {
    file: join(folder, INCOMING, 'files', name),
    state: join(folder, INCOMING, 'states', `${name}.json`),
  };
}

/** Removes what an attempt at another revision left: it would be published with the folder, and takes up room. */
async function removeUnplanned({ files }: FetchPlan, folder: string): Promise<void> {
  const root = join(folder, INCOMING);
  const planned = new Set<string>();
  const folders = new Set<string>();
  for (const each of files) {
    const { file, state } = incoming(folder, each);
    for (const path of [file, state]) {
      planned.add(path);
      for (let above = dirname(path); above !== root; above = dirname(above)) folders.add(above);
    }
  }
  for (const entry of (await ifThere(readdir(root, { recursive: true, withFileTypes: true }))) ?? []) {
    const path = join(entry.parentPath, entry.name);
    const isPlanned = (entry.isDirectory() ? folders : planned).has(path);
    if (!isPlanned) await rm(path, { recursive: true, force: true });
  }
}

/** How much must still be received of files whose sizes are known beforehand. */
async function missingBytes(files: readonly PlannedFile[], folder: string): Promise<number> {
  const missing = await Promise.all(
    files.map(async (file) => {
      const received = (await ifThere(stat(incoming(folder, file).file)))?.size ?? 0;
      return Math.max(0, (file.bytes ?? 0) - received);
    }),
  );
  return missing.reduce((sum, bytes) => sum + bytes, 0);
}

async function requireRoom(store: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(store);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const mend = 'Make room (polypod-runtime models list, models remove), or enlarge the volume.';
  throw new TransferError(
    `The model store ${store} has ${free} bytes left, and ${bytes} are missing. ${mend}`,
    false,
  );
}

/** Adds up what the files of a model have received. */
class Progress {
  private readonly received = new Map<PlannedFile, number>();
  private readonly totals = new Map<PlannedFile, number | undefined>();

  constructor(
    private readonly files: readonly PlannedFile[],
    private readonly report: (progress: FetchProgress) => void,
  ) {
    for (const file of files) this.totals.set(file, file.bytes);
  }

  set(file: PlannedFile, received: number, total: number | undefined): void {
    this.received.set(file, received);
    this.totals.set(file, total ?? file.bytes);
    let receivedBytes = 0;
    let totalBytes: number | undefined = 0;
    for (const each of this.files) {
      const whole = this.totals.get(each);
      receivedBytes += this.received.get(each) ?? 0;
      totalBytes = whole === undefined || totalBytes === undefined ? undefined : totalBytes + whole;
    }
    this.report({ phase: 'fetching', receivedBytes, ...(totalBytes !== undefined && { totalBytes }) });
  }
}

/** Does the work for all items, so many at once; the first failure stops the others. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  parallel: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await work(item, either);
      } catch (error) {
        failing.abort(error);
        throw error;
      }
    }
  };
  await Promise.allSettled(Array.from({ length: Math.min(parallel, items.length) }, worker));
  either.throwIfAborted();
  return results;
}
