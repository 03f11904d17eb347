import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { bootId, ifThere, writeAtomically } from './files.js';
import { drop, type HttpClient, type HttpResponse } from './http-client.js';
import { type RemoteFile, refuse } from './hub.js';
import { digestOf } from './manifest.js';
import { retry } from './retry.js';
import { TransferError, transferError } from './transfer-error.js';

export interface DownloadOptions {
  readonly http: HttpClient;
  readonly attempts: number;
  readonly signal: AbortSignal;
  /** Bytes of the file that are there by now, and in all where that is known. */
  readonly onBytes: (received: number, total: number | undefined) => void;
  readonly onNotice: (text: string) => void;
  /** Asked before bytes are written: throws if there is no room for so many. */
  readonly makeRoom: (bytes: number) => Promise<void>;
  readonly firstWait?: number;
}

export interface DownloadPaths {
  readonly file: string;
  /** Holds what the file belongs to while it is not whole. */
  readonly state: string;
}

export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  readonly etag?: string;
  readonly commit?: string;
}

/** What a started download belongs to: it is only gone on with if the server still has the same. */
const stateSchema = z.object({
  /** Of the URL, whose query may hold a signature. */
  urlDigest: z.string(),
  validator: z.string().optional(),
  total: z.number().optional(),
  etag: z.string().optional(),
  commit: z.string().optional(),
  sha256: z.string().optional(),
  /** The machine that wrote it, since it started. */
  boot: z.string(),
});
type State = z.infer<typeof stateSchema>;

/**
 * Downloads a file to `path`, going on from what an earlier attempt, of this process or of another, left there. The
 * file is whole, checked and on disk when it returns.
 */
export async function download(
  file: RemoteFile,
  paths: DownloadPaths,
  options: DownloadOptions,
): Promise<Downloaded> {
  await Promise.all([paths.file, paths.state].map((path) => mkdir(dirname(path), { recursive: true })));
  let mismatches = 0;
  return retry(async (progressed) => {
    const { state, digests, bytes } = await transfer(file, paths, options, progressed);
    const fault = mismatch(file, state, bytes, digests);
    if (fault === undefined) {
      return {
        bytes,
        sha256: digests.sha256,
        ...(state.etag !== undefined && { etag: state.etag }),
        ...(state.commit !== undefined && { commit: state.commit }),
      };
    }
    await Promise.all([paths.file, paths.state].map((path) => rm(path, { force: true })));
    // Once may be an accident on the way; twice is what the server has.
    throw new TransferError(`${shown(file)}: ${fault}`, ++mismatches < 2);
  }, options);
}

interface Transferred {
  readonly state: State;
  readonly bytes: number;
  readonly digests: Digests;
}

interface Digests {
  readonly sha256: string;
  /** Git's id of a blob with this content, where it is asked for. */
  readonly gitBlob?: string;
}

async function transfer(
  file: RemoteFile,
  { file: path, state: statePath }: DownloadPaths,
  { http, signal, onBytes, makeRoom }: DownloadOptions,
  progressed: () => void,
): Promise<Transferred> {
  const before = await startedState(file, statePath);
  const known = before ? ((await ifThere(stat(path)))?.size ?? 0) : 0;
  if (before && before.total !== undefined && known === before.total) {
    const content = await hashed(path, known, gitTotal(file, before), signal);
    return { state: before, bytes: known, digests: content.digests() };
  }
  const resume = before?.validator !== undefined && known > 0 ? before.validator : undefined;
  const headers: Record<string, string> =
    resume === undefined ? {} : { range: `bytes=${known}-`, 'if-range': resume };
  const response = await http.get(file.url, headers, signal);
  if (response.status === 416) {
    await drop(response.body);
    await rm(path, { force: true });
    throw new TransferError(
      `${shown(file)}: ${response.host} has no such range; it is fetched from the start.`,
      true,
    );
  }
  await refuse(response, shown(file));
  const start = response.status === 206 ? rangeStart(response, known, before) : 0;
  if (start === undefined) {
    response.body.destroy();
    await rm(path, { force: true });
    throw new TransferError(`${shown(file)} has changed on the way; it is fetched from the start.`, true);
  }
  const state = start > 0 && before ? before : await newState(file, response);
  if (file.sha256 !== undefined && state.sha256 !== undefined && file.sha256 !== state.sha256) {
    response.body.destroy();
    const mend = 'Check models[].sha256 and revision.';
    throw new TransferError(
      `${shown(file)}: the Hub says its sha256 is ${state.sha256}, not ${file.sha256}. ${mend}`,
      false,
    );
  }
  if (state.total !== undefined) await makeRoom(state.total - start);
  if (state !== before) await writeAtomically(statePath, JSON.stringify(state));

  const content = await hashed(path, start, gitTotal(file, state), signal);
  const handle = await open(path, start === 0 ? 'w' : 'r+');
  let bytes = start;
  try {
    onBytes(bytes, state.total);
    for await (const chunk of response.body) {
      if (state.total !== undefined && bytes + chunk.length > state.total) {
        throw new TransferError(`${shown(file)}: ${response.host} sent more than it said.`, true);
      }
      await write(handle, chunk, bytes);
      content.update(chunk);
      bytes += chunk.length;
      progressed();
      onBytes(bytes, state.total);
    }
    await handle.sync();
  } catch (error) {
    response.body.destroy();
    signal.throwIfAborted();
    throw transferError(error, response.host);
  } finally {
    await handle.close();
  }
  if (state.total !== undefined && bytes < state.total) {
    throw new TransferError(
      `${shown(file)}: ${response.host} broke off after ${bytes} of ${state.total} bytes.`,
      true,
    );
  }
  return { state, bytes, digests: content.digests() };
}

