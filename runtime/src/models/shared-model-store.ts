import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { modelPath } from '../../contract.cjs';
import { EngineError } from '../engine/engine-error.js';
import { ifThere, sha256Of } from './files.js';
import { writeDemoModel } from './gguf/demo-model.js';
import { HttpClient } from './http-client.js';
import {
  describes,
  faultOf,
  HOUSEKEEPING,
  housekeeping,
  type Manifest,
  readManifest,
  removeManifest,
} from './manifest.js';
import { downloadModel, INCOMING } from './model-download.js';
import { type ModelSource, parseSource, shownSource } from './model-source.js';
import type { FetchOptions, FetchProgress, ModelReference, ModelStore } from './model-store.js';
import { LOCK_TIMES, type LockTimes, StoreLock } from './store-lock.js';
import { transferError } from './transfer-error.js';

export interface SharedModelStoreOptions {
  /** The folder that all nodes share. */
  readonly directory: string;
  readonly hubEndpoint: string;
  readonly hubTokenFile?: string;
  readonly downloads: {
    readonly attempts: number;
    readonly stallSeconds: number;
    /** Files of one model that are fetched at once. */
    readonly parallel: number;
  };
  readonly lockTimes?: LockTimes;
  /** Milliseconds until the second attempt at a download. */
  readonly firstWait?: number;
}

/** How a model in the store is. */
export interface StoredModel {
  readonly source: string;
  readonly path: string;
  readonly state: 'whole' | 'damaged' | 'missing' | 'incomplete';
  readonly bytes: number;
  /** What is wrong, file by file. */
  readonly faults: readonly string[];
  readonly manifest?: Manifest;
}

const FILE_MEND = 'check models[].source, and sha256';
const MEND = 'fetch it again with polypod-runtime models pull';

type WebSource = Extract<ModelSource, { kind: 'hf' | 'https' }>;

/**
 * The models of all nodes, in one folder that they share. Whichever node comes first fetches a model and the others
 * wait for it. A model is published by renaming, then its manifest says what its files must be.
 */
export class SharedModelStore implements ModelStore {
  private readonly directory: string;

  constructor(private readonly options: SharedModelStoreOptions) {
    this.directory = options.directory;
  }

  async fetch(model: ModelReference, options: FetchOptions): Promise<string> {
    return this.get(model, options, false);
  }

  /** As {@link fetch}, but fetches again what is damaged. */
  async pull(model: ModelReference, options: FetchOptions): Promise<string> {
    return this.get(model, options, true);
  }

  /** How a model is. `thorough` reads all its files, whether or not they were written since. */
  async check(
    model: ModelReference,
    options: {
      readonly thorough?: boolean;
      readonly signal?: AbortSignal;
      readonly onProgress?: FetchOptions['onProgress'];
    } = {},
  ): Promise<StoredModel> {
    const source = parseSource(model.source);
    if (source.kind === 'file' || source.kind === 'demo')
      return this.checkLocal(source, model, options.signal);
    const path = modelPath(model.source, this.directory);
    const folder = housekeeping(this.directory, model.source);
    const manifest = await readManifest(folder);
    const common = { source: shownSource(model.source), path };
    if (!manifest || !describes(manifest, model, this.directory)) {
      const begun = (await ifThere(readdir(join(folder, INCOMING)))) !== undefined;
      return {
        ...common,
        state: begun ? 'incomplete' : 'missing',
        bytes: 0,
        faults: [`${path} is not there`],
      };
    }
    const faults: string[] = [];
    const totalBytes = bytesOf(manifest);
    let done = 0;
    for (const file of manifest.files) {
      const onBytes = (bytes: number) =>
        options.onProgress?.({ phase: 'verifying', receivedBytes: done + bytes, totalBytes });
      const fault = await faultOf(this.directory, file, { ...options, onBytes });
      if (fault !== undefined) faults.push(`${join(this.directory, file.path)} ${fault}`);
      done += file.bytes;
    }
    return { ...common, state: faults.length > 0 ? 'damaged' : 'whole', bytes: totalBytes, faults, manifest };
  }

  /** Everything that was ever fetched into the store and is still there. */
  async list(): Promise<readonly Manifest[]> {
    const folders = (await ifThere(readdir(join(this.directory, HOUSEKEEPING)))) ?? [];
    const manifests = await Promise.all(
      folders.sort().map((folder) => readManifest(join(this.directory, HOUSEKEEPING, folder))),
    );
    return manifests.flatMap((manifest) => manifest ?? []);
  }

  /** Removes a model's files but those that another model has too. Returns the bytes that are free again. */
  async remove(source: string): Promise<number> {
    const { kind } = parseSource(source);
    if (kind === 'file')
      throw new EngineError('bad_model', `${source} lies outside the store and is not removed.`);
    if (kind === 'demo') {
      await rm(modelPath(source, this.directory), { force: true });
      return 0;
    }
    const lock = await this.lockToRemove(source);
    try {
      return await this.removeFiles(housekeeping(this.directory, source));
    } finally {
      await lock?.release();
    }
  }

