import { unspell } from '../../../models/gguf/byte-tokens.js';
import { EngineError } from '../../engine-error.js';
import type { NativeModel } from './bindings.js';

/** llama.cpp's numbers for kinds of vocabulary. */
const SENTENCE_PIECE = 1;
const BYTE_PAIR = 2;

/** llama.cpp's flags of a token. */
const CONTROL = 1 << 3;
const USER_DEFINED = 1 << 4;
const BYTE = 1 << 5;

/** Characters a token that tokenizing is tried with first; almost no text has longer ones on average. */
const LIKELY_CHARACTERS_PER_TOKEN = 16;

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
    const likely = limit * LIKELY_CHARACTERS_PER_TOKEN;
    if (text.length > likely && this.model.tokenize(text.slice(0, likely), true).length > limit) {
      throw tooLong(`more than ${limit}`, limit);
    }
    const tokens = this.model.tokenize(text, true);
    const bos = this.model.tokenBos();
    if (!this.model.shouldPrependBosToken() || bos < 0 || tokens[0] === bos)
      return this.checked(tokens, limit);
    const withBos = new Uint32Array(tokens.length + 1);
    withBos[0] = bos;
    withBos.set(tokens, 1);
    return this.checked(withBos, limit);
  }

  /** Refuses ids that the model does not have: one of them would fail the step of every sequence. */
  checked(tokens: Uint32Array, limit: number): Uint32Array {
    const unknown = tokens.find((token) => token >= this.size);
    if (unknown !== undefined) {
      throw new EngineError(
        'invalid_request',
        `token ${unknown} is not one of the model's ${this.size}`,
        'prompt',
      );
    }
    if (tokens.length === 0) throw new EngineError('invalid_request', 'the prompt is empty', 'prompt');
    if (tokens.length >= limit) throw tooLong(String(tokens.length), limit);
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

function tooLong(length: string, limit: number): EngineError {
  return new EngineError(
    'context_length_exceeded',
    `This model's maximum context length is ${limit} tokens, of which at least one is for the answer. ` +
      `Your prompt has ${length} tokens: shorten it.`,
    'prompt',
  );
}