async function write(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
    written += bytesWritten;
  }
}

/** What an earlier attempt noted; `undefined` if it was about something else. */
async function startedState(file: RemoteFile, path: string): Promise<State | undefined> {
  const text = await ifThere(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    const state = stateSchema.parse(JSON.parse(text));
    if (state.urlDigest !== digestOf(file.url.href)) return undefined;
    // What a machine had not yet written when it went down is a hole, and only a checksum would find it.
    const isChecked = (file.sha256 ?? state.sha256 ?? file.gitBlob) !== undefined;
    return isChecked || state.boot === (await bootId()) ? state : undefined;
  } catch {
    return undefined;
  }
}

async function newState(file: RemoteFile, { headers, trail }: HttpResponse): Promise<State> {
  const first = (name: string) =>
    trail.map((each) => each.get(name)).find((value) => value !== null) ?? undefined;
  const etag = headers.get('etag') ?? undefined;
  const linked = first('x-linked-etag')
    ?.replace(/^(W\/)?"?|"$/g, '')
    .toLowerCase();
  const commit = first('x-repo-commit');
  const total = headers.has('content-encoding') ? undefined : wholeNumber(headers.get('content-length'));
  // Only a strong validator says that the bytes are the same.
  const validator = etag?.startsWith('W/') === false ? etag : (headers.get('last-modified') ?? undefined);
  return {
    urlDigest: digestOf(file.url.href),
    boot: await bootId(),
    ...(validator !== undefined && { validator }),
    ...(total !== undefined && { total }),
    ...(etag !== undefined && { etag }),
    ...(commit !== undefined && { commit }),
    ...(linked !== undefined && /^[0-9a-f]{64}$/.test(linked) && { sha256: linked }),
  };
}

/** Where a partial answer begins; `undefined` if it is not the rest of what is there. */
function rangeStart({ headers }: HttpResponse, known: number, before: State | undefined): number | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  const etag = headers.get('etag');
  if (!match || Number(match[1]) !== known || known === 0) return undefined;
  if (before?.total !== undefined && match[2] !== '*' && Number(match[2]) !== before.total) return undefined;
  if (before?.etag !== undefined && etag !== null && etag !== before.etag) return undefined;
  return known;
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** What is wrong with a file that was received; `undefined` if nothing is. */
function mismatch(file: RemoteFile, state: State, bytes: number, digests: Digests): string | undefined {
  if (file.bytes !== undefined && file.bytes !== bytes) {
    return `it has ${bytes} bytes, and should have ${file.bytes}.`;
  }
  const sha256 = file.sha256 ?? state.sha256;
  if (sha256 !== undefined && sha256 !== digests.sha256) {
    return `its sha256 is ${digests.sha256}, and should be ${sha256}. Check models[].sha256 and revision; the file is not kept.`;
  }
  if (digests.gitBlob !== undefined && file.gitBlob !== digests.gitBlob) {
    return `its content is not that of the Hub's blob ${file.gitBlob}. The file is not kept.`;
  }
  return undefined;
}

/** Git hashes the length first, so it must be known. */
function gitTotal(file: RemoteFile, state: State): number | undefined {
  return file.gitBlob === undefined ? undefined : state.total;
}

/** Hashes of a file's first bytes, to go on with. */
async function hashed(path: string, bytes: number, gitTotal: number | undefined, signal: AbortSignal) {
  const hashes = new ContentHashes(gitTotal);
  if (bytes > 0) {
    for await (const chunk of createReadStream(path, { end: bytes - 1, highWaterMark: 1 << 20, signal })) {
      hashes.update(chunk);
    }
  }
  return hashes;
}

class ContentHashes {
  private readonly sha256 = createHash('sha256');
  private readonly gitBlob: Hash | undefined;

  constructor(gitTotal: number | undefined) {
    this.gitBlob = gitTotal === undefined ? undefined : createHash('sha1').update(`blob ${gitTotal}\0`);
  }

  update(chunk: Buffer): void {
    this.sha256.update(chunk);
    this.gitBlob?.update(chunk);
  }

  digests(): Digests {
    const gitBlob = this.gitBlob?.digest('hex');
    return { sha256: this.sha256.digest('hex'), ...(gitBlob !== undefined && { gitBlob }) };
  }
}

function shown({ url }: RemoteFile): string {
  return `${url.origin}${url.pathname}`;
}
