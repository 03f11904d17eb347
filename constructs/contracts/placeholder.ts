import { createHash } from 'node:crypto';

/**
 * What stands in a manifest for a value that is known only when a cloud has answered. The Pulumi bridge writes
 * and replaces placeholders; everything else only needs to know one when it sees one, so as not to validate it.
 *
 * The first character is one that YAML can't begin a plain text with, so that a placeholder which a YAML writer
 * wrote is told from one in a template literal, and one that URLs escape, so that an escaped one is known as such.
 * The capitals tell a text that was lower-cased on its way.
 */
const PATTERN =
  /(?:&|%26)Polypod(?:Output(?<output>\d+)|Hash(?<length>\d+)x(?<text>[0-9a-f]*))_|(?<number>900\d{13})/g;
/** A quick look, since hardly any text holds one. */
const ANY = /Polypod(?:Output|Hash)|900\d{13}/;
/** What is left of a placeholder that was cut, re-cased or escaped. */
const REMNANT = /polypod(output|hash)\d/i;

/** Far outside every port, count and size, yet an exact integer in JSON; positive, as sizes and durations must be. */
const NUMBER_BASE = 9_000_000_000_000_000;
/** Numbers lie far apart, so that one which was computed with (`port + 1`) is not another output's placeholder. */
const NUMBER_STEP = 1_000_000;
/** How far from a placeholder a number may lie to count as computed from it. */
const NUMBER_REACH = 65_536;

/** The placeholder of output number `index` as text; it may stand inside a longer text. */
export function placeholderText(index: number): string {
  return `&PolypodOutput${index}_`;
}

/** The placeholder of output number `index` where a number must stand. */
export function placeholderNumber(index: number): number {
  return NUMBER_BASE + index * NUMBER_STEP;
}

/** Whether a value is, or as text contains, a placeholder, or is a number computed from one. */
export function isPlaceholder(value: unknown): boolean {
  if (typeof value === 'string')
    return ANY.test(value) && splitPlaceholders(value).some((part) => typeof part !== 'string');
  return typeof value === 'number' && placeholderIndex(value) !== undefined;
}

/**
 * The index of the output that a number stands for, or was computed from: then it is not
 * `placeholderNumber(index)`. `undefined` for ordinary numbers.
 */
export function placeholderIndex(value: number): number | undefined {
  const index = Math.round((value - NUMBER_BASE) / NUMBER_STEP);
  const isNear = Math.abs(value - placeholderNumber(index)) <= NUMBER_REACH;
  return Number.isSafeInteger(value) && index >= 0 && isNear ? index : undefined;
}

/** A placeholder found in a text. */
export type PlaceholderPart =
  | { readonly kind: 'output'; readonly index: number; readonly found: string }
  | { readonly kind: 'hash'; readonly text: string; readonly length: number };

/** Splits a text into its literal parts and its placeholders, in order; empty literal parts are left out. */
export function splitPlaceholders(text: string): (string | PlaceholderPart)[] {
  const parts: (string | PlaceholderPart)[] = [];
  let end = 0;
  for (const match of text.matchAll(PATTERN)) {
    const part = partOf(match[0], match.groups ?? {});
    if (part === undefined) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(part);
    end = match.index + match[0].length;
  }
  if (end < text.length || parts.length === 0) parts.push(text.slice(end));
  return parts;
}

function partOf(found: string, groups: Record<string, string | undefined>): PlaceholderPart | undefined {
  const { output, length, text, number } = groups;
  if (text !== undefined) {
    return { kind: 'hash', text: Buffer.from(text, 'hex').toString(), length: Number(length) };
  }
  if (output !== undefined) return { kind: 'output', index: Number(output), found };
  const index = placeholderIndex(Number(number));
  return index !== undefined && placeholderNumber(index) === Number(number)
    ? { kind: 'output', index, found }
    : undefined;
}

/** Whether a text holds what is left of a placeholder that was cut, re-cased or escaped. */
export function isMangledPlaceholder(text: string): boolean {
  return splitPlaceholders(text).some((part) => typeof part === 'string' && REMNANT.test(part));
}

/**
 * The SHA-256 of a text in lower-case hex, for annotations that make pods roll when their configuration changes.
 * A text with placeholders gives a placeholder of the hash: the bridge fills in the hash of the final text, equal
 * to what this function gives for the same text without placeholders. Hashing a placeholder in any other way
 * gives a text that never changes.
 *
 * @param length characters to keep, 1 to 64. @default 64
 */
export function contentHash(text: string, length = 64): string {
  if (isPlaceholder(text)) return `&PolypodHash${length}x${Buffer.from(text).toString('hex')}_`;
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
