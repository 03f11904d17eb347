import { distance } from 'fastest-levenshtein';

/** The word that was probably meant, or `undefined` where none is near: a third of the letters may differ. */
export function closest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const steps = difference(plain(word), plain(candidate));
    if (steps < least) {
      best = candidate;
      least = steps;
    }
  }
  return best;
}

/** "did you mean …?", or all the words there are. */
export function meant(word: unknown, words: readonly string[], what: string): string {
  const near = typeof word === 'string' ? closest(word, words) : undefined;
  return near === undefined ? `${what}: ${words.join(', ')}` : `did you mean ${near}?`;
}

const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '');

/** Letters to change; a word with its letters swapped is one step away. */
function difference(one: string, other: string): number {
  const swapped = one.length > 3 && one !== other && sorted(one) === sorted(other);
  return swapped ? 1 : distance(one, other);
}

const sorted = (text: string) => [...text].sort().join('');