  private async lockToRemove(source: string): Promise<StoreLock | undefined> {
    const times = this.options.lockTimes ?? LOCK_TIMES;
    try {
      return await StoreLock.acquire(housekeeping(this.directory, source), {
        times,
        // Long enough to tell a dead holder from a living one.
        signal: AbortSignal.timeout(times.stale + 5 * times.poll),
        isDone: async () => false,
      });
    } catch (error) {
      if (!(error instanceof Error) || !/^(Timeout|Abort)Error$/.test(error.name)) throw error;
      throw new EngineError('unavailable', `${shownSource(source)} is being fetched: stop that first.`);
    }
  }

  private async removeFiles(folder: string): Promise<number> {
    const manifest = await readManifest(folder);
    await removeManifest(folder);
    const shared = new Set((await this.list()).flatMap(({ files }) => files.map(({ path }) => path)));
    const files = manifest?.files.filter(({ path }) => !shared.has(path)) ?? [];
    for (const { path } of files) {
      await rm(join(this.directory, path), { force: true });
      await this.removeEmptyFolders(dirname(path));
    }
    await rm(join(folder, INCOMING), { recursive: true, force: true });
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private async get(model: ModelReference, options: FetchOptions, mends: boolean): Promise<string> {
    const source = parseSource(model.source);
    try {
      if (source.kind === 'demo') await this.writeDemo();
      if (source.kind !== 'demo' && source.kind !== 'file') await this.provide(source, model, options, mends);
      const { state, faults, path } = await this.check(model, options);
      if (state === 'whole') return path;
      throw new EngineError(
        'bad_model',
        `${faults.join('; ')}: ${source.kind === 'file' ? FILE_MEND : MEND}`,
      );
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof EngineError) throw error;
      const { message, passes } = transferError(error, 'The model store');
      throw new EngineError(passes ? 'unavailable' : 'bad_model', `${shownSource(model.source)}: ${message}`);
    }
  }

  /** Sees to it that a model of the web is there. */
  private async provide(
    source: WebSource,
    model: ModelReference,
    options: FetchOptions,
    mends: boolean,
  ): Promise<void> {
    const isDone = async () => {
      const { state } = await this.check(model, options);
      return state === 'whole' || (state === 'damaged' && !mends);
    };
    if (await isDone()) return;
    const folder = housekeeping(this.directory, model.source);
    const lock = await StoreLock.acquire(folder, {
      isDone,
      signal: options.signal,
      times: this.options.lockTimes ?? LOCK_TIMES,
      onWait: ({ note }) => options.onProgress?.({ ...progressOf(note), phase: 'waiting' }),
    });
    if (!lock) return;
    const { hubEndpoint, hubTokenFile, downloads, firstWait } = this.options;
    const http = new HttpClient({ hubEndpoint, hubTokenFile, stallSeconds: downloads.stallSeconds });
    try {
      await downloadModel(source, model, {
        store: this.directory,
        http,
        lock,
        ...downloads,
        firstWait,
        signal: AbortSignal.any([options.signal, lock.lost]),
        onNotice: (text) => options.onNotice?.(text),
        onProgress: (progress) => {
          lock.note = progress;
          options.onProgress?.(progress);
        },
      });
    } catch (error) {
      throw lock.lost.aborted ? lock.lost.reason : error;
    } finally {
      await lock.release();
      await http.close();
    }
  }

  /** A file that somebody else put there, or the demonstration model. */
  private async checkLocal(
    source: Extract<ModelSource, { kind: 'demo' | 'file' }>,
    { source: text, sha256 }: ModelReference,
    signal: AbortSignal | undefined,
  ): Promise<StoredModel> {
    const path = source.kind === 'file' ? source.path : modelPath(text, this.directory);
    const found = await ifThere(stat(path));
    const common = { source: text, path, bytes: found?.isFile() ? found.size : 0 };
    if (!found) return { ...common, state: 'missing', faults: [`${path} is not there`] };
    if (sha256 === undefined) return { ...common, state: 'whole', faults: [] };
    if (!found.isFile()) {
      return { ...common, state: 'damaged', faults: [`${path} is a folder, which has no sha256`] };
    }
    const content = await sha256Of(path, { signal });
    if (content === sha256) return { ...common, state: 'whole', faults: [] };
    const fault = `${path} is not the file that was meant: its sha256 is ${content}, and should be ${sha256}`;
    return { ...common, state: 'damaged', faults: [fault] };
  }

  /** Writes the demonstration model, unless it is there as it should be. */
  private async writeDemo(): Promise<void> {
    const path = modelPath('demo:', this.directory);
    const unfinished = `${path}.${randomUUID()}`;
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeDemoModel(unfinished);
      const there = await ifThere(readFile(path));
      if (!there?.equals(await readFile(unfinished))) await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  private async removeEmptyFolders(path: string): Promise<void> {
    for (let folder = path; folder !== '.' && folder !== '/'; folder = dirname(folder)) {
      try {
        await rmdir(join(this.directory, folder));
      } catch {
        return;
      }
    }
  }
}

function bytesOf({ files }: Manifest): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What another node noted of its download. */
function progressOf(note: unknown): Omit<FetchProgress, 'phase'> {
  if (typeof note !== 'object' || note === null || !('receivedBytes' in note)) return { receivedBytes: 0 };
  const { receivedBytes } = note;
  const totalBytes = 'totalBytes' in note ? note.totalBytes : undefined;
  return {
    receivedBytes: typeof receivedBytes === 'number' ? receivedBytes : 0,
    ...(typeof totalBytes === 'number' && { totalBytes }),
  };
}
