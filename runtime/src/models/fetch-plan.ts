import { modelPath } from '../../contract.cjs';
import type { HttpClient } from './http-client.js';
import { hubFileUrl, hubRepository, type RemoteFile } from './hub.js';
import type { ModelSource } from './model-source.js';
import type { ModelReference } from './model-store.js';

/** A file, and where it is to be published. */
export interface PlannedFile extends RemoteFile {
  /** Below the store. */
  readonly path: string;
}

/** What must be fetched for a model. */
export interface FetchPlan {
  /** A folder, published as a whole. */
  readonly isFolder: boolean;
  readonly files: readonly PlannedFile[];
  readonly commit?: string;
}

/** What a model on the web consists of. Asks the Hub where that is not known from its name. */
export async function planFetch(
  source: Extract<ModelSource, { kind: 'hf' | 'https' }>,
  model: ModelReference,
  http: HttpClient,
  signal: AbortSignal,
): Promise<FetchPlan> {
  if (source.kind === 'https') {
    return singleFile(model, source.url.pathname, (path) => {
      const url = new URL(source.url);
      url.pathname = path;
      return url;
    });
  }
  const repository = `${source.owner}/${source.repository}`;
  if (source.file !== undefined) {
    return singleFile(model, source.file, (file) => hubFileUrl(http, repository, file, model.revision));
  }
  const { files, commit } = await hubRepository(http, repository, model.revision, signal);
  const folder = modelPath(model.source, '').slice(1);
  return {
    isFolder: true,
    ...(commit !== undefined && { commit }),
    files: files.map((file) => ({ ...file, path: `${folder}/${file.name}` })),
  };
}

/** A file, or all parts of it. The one that is named comes first. */
function singleFile(model: ModelReference, path: string, urlOf: (path: string) => URL): FetchPlan {
  const parts = Number(PART.exec(path)?.[2] ?? 1);
  const files = Array.from({ length: parts }, (_, index) => {
    const target = modelPath(part(model.source, index), '').slice(1);
    const sha256 = index === 0 ? model.sha256 : undefined;
    return {
      url: urlOf(part(path, index)),
      name: target.slice(target.lastIndexOf('/') + 1),
      path: target,
      ...(sha256 !== undefined && { sha256 }),
    };
  });
  return { isFolder: false, files };
}

/** A GGUF may be split; whoever loads its first part looks for the others beside it. */
const PART = /-00001(-of-(\d{5})\.gguf)(?=$|[?#])/;

function part(path: string, index: number): string {
  return path.replace(PART, `-${String(index + 1).padStart(5, '0')}$1`);
}
