/**
 * GPT-2's spelling of bytes in a vocabulary: printable Latin-1 characters stand for themselves, every other byte
 * for a character from U+0100 on.
 */
const spelling: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
})();

const byteOf = new Map(spelling.map((character, byte) => [character, byte]));

/** The vocabulary entries of the 256 bytes, in order. */
export const BYTE_TOKENS = spelling;

/** How a byte-level BPE vocabulary spells `text`. */
export function spell(text: string): string {
  return Array.from(Buffer.from(text), (byte) => spelling[byte]).join('');
}

/** The bytes of a byte-level BPE vocabulary entry; `undefined` if it is not spelled that way. */
export function unspell(entry: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of entry) {
    const byte = byteOf.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
