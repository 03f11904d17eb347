import { literal } from './grammar-builder.js';

/** What a regular expression holds that no grammar here can hold a model to. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
}

/** First and last code point. */
type Range = readonly [from: number, to: number];

const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  // Of all white space the one that needs no escape in JSON.
  s: [[0x20, 0x20]],
};
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };
/** What JSON strings hold without an escape: neither controls nor quote nor backslash; and no surrogates. */
const PLAIN: readonly Range[] = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0x7e],
  [0xa0, 0xd7ff],
  [0xe000, 0xfffd],
  [0x10000, 0x10ffff],
];
const MOST_REPETITIONS = 1000;

/**
 * The body of a JSON string that matches a regular expression, as a rule's body. `any` is the rule of any character:
 * where the pattern is not anchored, more of those may stand.
 *
 * @throws UnsupportedPattern for look-around, back references, word boundaries, and anchors within
 */
export function patternGrammar(pattern: string, any: string): string {
  const start = pattern.startsWith('^');
  const end = /(?<!\\)(\\\\)*\$$/.test(pattern);
  const body = pattern.slice(start ? 1 : 0, end ? -1 : undefined);
  const matched = new Translator(body).translate();
  if ((start || end) && hasTopLevelAlternatives(body)) {
    throw new UnsupportedPattern("anchors bind tighter than '|': put the alternatives into a group");
  }
  return [start ? '' : `${any}*`, matched, end ? '' : `${any}*`].filter((part) => part !== '').join(' ');
}

function hasTopLevelAlternatives(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  let depth = 0;
  for (const character of bare) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '|' && depth === 0) return true;
  }
  return false;
}

/** Goes through a pattern from left to right. */
class Translator {
  private readonly characters: readonly string[];
  private at = 0;

  constructor(pattern: string) {
    this.characters = [...pattern];
  }

  translate(): string {
    const body = this.alternatives();
    if (this.at < this.characters.length) throw new UnsupportedPattern("a ')' has no '('");
    return body;
  }

  private alternatives(): string {
    const all = [this.sequence()];
    while (this.take('|')) all.push(this.sequence());
    return all.length === 1 ? (all[0] ?? '') : `(${all.join(' | ')})`;
  }

  private sequence(): string {
    const parts: string[] = [];
    while (this.at < this.characters.length && !['|', ')'].includes(this.next)) {
      const atom = this.atom();
      const quantifier = this.quantifier();
      parts.push(quantifier === '' ? atom : `(${atom})${quantifier}`);
    }
    return parts.length === 0 ? '""' : parts.join(' ');
  }

  private atom(): string {
    const character = this.shift();
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return this.set();
      case '.':
        return charactersOf(PLAIN);
      case '\\':
        return charactersOf(this.escape());
      case '^':
      case '$':
        throw new UnsupportedPattern(`'${character}' can only stand at the ends`);
      case '*':
      case '+':
      case '?':
        throw new UnsupportedPattern(`'${character}' has nothing to repeat`);
      default:
        return charactersOf([single(character)]);
    }
  }

  private group(): string {
    if (this.take('?') && !this.take(':')) throw new UnsupportedPattern("'(?' is only possible as '(?:'");
    const body = this.alternatives();
    if (!this.take(')')) throw new UnsupportedPattern("a '(' has no ')'");
    return `(${body})`;
  }

  private set(): string {
    const isNegated = this.take('^');
    const ranges: Range[] = [];
    while (!this.take(']')) {
      const from = this.member();
      const [first] = from;
      if (this.next !== '-' || this.characters[this.at + 1] === ']' || from.length !== 1 || !first) {
        ranges.push(...from);
        continue;
      }
      this.shift();
      const [last] = this.member();
      if (!last || last[0] < first[0]) throw new UnsupportedPattern('a range of characters runs backwards');
      ranges.push([first[0], last[1]]);
    }
    return charactersOf(isNegated ? without(PLAIN, ranges) : ranges);
  }

  private member(): readonly Range[] {
    const character = this.shift();
    return character === '\\' ? this.escape() : [single(character)];
  }

  private escape(): readonly Range[] {
    const character = this.shift();
    const known = CLASSES[character.toLowerCase()];
    if (known) return character === character.toLowerCase() ? known : without(PLAIN, known);
    const control = CONTROLS[character];
    if (control !== undefined) return [single(control)];
    if (/[a-z0-9]/i.test(character)) throw new UnsupportedPattern(`'\\${character}' can't be enforced`);
    return [single(character)];
  }

  private quantifier(): string {
    const quantifier = this.take('*') || this.take('+') || this.take('?') || this.count();
    if (quantifier !== '') this.take('?'); // Greedy or not, the same texts match.
    return quantifier;
  }

  private count(): string {
    const [text = '', least = '', comma, most] =
      /^\{(\d+)(,)?(\d*)\}/.exec(this.characters.slice(this.at, this.at + 20).join('')) ?? [];
    if (text === '') return '';
    if (Number(least) > MOST_REPETITIONS || Number(most) > MOST_REPETITIONS)
      throw new UnsupportedPattern(`'${text}' is more than ${MOST_REPETITIONS}`);
    this.at += text.length;
    return comma === undefined ? `{${least}}` : `{${least},${most}}`;
  }

  private get next(): string {
    return this.characters[this.at] ?? '';
  }

  private shift(): string {
    const character = this.characters[this.at++];
    if (character === undefined) throw new UnsupportedPattern('it ends too early');
    return character;
  }

  /** The character if it is next, and then goes past it; else nothing. */
  private take(character: string): string {
    if (this.next !== character) return '';
    this.at++;
    return character;
  }
}

function single(character: string): Range {
  const point = character.codePointAt(0) ?? 0;
  return [point, point];
}

/** One character of these, as JSON writes it in a string. */
function charactersOf(ranges: readonly Range[]): string {
  const plain = PLAIN.flatMap((range) => ranges.flatMap((each) => common(range, each)));
  const escaped = ranges.flatMap(([from, to]) =>
    from === to && !PLAIN.some((range) => range[0] <= from && from <= range[1])
      ? [literal(JSON.stringify(String.fromCodePoint(from)).slice(1, -1))]
      : [],
  );
  const set = plain.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join('');
  const all = [...(set === '' ? [] : [`[${set}]`]), ...escaped];
  if (all.length === 0) throw new UnsupportedPattern('a set of characters is empty');
  return all.length === 1 ? (all[0] ?? '') : `(${all.join(' | ')})`;
}

function common(a: Range, b: Range): Range[] {
  const [from, to] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
  return from <= to ? [[from, to]] : [];
}

function without(all: readonly Range[], excluded: readonly Range[]): readonly Range[] {
  return excluded.reduce<readonly Range[]>(
    (left, [from, to]) =>
      left.flatMap((range) => [...common(range, [0, from - 1]), ...common(range, [to + 1, 0x10ffff])]),
    all,
  );
}

function hex(point: number): string {
  return `\\U${point.toString(16).padStart(8, '0')}`;
}
