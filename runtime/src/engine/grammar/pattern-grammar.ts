import { literal } from './grammar-builder.js';

/** What a regular expression holds that no grammar here can hold a model to. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
}

/** First and last code point. */
type Range = readonly [from: number, to: number];

/** A character or class in a set. */
interface Member {
  /** What may be written for it. */
  readonly ranges: readonly Range[];
  /** What a negated set leaves out for it. */
  readonly excluded: readonly Range[];
  readonly isClass: boolean;
}

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
/** All white space, which a negation excludes. */
const WHITE_SPACE: readonly Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
/** What a point does not match; line feed and carriage return are not plain. */
const LINE_ENDS: readonly Range[] = [[0x2028, 0x2029]];
const MOST_REPETITIONS = 1000;
/** Groups that nest deeper are refused: the translator and llama.cpp both go down into them. */
const MOST_DEPTH = 64;

/**
 * The body of a JSON string that matches a regular expression, as a rule's body. `any` is the rule of any character:
 * where the pattern is not anchored, more of those may stand. `name` makes a rule of a body.
 *
 * @throws UnsupportedPattern for look-around, back references, word boundaries, and anchors within
 */
export function patternGrammar(pattern: string, any: string, name: (body: string) => string): string {
  checkSyntax(pattern);
  const start = pattern.startsWith('^');
  const end = /(?<!\\)(\\\\)*\$$/.test(pattern);
  const body = pattern.slice(start ? 1 : 0, end ? -1 : undefined);
  const matched = new Translator(body, name).translate();
  if ((start || end) && hasTopLevelAlternatives(body)) {
    throw new UnsupportedPattern("anchors bind tighter than '|': put the alternatives into a group");
  }
  return [start ? '' : `${any}*`, matched, end ? '' : `${any}*`].filter((part) => part !== '').join(' ');
}

/**
 * What follows relies on this, such as that no count is above its end: for that one, llama.cpp would never return.
 * Many write escapes that only expressions without the flag 'u' allow, such as '\-', and these mean the same here.
 */
function checkSyntax(pattern: string): void {
  const valid = ['u', ''].some((flags) => {
    try {
      return new RegExp(pattern, flags);
    } catch {
      return false;
    }
  });
  if (!valid) throw new UnsupportedPattern('it is no regular expression');
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
  private depth = 0;

  constructor(
    pattern: string,
    private readonly name: (body: string) => string,
  ) {
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
      parts.push(quantifier === '' ? atom : this.repeated(atom, quantifier));
    }
    return parts.length === 0 ? '""' : parts.join(' ');
  }

  /** llama.cpp limits what a count may multiply, but counts a rule of its own as one. */
  private repeated(atom: string, quantifier: string): string {
    const multiplies = quantifier.startsWith('{') && !atom.startsWith('[');
    return multiplies ? `${this.name(atom)}${quantifier}` : `(${atom})${quantifier}`;
  }

  private atom(): string {
    const character = this.shift();
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return this.set();
      case '.':
        return charactersOf(without(PLAIN, LINE_ENDS));
      case '\\':
        return charactersOf(this.escape().ranges);
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
    if (++this.depth > MOST_DEPTH) throw new UnsupportedPattern(`groups nest deeper than ${MOST_DEPTH}`);
    const body = this.alternatives();
    this.depth--;
    if (!this.take(')')) throw new UnsupportedPattern("a '(' has no ')'");
    return `(${body})`;
  }

  private set(): string {
    const isNegated = this.take('^');
    const ranges: Range[] = [];
    const add = (member: Member) => ranges.push(...(isNegated ? member.excluded : member.ranges));
    while (!this.take(']')) {
      const first = this.member();
      if (this.next !== '-' || this.characters[this.at + 1] === ']') {
        add(first);
        continue;
      }
      this.shift();
      const last = this.member();
      const [from, to] = [first.ranges[0]?.[0], last.ranges[0]?.[1]];
      // A class such as \d begins and ends no range: then the '-' stands for itself.
      if (first.isClass || last.isClass) {
        add(first);
        add(last);
        ranges.push(single('-'));
      } else if (from !== undefined && to !== undefined && from <= to) {
        ranges.push([from, to]);
      } else throw new UnsupportedPattern('a range of characters runs backwards');
    }
    return charactersOf(isNegated ? without(PLAIN, ranges) : ranges);
  }

  private member(): Member {
    const character = this.shift();
    return character === '\\' ? this.escape() : memberOf(single(character));
  }

  private escape(): Member {
    const character = this.shift();
    const lower = character.toLowerCase();
    const known = Object.hasOwn(CLASSES, lower) ? CLASSES[lower] : undefined;
    if (known) {
      const excluded = lower === 's' ? WHITE_SPACE : known;
      if (character === lower) return { ranges: known, excluded, isClass: true };
      const others = without(PLAIN, excluded);
      return { ranges: others, excluded: others, isClass: true };
    }
    const control = Object.hasOwn(CONTROLS, character) ? CONTROLS[character] : undefined;
    if (control !== undefined) return memberOf(single(control));
    if (/[a-z0-9]/i.test(character)) throw new UnsupportedPattern(`'\\${character}' can't be enforced`);
    return memberOf(single(character));
  }

  private quantifier(): string {
    const quantifier = this.take('*') || this.take('+') || this.take('?') || this.count();
    if (quantifier !== '') this.take('?'); // Greedy or not, the same texts match.
    return quantifier;
  }

  private count(): string {
    const from = this.characters.slice(this.at, this.at + 20).join('');
    const [text = '', least = '', comma, most] = /^\{(\d+)(,)?(\d*)\}/.exec(from) ?? [];
    if (text === '') {
      // It goes on past what was looked at: leading zeros, or more than any count may be.
      if (/^\{\d+,?\d*$/.test(from)) throw new UnsupportedPattern(`'${from}' is no count`);
      return '';
    }
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

function memberOf(range: Range): Member {
  return { ranges: [range], excluded: [range], isClass: false };
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
  const gaps: Range[] = [];
  let next = 0;
  for (const [from, to] of excluded.toSorted(([a], [b]) => a - b)) {
    if (next < from) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  gaps.push([next, 0x10ffff]);
  return all.flatMap((range) => gaps.flatMap((gap) => common(range, gap)));
}

function hex(point: number): string {
  return `\\U${point.toString(16).padStart(8, '0')}`;
}
