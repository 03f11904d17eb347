import { unspell } from '../../../models/gguf/byte-tokens.js';
import { EngineError } from '../../engine-error.js';
import type { NativeModel } from './bindings.js';

/** llama.cpp's numbers for kinds of vocabulary. */
const SENTENCE_PIECE = 1;
const BYTE_PAIR = 2;
const WORD_PIECE = 3;
const UNIGRAM = 4;
/** Stands for a token that the model has not. */
const NO_TOKEN = -1;

/** llama.cpp's flags of a token. */
const CONTROL = 1 << 3;
const USER_DEFINED = 1 << 4;
const BYTE = 1 << 5;

/** Characters a token that tokenizing is tried with first; almost no text has longer ones on average. */
const LIKELY_CHARACTERS_PER_TOKEN = 16;

/** What tokens are for: the field that a request has them from, and how many the context must have room for besides. */
interface Purpose {
  readonly field: string;
  readonly more: number;
}
const TO_GENERATE: Purpose = { field: 'prompt', more: 1 };
const TO_EMBED: Purpose = { field: 'input', more: 0 };

/** The model's tokens: text to ids, ids to bytes. */
export class Vocabulary {
  private readonly bytesOf: (Uint8Array | undefined)[] = [];
  private readonly endOf: (boolean | undefined)[] = [];
  private readonly type: number;

  constructor(
    private readonly model: NativeModel,
    readonly size: number,
  ) {
    this.type = model.getVocabularyType();
  }

  /**
   * Tokenizes a prompt, control tokens included, with the model's own start token where it wants one. Stops early
   * with an error when the text can't fit into `limit` tokens, so that megabytes of it don't hold up the step loop.
   */
  tokenize(text: string, limit: number): Uint32Array {
    const tokens = this.encode(text, limit, TO_GENERATE);
    return this.checked(framed(this.start, tokens, NO_TOKEN), limit);
  }

  /** The same for a text to embed. The model's own end token may be what the vector is read off. */
  tokenizeInput(text: string, limit: number): Uint32Array {
    const tokens = this.encode(text, limit, TO_EMBED);
    const start = this.type === WORD_PIECE ? this.model.tokenBos() : this.start;
    return this.checkedInput(framed(start, tokens, this.inputEnd), limit);
  }

  /** Refuses ids that the model does not have: one of them would fail the step of every sequence. */
  checked(tokens: Uint32Array, limit: number): Uint32Array {
    return this.check(tokens, limit, TO_GENERATE);
  }

  /** The same for tokens to embed, which may fill the context: nothing follows. */
  checkedInput(tokens: Uint32Array, limit: number): Uint32Array {
    return this.check(tokens, limit, TO_EMBED);
  }

  private encode(text: string, limit: number, purpose: Purpose): Uint32Array {
    const likely = limit * LIKELY_CHARACTERS_PER_TOKEN;
    if (text.length > likely && this.model.tokenize(text.slice(0, likely), true).length > limit) {
      throw tooLong(`more than ${limit}`, limit, purpose);
    }
    return this.model.tokenize(text, true);
  }

  private get start(): number {
    return this.model.shouldPrependBosToken() ? this.model.tokenBos() : NO_TOKEN;
  }

  private get inputEnd(): number {
    if (this.type === WORD_PIECE) return this.model.sepToken();
    if (this.type === UNIGRAM || this.model.shouldAppendEosToken()) return this.model.tokenEos();
    return NO_TOKEN;
  }

  private check(tokens: Uint32Array, limit: number, purpose: Purpose): Uint32Array {
    const { field, more } = purpose;
    const unknown = tokens.find((token) => token >= this.size);
    if (unknown !== undefined) {
      throw new EngineError(
        'invalid_request',
        `token ${unknown} is not one of the model's ${this.size}`,
        field,
      );
    }
    if (tokens.length === 0) throw new EngineError('invalid_request', `the ${field} is empty`, field);
    if (tokens.length + more > limit) throw tooLong(String(tokens.length), limit, purpose);
    return tokens;
  }

  isEnd(token: number): boolean {
    const known = this.endOf[token];
    if (known !== undefined) return known;
    const end = this.model.isEogToken(token);
    this.endOf[token] = end;
    return end;
  }

  /** What the token adds to the text; control tokens add nothing. */
  bytes(token: number): Uint8Array {
    const known = this.bytesOf[token];
    if (known) return known;
    const bytes = this.readBytes(token);
    this.bytesOf[token] = bytes;
    return bytes;
  }

  /** The token as the vocabulary names it, control tokens included. */
  name(token: number): string {
    return token < 0 ? '' : (this.model.getTokenString(token) ?? '');
  }

  private readBytes(token: number): Uint8Array {
    const attributes = this.model.getTokenAttributes(token);
    if (attributes & CONTROL) return new Uint8Array(0);
    const entry = this.name(token);
    if (attributes & USER_DEFINED) return Buffer.from(entry);
    if (attributes & BYTE) {
      const hexadecimal = /^<0x([0-9A-F]{2})>$/i.exec(entry)?.[1];
      if (hexadecimal !== undefined) return Uint8Array.of(Number.parseInt(hexadecimal, 16));
    }
    if (this.type === BYTE_PAIR) {
      const bytes = unspell(entry);
      if (bytes) return bytes;
    }
    if (this.type === SENTENCE_PIECE) return Buffer.from(entry.replaceAll('▁', ' '));
    return Buffer.from(this.model.detokenize(Uint32Array.of(token), false));
  }
}

/** Tokens between the two that belong at the ends, where the model has them and the text does not. */
function framed(start: number, tokens: Uint32Array, end: number): Uint32Array {
  const before = start < 0 || tokens[0] === start ? [] : [start];
  const after = end < 0 || tokens.at(-1) === end ? [] : [end];
  if (before.length + after.length === 0) return tokens;
  const all = new Uint32Array(before.length + tokens.length + after.length);
  all.set(before);
  all.set(tokens, before.length);
  all.set(after, before.length + tokens.length);
  return all;
}

function tooLong(length: string, limit: number, { field, more }: Purpose): EngineError {
  return new EngineError(
    'context_length_exceeded',
    `This model's maximum context length is ${limit} tokens` +
      `${more > 0 ? ', of which at least one is for the answer' : ''}. ` +
      `Your ${field} has ${length} tokens: shorten it.`,
    field,
  );
}
