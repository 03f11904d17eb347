import type { GrammarBuilder } from './grammar-builder.js';

/** The rules of JSON itself. Whitespace and digits are bounded, so that no model can go on for ever with them. */
export class JsonRules {
  constructor(private readonly builder: GrammarBuilder) {}

  get space(): string {
    return this.builder.rule('space', '| " " | "\\n" [ \\t]{0,20}');
  }

  /** No halves of surrogate pairs: two of them would count as two characters, and one alone is no text. */
  get character(): string {
    return this.builder.rule(
      'character',
      '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt/] | "u" ([0-9a-ce-fA-CE-F] [0-9a-fA-F] | [dD] [0-7]) [0-9a-fA-F] [0-9a-fA-F])',
    );
  }

  get string(): string {
    return this.builder.rule('string', `"\\"" ${this.character}* "\\""`);
  }

  get integer(): string {
    return this.builder.rule('integer', '"-"? ("0" | [1-9] [0-9]{0,15})');
  }

  get number(): string {
    return this.builder.rule('number', `${this.integer} ${this.fraction}`);
  }

  /** What may follow an integer to make it any number. */
  get fraction(): string {
    return this.builder.rule('fraction', '("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?');
  }

  get boolean(): string {
    return this.builder.rule('boolean', '"true" | "false"');
  }

  get null(): string {
    return this.builder.rule('null', '"null"');
  }

  get value(): string {
    this.builder.define(
      'value',
      `object | array | ${this.string} | ${this.number} | ${this.boolean} | ${this.null}`,
    );
    const { space, string } = this;
    this.builder.define(
      'object',
      `"{" ${space} (${string} ${space} ":" ${space} value ${space} ("," ${space} ${string} ${space} ":" ${space} value ${space})*)? "}"`,
    );
    this.builder.define('array', `"[" ${space} (value ${space} ("," ${space} value ${space})*)? "]"`);
    return 'value';
  }

  get object(): string {
    return this.value && 'object';
  }

  get array(): string {
    return this.value && 'array';
  }
}
