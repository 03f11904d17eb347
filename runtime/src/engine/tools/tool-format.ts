import { randomUUID } from 'node:crypto';
import type { ToolCallDelta, ToolDefinition } from '../generation.js';

/** How a family of models writes the calls of tools. Which one a model speaks is read off its chat template. */
export interface ToolFormat {
  /** The text that starts the calls; a plain answer does not hold it. */
  readonly start: string;
  /** Between calls, if the format repeats `start` and `end`; else calls are a JSON list. */
  readonly end?: string;
  readonly argumentsKey: 'arguments' | 'parameters';
}

/** Hermes, Qwen and those who follow them; also the demonstration model. */
const TAGGED: ToolFormat = { start: '<tool_call>', end: '</tool_call>', argumentsKey: 'arguments' };
const MISTRAL: ToolFormat = { start: '[TOOL_CALLS]', argumentsKey: 'arguments' };
/** Llama 3: the answer is the call, a JSON object from its first character on. */
const LLAMA: ToolFormat = { start: '{"name":', end: '', argumentsKey: 'parameters' };

/** The format of a chat template; `undefined` if it knows no tools, or has a format of its own. */
export function toolFormatOf(template: string): ToolFormat | undefined {
  if (!template.includes('tools')) return undefined;
  if (template.includes('<function=')) return undefined;
  if (template.includes('<tool_call>')) return TAGGED;
  if (template.includes('[TOOL_CALLS]')) return MISTRAL;
  if (template.includes('ipython') && template.includes('"parameters"')) return LLAMA;
  return undefined;
}

export interface ParsedText {
  readonly text: string;
  readonly calls: readonly ToolCallDelta[];
}

/**
 * Takes calls out of the text as it comes. A call is told when it is complete; what looks like one but names no tool of
 * the request's is text.
 */
export class ToolCallParser {
  private held = '';
  private inCalls = false;
  private count = 0;
  private readonly names: ReadonlySet<string>;

  constructor(
    private readonly format: ToolFormat,
    tools: readonly ToolDefinition[],
  ) {
    this.names = new Set(tools.map(({ name }) => name));
  }

  get calls(): number {
    return this.count;
  }

  push(text: string): ParsedText {
    this.held += text;
    let free = '';
    for (;;) {
      if (!this.inCalls) free += this.beforeCalls();
      if (!this.inCalls) return { text: free, calls: [] };
      const parsed = this.take();
      free += parsed.text;
      if (this.inCalls) return { text: free, calls: parsed.calls };
    }
  }

  /** What is left at the end: text that was no call after all. */
  flush(): string {
    const text = this.held;
    this.held = '';
    return this.inCalls && this.count > 0 ? '' : text;
  }

  /** The text that is free to go before a call begins. */
  private beforeCalls(): string {
    const at = this.held.indexOf(this.format.start);
    this.inCalls = at >= 0;
    const free = this.inCalls
      ? this.held.slice(0, at).trimEnd()
      : this.held.slice(0, this.held.length - overlap(this.held, this.format.start));
    this.held = this.held.slice(free.length);
    return free;
  }

  private take(): ParsedText {
    const calls: ToolCallDelta[] = [];
    for (;;) {
      const open = this.held.indexOf('{');
      const close = open < 0 ? -1 : endOfObject(this.held, open);
      if (close < 0) return { text: '', calls };
      const call = this.read(this.held.slice(open, close));
      const taken = this.held.slice(0, close);
      this.held = this.held.slice(close);
      if (call) calls.push(call);
      else if (this.count === 0) {
        this.inCalls = false;
        return { text: taken, calls };
      }
    }
  }

  private read(json: string): ToolCallDelta | undefined {
    try {
      const value: unknown = JSON.parse(json);
      if (typeof value !== 'object' || value === null) return undefined;
      const name: unknown = Reflect.get(value, 'name');
      if (typeof name !== 'string' || !this.names.has(name)) return undefined;
      const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
      const input: unknown = Reflect.get(value, this.format.argumentsKey) ?? undefined;
      const source = input === undefined ? '{}' : sourceOf(json, this.format.argumentsKey);
      return { index: this.count++, id, name, arguments: source };
    } catch {
      return undefined;
    }
  }
}

/**
 * How a member's value is written in the text of a JSON object. Parsing it and writing it again would round large
 * numbers, and forget the order of some keys and that others are repeated.
 */
function sourceOf(json: string, key: string): string {
  let depth = 0;
  let name: unknown;
  let start = -1;
  let source = '';
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (depth === 1 && start < 0) name = JSON.parse(json.slice(at, end));
      at = end - 1;
    } else if (character === ':' && depth === 1) {
      start = at + 1;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (character === ',' || character === '}' || character === ']') {
      if (depth === 1) {
        // As in parsing, the last of several is the one.
        if (start >= 0 && name === key) source = json.slice(start, at).trim();
        start = -1;
      }
      if (character !== ',') depth--;
    }
  }
  return source;
}

/** Index after the object that opens at `start`; -1 while it is incomplete. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at) - 1;
      if (at < 0) return -1;
    } else if (character === '{') {
      depth++;
    } else if (character === '}' && --depth === 0) {
      return at + 1;
    }
  }
  return -1;
}

/** Index after the string that opens at `start`; -1 while it is incomplete. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

/** Length of the longest end of `text` with which `start` begins. */
function overlap(text: string, start: string): number {
  for (let length = Math.min(text.length, start.length - 1); length > 0; length--) {
    if (text.endsWith(start.slice(0, length))) return length;
  }
  return 0;
}
