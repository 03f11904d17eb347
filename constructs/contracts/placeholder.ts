/**
 * What stands in a manifest for a value that is known only when a cloud has answered. The Pulumi bridge writes
 * and replaces placeholders; everything else only needs to know one when it sees one, so as not to validate it.
 */

const TEXT_PREFIX = '__polypod_output_';
const TEXT = /__polypod_output_(\d+)__/g;
/** Far outside every port, count and size, yet an exact integer in JSON. */
const NUMBER_BASE = -9_000_000_000_000_000;

/** The placeholder of output number `index` as text; it may stand inside a longer text. */
export function placeholderText(index: number): string {
  return `${TEXT_PREFIX}${index}__`;
}

/** The placeholder of output number `index` where a number must stand. */
export function placeholderNumber(index: number): number {
  return NUMBER_BASE - index;
}

/** Whether a value is, or as text contains, a placeholder. */
export function isPlaceholder(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(TEXT_PREFIX);
  return typeof value === 'number' && value <= NUMBER_BASE && Number.isSafeInteger(value);
}

/** Splits a text into its literal parts and the indexes of its placeholders, in order. */
export function splitPlaceholders(text: string): (string | number)[] {
  return text.split(TEXT).map((part, position) => (position % 2 === 0 ? part : Number(part)));
}

/** The output's index that a number stands for, or `undefined` for an ordinary number. */
export function placeholderIndex(value: number): number | undefined {
  return isPlaceholder(value) ? NUMBER_BASE - value : undefined;
}
