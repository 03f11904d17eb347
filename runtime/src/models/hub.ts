import { z } from 'zod';
import { drop, type HttpClient, type HttpResponse } from './http-client.js';
import { isFileName } from './model-source.js';
import { TransferError } from './transfer-error.js';

/** A file that a model consists of, as its source describes it. */
export interface RemoteFile {
  readonly url: URL;
  /** Path below the model's folder, or the file's own name. */
  readonly name: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** Git's id of the content: what the Hub knows of files that are not in LFS. */
  readonly gitBlob?: string;
}

const DEFAULT_REVISION = 'main';

/** Where a file of a repository is downloaded. */
export function hubFileUrl(http: HttpClient, repository: string, file: string, revision?: string): URL {
  return http.hubUrl(
    `/${repository}/resolve/${encodeURIComponent(revision ?? DEFAULT_REVISION)}/${file
      .split('/')
      .map(encodeURIComponent)
      .join('/')}`,
  );
}

const listing = z.object({
  sha: z.string().optional(),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().optional(),
      blobId: z.string().optional(),
      lfs: z.object({ sha256: z.string().optional(), size: z.number().optional() }).nullish(),
    }),
  ),
});

export interface HubRepository {
  readonly commit?: string;
  readonly files: readonly RemoteFile[];
}

/** The files of a repository that an engine needs, all of one commit. */
export async function hubRepository(
  http: HttpClient,
  repository: string,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<HubRepository> {
  const path = `/api/models/${repository}/revision/${encodeURIComponent(revision ?? DEFAULT_REVISION)}?blobs=true`;
  const response = await http.get(http.hubUrl(path), { accept: 'application/json' }, signal);
  await refuse(response, `hf:${repository}`);
  const parsed = listing.safeParse(await response.body.json().catch(() => undefined));
  if (!parsed.success) {
    throw new TransferError(
      `${response.host} does not list the files of ${repository} as the Hub does.`,
      true,
    );
  }
  const { sha: commit, siblings } = parsed.data;
  for (const { rfilename } of siblings) {
    if (!rfilename.split('/').every(isFileName)) {
      throw new TransferError(
        `${repository} holds a file with a name that leads elsewhere: ${rfilename}`,
        false,
      );
    }
  }
  const wanted = new Set(neededFiles(siblings.map(({ rfilename }) => rfilename)));
  if (wanted.size === 0) throw new TransferError(`hf:${repository} holds no files.`, false);
  return {
    ...(commit !== undefined && { commit }),
    files: siblings
      .filter(({ rfilename }) => wanted.has(rfilename))
      .map(({ rfilename, size, blobId, lfs }) => ({
        url: hubFileUrl(http, repository, rfilename, commit ?? revision),
        name: rfilename,
        ...((lfs?.size ?? size) !== undefined && { bytes: lfs?.size ?? size }),
        ...(lfs?.sha256 !== undefined
          ? { sha256: lfs.sha256.toLowerCase() }
          : blobId !== undefined && !lfs && { gitBlob: blobId.toLowerCase() }),
      })),
  };
}

/** Weights in other formats than safetensors: the same model once more. */
const OTHER_WEIGHTS = /\.(bin|pt|pth|ckpt|h5|msgpack|onnx|onnx_data|ot|tflite|gguf|mlmodel|pdparams|nemo)$/i;

/** Leaves out what engines that load safetensors do not read: other formats and second copies of the weights. */
function neededFiles(names: readonly string[]): string[] {
  const some = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const hasSafetensors = some(/^[^/]+\.safetensors$/);
  const isCopy = some(/^model.*\.safetensors$/) ? /^consolidated.*\.safetensors$/ : undefined;
  return names.filter(
    (name) => !/^\.git/.test(name) && !(hasSafetensors && OTHER_WEIGHTS.test(name)) && !isCopy?.test(name),
  );
}

/** Throws what an answer other than success means, and what to do. Drops its body. */
export async function refuse(response: HttpResponse, what: string): Promise<void> {
  const { status, host, trail } = response;
  if (status >= 200 && status < 300) return;
  await drop(response.body);
  const code = trail.map((headers) => headers.get('x-error-code')).find((each) => each !== null);
  const answered = `${host} answered ${status} for ${what}`;
  if (code === 'GatedRepo') {
    throw new TransferError(
      `${answered}: the model is gated. Accept its licence on the Hub and give a token that may read it (huggingFaceTokenFile).`,
      false,
    );
  }
  if (code === 'RevisionNotFound') {
    throw new TransferError(
      `${answered}: the repository has no such revision. Check models[].revision.`,
      false,
    );
  }
  if (status === 401 || status === 403) {
    throw new TransferError(
      `${answered}: it may not be read, or is not there. Check models[].source, and give a token that may read it (huggingFaceTokenFile).`,
      false,
    );
  }
  if (status === 404 || status === 410) {
    throw new TransferError(`${answered}: it is not there. Check models[].source.`, false);
  }
  const passes = status === 408 || status === 425 || status === 429 || status >= 500;
  throw new TransferError(`${answered}.`, passes, retryAfter(response.headers.get('retry-after')));
}

function retryAfter(value: string | null): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
