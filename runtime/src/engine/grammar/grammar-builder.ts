/** Collects the rules of a GBNF grammar. */
export class GrammarBuilder {
  private readonly rules = new Map<string, string>();

  /** Names a body, and returns the name; a body that has one already keeps it. */
  rule(name: string, body: string): string {
    for (let attempt = 0; ; attempt++) {
      const candidate = attempt === 0 ? name : `${name}-${attempt}`;
      const existing = this.rules.get(candidate);
      if (existing !== undefined && existing !== body) continue;
      this.rules.set(candidate, body);
      return candidate;
    }
  }

  /** Reserves a name, for a rule that refers to itself. */
  reserve(name: string): string {
    for (let attempt = 0; ; attempt++) {
      const candidate = attempt === 0 ? name : `${name}-${attempt}`;
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
