import { type Document, isCollection, parseDocument, visit, type Scalar as YamlScalar } from 'yaml';
import { contentHash, isPlaceholder, type PlaceholderPart, splitPlaceholders } from '../contracts';
import type { Scalar } from './outputs';

/** Looks up the value of an output by its index. */
export type LookUp = (index: number) => Scalar;

/**
 * A text with its placeholders replaced by their values, as the writer of the text would have written these:
 *
 * - a text that is one placeholder becomes its value;
 * - base64 of a text with placeholders becomes base64 of the filled text;
 * - JSON has its values escaped, and YAML as a YAML writer lays it out has them quoted where they need it, so that
 *   a text stays a text and a quote mark in a password can't end it; texts inside are filled in the same way;
 * - in any other text, values stand as they are, as in a template literal.
 */
export function fillText(text: string, lookUp: LookUp): Scalar {
  const parts = splitPlaceholders(text);
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && typeof first !== 'string')
    return valueOfPart(first, lookUp);
  const encoded = fillBase64(text, lookUp);
  if (encoded !== undefined) return encoded;
  if (parts.every((part) => typeof part === 'string') && !holdsEncodedPlaceholder(text)) return text;
  return fillJson(text, lookUp) ?? fillYaml(text, lookUp) ?? join(parts, lookUp, String);
}

/** The indexes of all outputs that a text needs, and what the text is without them. */
export function scanText(text: string): { readonly indexes: readonly number[]; readonly rest: string } {
  const indexes = new Set<number>();
  const rest = fillText(text, (index) => {
    indexes.add(index);
    return '';
  });
  return { indexes: [...indexes], rest: String(rest) };
}

function join(
  parts: readonly (string | PlaceholderPart)[],
  lookUp: LookUp,
  write: (value: Scalar) => string,
): string {
  return parts.map((part) => (typeof part === 'string' ? part : write(valueOfPart(part, lookUp)))).join('');
}

function valueOfPart(part: PlaceholderPart, lookUp: LookUp): Scalar {
  if (part.kind === 'hash') return contentHash(String(fillText(part.text, lookUp)), part.length);
  const value = lookUp(part.index);
  return part.uriEncoded ? encodeURIComponent(value) : value;
}

const ENCODED = [...inBase64('PolypodOutput'), ...inBase64('PolypodHash')];

/** Whether a part of a text is base64 of a placeholder. */
export function holdsEncodedPlaceholder(text: string): boolean {
  return ENCODED.some((part) => text.includes(part));
}

/** What base64 makes of a word, for each of the three places in a group that it may begin at. */
export function inBase64(word: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + word).toString('base64');
    // The characters at both ends hold bits of the word's neighbours too.
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + word.length) * 8) / 6));
  });
}

function fillBase64(text: string, lookUp: LookUp): string | undefined {
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64').toString();
  if (!isPlaceholder(decoded) || Buffer.from(decoded).toString('base64') !== text) return undefined;
  return Buffer.from(String(fillText(decoded, lookUp))).toString('base64');
}

function fillJson(text: string, lookUp: LookUp): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const indent = /^[[{]\n([ \t]+)/.exec(text)?.[1];
  if (JSON.stringify(value, null, indent) === text)
    return JSON.stringify(fillTree(value, lookUp), null, indent);
  // Laid out by hand: keep the layout, and escape what goes between its quote marks.
  return join(splitPlaceholders(text), lookUp, (filled) =>
    typeof filled === 'string' ? JSON.stringify(filled).slice(1, -1) : String(filled),
  );
}

function fillTree(value: unknown, lookUp: LookUp): unknown {
  if (Array.isArray(value)) return value.map((item) => fillTree(item, lookUp));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [String(fillText(key, lookUp)), fillTree(item, lookUp)]),
    );
  }
  return fillScalar(value, lookUp);
}

function fillScalar(value: unknown, lookUp: LookUp): unknown {
  if (typeof value === 'string') return fillText(value, lookUp);
  return isPlaceholder(value) ? fillText(String(value), lookUp) : value;
}

/** How cdk8s writes YAML, and how the `yaml` package does unless told otherwise. */
const YAML_STYLES = [{ version: '1.1', lineWidth: 0 }, {}] as const;

function fillYaml(text: string, lookUp: LookUp): string | undefined {
  for (const style of YAML_STYLES) {
    const document = parseDocument(text, { ...style, logLevel: 'silent' });
    if (document.errors.length > 0 || !isCollection(document.contents)) continue;
    if (document.toString(style) !== text || hasPlaceholderAnchor(document)) continue;
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
      if ('anchor' in node && isPlaceholder(`&${node.anchor}`)) found = true;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

function fillNode(node: YamlScalar, lookUp: LookUp): void {
  const filled = fillScalar(node.value, lookUp);
  if (filled === node.value) return;
  node.value = filled;
  // Its style was the placeholder's; the value gets its own.
  delete node.type;
  delete node.source;
  delete node.format;
}
