import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Problem } from '../../contracts/problem';
import { isObject, pathTo, textAt } from '../json';
import type { DocumentText, JsonValue, Manifest, ObjectOrigin } from '../kubernetes-object';
import { fencedBlocks, splitDocuments } from './documents';
import { findFiles, unreadable } from './files';
import { parseJson, parseYaml, type YamlFault } from './yaml';

/** Something that could not be read. Line and column are from 1. */
export interface InputProblem extends Problem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What was read from files, folders and standard input. */
export interface LoadedManifests {
  /** In the order of the input. */
  readonly manifests: Manifest[];
  readonly problems: InputProblem[];
  /** Files that were looked at. */
  readonly files: number;
  /** Files without any Kubernetes object in them (values.yaml, kustomization.yaml and its patches …). */
  readonly skippedFiles: number;
  /** YAML documents or fenced blocks without a Kubernetes object, in files that have others. */
  readonly skippedDocuments: number;
}

const GUIDE = new Set(['.md', '.markdown', '.mdx', '.txt']);

/**
 * Reads manifests from files, from folders (all `*.yaml`, `*.yml` and `*.json` below) and, for `-`, from what came on
 * standard input.
 * Guides (`.md`, `.txt`) give what stands in their fenced YAML blocks. Never throws for what an input holds: every
 * problem is in the result, beside all that could be read.
 */
export function loadManifests(
  paths: readonly string[],
  standardInput: Uint8Array = new Uint8Array(),
): LoadedManifests {
  const { files, patches, problems } = findFiles(paths);
  const manifests: Manifest[] = [];
  const allProblems: InputProblem[] = [...problems];
  let skippedFiles = patches;
  let skippedDocuments = 0;
  for (const path of files) {
    const name = path === '-' ? '<stdin>' : path;
    let text: string;
    try {
      text = decode(path === '-' ? standardInput : readFileSync(path));
    } catch (error) {
      allProblems.push(unreadable(name, error));
      continue;
    }
    const read = readText(text, name);
    if (read.manifests.length === 0 && read.problems.length === 0) skippedFiles += 1;
    else skippedDocuments += read.skipped;
    for (const manifest of read.manifests) manifests.push(manifest);
    allProblems.push(...read.problems);
  }
  return { manifests, problems: allProblems, files: files.length + patches, skippedFiles, skippedDocuments };
}

interface ReadText {
  readonly manifests: Manifest[];
  readonly problems: InputProblem[];
  skipped: number;
}

/** Reads the manifests of one text; what it is follows from its name and its first characters. */
export function readText(text: string, file: string): ReadText {
  const read: ReadText = { manifests: [], problems: [], skipped: 0 };
  if (text.includes('\0')) {
    read.problems.push({ ...binary, file });
  } else if (isGuide(text, file)) {
    for (const block of fencedBlocks(text)) readBlock(block, file, read);
  } else if (/^\s*[[{]/.test(text)) {
    const value = parseJson(text);
    if (value === undefined && extname(file) === '.json' && !claimsToBeObject(text)) {
      read.skipped += 1; // settings of some tool, with comments perhaps
    } else if (value === undefined) readDocuments(splitDocuments(text), file, read);
    else collect(value, { file, document: { text, firstLine: 1 } }, read);
  } else {
    readDocuments(splitDocuments(text), file, read);
  }
  return read;
}

function isGuide(text: string, file: string): boolean {
  return (
    GUIDE.has(extname(file).toLowerCase()) || (file === '<stdin>' && /^\s*```(?:ya?ml|json)\b/im.test(text))
  );
}

function readBlock(block: ReturnType<typeof fencedBlocks>[number], file: string, read: ReadText): void {
  for (const part of splitDocuments(block.text)) {
    const document = { ...part, firstLine: block.firstLine + part.firstLine - 1, indent: block.indent };
    // Guides quote fragments and templates; only what claims to be an object can be a broken one.
    if (claimsToBeObject(document.text)) readDocuments([document], file, read);
    else read.skipped += 1;
  }
}

function readDocuments(documents: readonly DocumentText[], file: string, read: ReadText): void {
  for (const document of documents) {
    const { value, faults } = parseYaml(document.text);
    for (const fault of faults) read.problems.push(faultProblem(fault, document, file, value === undefined));
    if (value !== undefined) collect(value, { file, document }, read);
  }
}

function claimsToBeObject(text: string): boolean {
  return ['apiVersion', 'kind'].every((key) => new RegExp(`(?:^|[\\s{,])["']?${key}["']?\\s*:`).test(text));
}

/** Takes the objects out of a document: itself, the items of its Lists, or of a plain list. */
function collect(value: JsonValue, origin: ObjectOrigin, read: ReadText): void {
  const before = read.manifests.length;
  for (const manifest of objectsIn(value, origin)) read.manifests.push(manifest);
  if (read.manifests.length === before && value !== null) read.skipped += 1;
}

/** The Kubernetes objects in a value: itself, or the items of a List or an array, however nested. */
export function* objectsIn(value: JsonValue, origin: ObjectOrigin): Generator<Manifest> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* objectsIn(item, { ...origin, item: pathTo(origin.item ?? '', index) });
  } else if (isObject(value)) {
    const kind = textAt(value, 'kind');
    if (kind === undefined || textAt(value, 'apiVersion') === undefined) return;
    if (kind.endsWith('List') && Array.isArray(value.items)) {
      for (const [index, item] of value.items.entries()) {
        yield* objectsIn(item, { ...origin, item: pathTo(origin.item ?? '', 'items', index) });
      }
    } else if (!isBuildFile(value)) {
      yield { manifest: value, origin };
    }
  }
}

/** Files in the shape of objects that are read by tools on a desk, never sent to a cluster. */
function isBuildFile(value: JsonValue): boolean {
  const apiVersion = textAt(value, 'apiVersion') ?? '';
  return (
    /^(?:kustomize\.config\.k8s\.io|skaffold|kind\.x-k8s\.io|eksctl\.io|config\.k8s\.io)\//.test(
      apiVersion,
    ) ||
    (apiVersion === 'v1' && textAt(value, 'kind') === 'Config')
  );
}

function faultProblem(
  fault: YamlFault,
  document: DocumentText,
  file: string,
  isUnread: boolean,
): InputProblem {
  const place = {
    file,
    path: '',
    value: undefined,
    line: document.firstLine + fault.line - 1,
    column: fault.column + (document.indent ?? 0),
  };
  if (isUnread && isTemplate(document.text)) {
    return {
      ...place,
      reason: 'this is a template, not YAML',
      mend: 'render it first, as with: helm template RELEASE CHART | polypod check -',
    };
  }
  return { ...place, reason: `this is not valid YAML: ${fault.reason}`, mend: 'mend the YAML at this place' };
}

function isTemplate(text: string): boolean {
  const open = text.indexOf('{{');
  return open !== -1 && text.includes('}}', open);
}

const binary: Problem = {
  path: '',
  value: undefined,
  reason: 'it is a binary file',
  mend: 'name files of YAML or JSON text',
};

/** UTF-8, or UTF-16 with a byte order mark, which PowerShell's `>` writes. */
function decode(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  const content = Buffer.from(buffer, byteOffset, byteLength);
  if (content[0] === 0xff && content[1] === 0xfe) return content.toString('utf16le', 2);
  const text = content.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
