/**
 * Widths of letters in thousandths of the font's size: those of Helvetica, Arial and Liberation Sans, which agree. Nothing
 * here can ask a font, and pictures must be the same on every machine.
 */
const WIDTHS: Readonly<Record<string, number>> = {
  ...letters("'|ijl", 222),
  ...letters(' !,./:;[\\]ft·I', 278),
  ...letters('()-`r', 333),
  ...letters('"', 355),
  ...letters('*', 389),
  ...letters('cksvxyzJ', 500),
  ...letters('#$_?abdeghnopquL0123456789–−', 556),
  ...letters('+<=>~×', 584),
  ...letters('FTZ', 611),
  ...letters('ABEKPSVXY&', 667),
  ...letters('CDHNRUw', 722),
  ...letters('GOQ', 778),
  ...letters('mM', 833),
  ...letters('%', 889),
  ...letters('W', 944),
  ...letters('@…', 1000),
};
const OTHER = 600;
/** Where the reader's machine has only wider fonts, texts must still stay in their boxes. */
const SLACK = 1.06;

function letters(of: string, width: number): Record<string, number> {
  return Object.fromEntries([...of].map((letter) => [letter, width]));
}

/** Width of a text in pixels. */
export function textWidth(text: string, size: number, isBold = false): number {
  let units = 0;
  for (const letter of text) units += WIDTHS[letter] ?? OTHER;
  return (units / 1000) * size * SLACK * (isBold ? 1.07 : 1);
}

/** A text that fits: what is too much goes out of its middle, since names differ at both ends. */
export function fitted(text: string, size: number, room: number, isBold = false): string {
  if (textWidth(text, size, isBold) <= room) return text;
  for (let kept = text.length - 1; kept > 2; kept -= 1) {
    const front = Math.ceil(kept / 2);
    const short = `${text.slice(0, front)}…${text.slice(text.length - (kept - front))}`;
    if (textWidth(short, size, isBold) <= room) return short;
  }
  return '…';
}
