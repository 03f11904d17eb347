import { resolve } from 'node:path';

/** Where a model comes from, taken apart. */
export type ModelSource =
  | { readonly kind: 'demo' }
  | { readonly kind: 'file'; readonly path: string }
  /** A file of a repository on the Hugging Face Hub; without `file` the whole repository. */
  | { readonly kind: 'hf'; readonly owner: string; readonly repository: string; readonly file?: string }
  | { readonly kind: 'https'; readonly url: URL };

/** A name on the Hub: no part of it may lead elsewhere. */
const HUB_NAME = /^[A-Za-z0-9_][\w.-]*$/;

/** Takes a source apart. Throws an `Error` whose message says what is wrong with it. */
export function parseSource(source: string): ModelSource {
  if (source === 'demo:') return { kind: 'demo' };
  if (source.startsWith('file:')) return fileSource(source.replace(/^file:(\/\/(?=\/))?/, ''));
  if (source.startsWith('hf:')) return hubSource(source.slice('hf:'.length));
  if (source.startsWith('https:')) return webSource(source);
  throw new Error('it must be demo:, file:PATH, hf:owner/repository[/file] or https://…');
}

function fileSource(path: string): ModelSource {
  if (path === '') throw new Error('it must name a file: file:PATH');
  return { kind: 'file', path: resolve(path) };
}

function hubSource(name: string): ModelSource {
  const [owner = '', repository = '', ...path] = name.split('/');
  if (!HUB_NAME.test(owner) || !HUB_NAME.test(repository) || !path.every(isFileName)) {
    throw new Error('it must be hf:owner/repository or hf:owner/repository/file');
  }
  return { kind: 'hf', owner, repository, ...(path.length > 0 && { file: path.join('/') }) };
}

function webSource(source: string): ModelSource {
  const url = URL.parse(source);
  if (!url || url.hostname === '') throw new Error('it is no URL');
  if (url.username || url.password) throw new Error('it must not hold a user or password');
  if (url.pathname.endsWith('/')) throw new Error('it must name a file, not a folder');
  return { kind: 'https', url };
}

/** Whether a part of a path names something in its folder. */
export function isFileName(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return part !== '' && part !== '.' && part !== '..' && !/[\\\u0000-\u001f]/.test(part);
}

/** A source as it may be shown: the query of a URL may hold a signature. */
export function shownSource(source: string): string {
  return source.replace(/\?.*$/s, '?…');
}
