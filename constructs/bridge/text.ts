import { type Document, isCollection, parseDocument, visit, type Scalar as YamlScalar } from 'yaml';
import {
  contentHash,
  isPlaceholder,
  type PlaceholderPart,
  placeholderIndex,
  splitPlaceholders,
} from '../contracts';
import { registered, type Scalar } from './outputs';

/** Looks up the value of an output by its index; a placeholder of none stays as it is. */
export type LookUp = (index: number) => Scalar | undefined;

/**
 * A text with its placeholders replaced by their values, as the writer of the text would have written these:
 *
 * - base64 of a text with placeholders becomes base64 of the filled text;
 * - JSON has its values escaped, and YAML as a YAML writer lays it out has them quoted where they need it, so that
 *   a text stays a text and a quote mark in a password can't end it; texts inside are filled in the same way;
 * - in any other text, values stand as they are, as in a template literal.
 */
export function fillText(text: string, lookUp: LookUp): string {
  const encoded = fillBase64(text, lookUp);
  if (encoded !== undefined) return encoded;
  if (!isPlaceholder(text) && !holdsHiddenPlaceholder(text)) return text;
  return fillJson(text, lookUp) ?? fillYaml(text, lookUp) ?? fillPlain(text, lookUp);
}

/** What a text holds. */
export interface Scan {
  /** The indexes of all outputs in it, those inside base64 and hashes too. */
  readonly indexes: readonly number[];
  /** The text without them. */
  readonly rest: string;
}

export function scanText(text: string): Scan {
  const indexes = new Set<number>();
  const rest = fillText(text, (index) => {
    if (registered(index) === undefined) return undefined;
    indexes.add(index);
    return '';
  });
  return { indexes: [...indexes], rest };
}

function fillPlain(text: string, lookUp: LookUp): string {
  return splitPlaceholders(text)
    .map((part) => (typeof part === 'string' ? part : fillPart(part, lookUp)))
    .join('');
}

function fillPart(part: PlaceholderPart, lookUp: LookUp): string {
  if (part.kind === 'hash') return contentHash(fillText(part.text, lookUp), part.length);
  const value = lookUp(part.index);
  if (value === undefined) return part.found;
  return part.found.startsWith('%') ? encodeURIComponent(value) : String(value);
}

function fillBase64(text: string, lookUp: LookUp): string | undefined {
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64').toString();
  if (!isPlaceholder(decoded) || Buffer.from(decoded).toString('base64') !== text) return undefined;
  return Buffer.from(fillText(decoded, lookUp)).toString('base64');
}

const ENCODED = [...inBase64('PolypodOutput'), ...inBase64('PolypodHash')];

/** Whether a part of a text is base64 of a placeholder, or one that YAML folded over two lines. */
export function holdsHiddenPlaceholder(text: string): boolean {
  return (
    ENCODED.some((part) => text.includes(part)) ||
    (text.includes('\\\n') && isPlaceholder(text.replace(/\\\n */g, '')))
  );
}

/** What base64 makes of a word, for each of the three places in a group that it may begin at. */
export function inBase64(word: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + word).toString('base64');
    // The characters at both ends hold bits of the word's neighbours too.
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + word.length) * 8) / 6));
  });
}

/** Fills JSON token by token, so that its layout stays. */
function fillJson(text: string, lookUp: LookUp): string | undefined {
  if (!/^\s*[[{]/.test(text) || !isJson(text)) return undefined;
  return text.replace(/"(?:[^"\\]+|\\.)*"|[^"]+/g, (token) => {
    if (!token.startsWith('"')) return fillPlain(token, lookUp);
    const value: string = JSON.parse(token);
    const filled = fillText(value, lookUp);
    return filled === value ? token : JSON.stringify(filled);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** How cdk8s writes YAML, and how the `yaml` package does unless told otherwise. */
const YAML_STYLES = [{ version: '1.1', lineWidth: 0 }, {}] as const;

function fillYaml(text: string, lookUp: LookUp): string | undefined {
  if (!text.includes('\n')) return undefined;
  for (const style of YAML_STYLES) {
    const document = parseDocument(text, { ...style, logLevel: 'silent' });
    if (document.errors.length > 0 || !isCollection(document.contents)) return undefined;
    if (document.toString(style) !== text) continue;
    if (hasPlaceholderAnchor(document)) return undefined;
    visit(document, { Scalar: (_, node) => fillNode(node, lookUp) });
    return document.toString(style);
  }
  return undefined;
}

/** A placeholder that a template literal puts where a value begins reads as an anchor, not as a text. */
function hasPlaceholderAnchor(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Node: (_, node) => {
      found ||= 'anchor' in node && isPlaceholder(`&${node.anchor}`);
    },
  });
  return found;
}

function fillNode(node: YamlScalar, lookUp: LookUp): void {
  const { value } = node;
  const index = typeof value === 'number' ? placeholderIndex(value) : undefined;
  if (index !== undefined) node.value = lookUp(index) ?? value;
  else if (typeof value === 'string') node.value = fillText(value, lookUp);
  if (node.value === value) return;
  // The style was the placeholder's; the value gets its own.
  delete node.type;
  delete node.source;
  delete node.format;
}
