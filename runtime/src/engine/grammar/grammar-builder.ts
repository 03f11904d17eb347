/** Collects the rules of a GBNF grammar. */
export class GrammarBuilder {
  private readonly rules = new Map<string, string>();
  /** By the name that was wished for: how often it was, and which names its bodies got. */
  private readonly wished = new Map<string, { count: number; names: Map<string, string> }>();

  /** Names a body, and returns the name; a body that has one already keeps it. */
  rule(name: string, body: string): string {
    const known = this.wished.get(name)?.names.get(body);
    if (known !== undefined) return known;
    const own = this.reserve(name);
    this.rules.set(own, body);
    this.wished.get(name)?.names.set(body, own);
    return own;
  }

  /** Reserves a name, for a rule that refers to itself. */
  reserve(name: string): string {
    const wished = this.wished.get(name) ?? { count: 0, names: new Map<string, string>() };
    this.wished.set(name, wished);
    for (;;) {
      const candidate = wished.count === 0 ? name : `${name}-${wished.count}`;
      wished.count++;
      if (this.rules.has(candidate)) continue;
      this.rules.set(candidate, '');
      return candidate;
    }
  }

  define(name: string, body: string): void {
    this.rules.set(name, body);
  }

  /** The grammar whose text is what `root` matches. */
  build(root: string): string {
    return [`root ::= ${root}`, ...[...this.rules].map(([name, body]) => `${name} ::= ${body}`)].join('\n');
  }
}

/** A terminal that matches exactly `text`. */
export function literal(text: string): string {
  const escaped = text.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
