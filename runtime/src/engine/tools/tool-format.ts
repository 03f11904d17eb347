import { randomUUID } from 'node:crypto';
import type { ToolCallDelta } from '../generation.js';

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

/** Takes calls out of the text as it comes. A call is told when it is complete. */
export class ToolCallParser {
  private held = '';
  private inCalls = false;
  private count = 0;

  constructor(private readonly format: ToolFormat) {}

  get calls(): number {
    return this.count;
  }

  push(text: string): ParsedText {
    this.held += text;
    if (this.inCalls) return { text: '', calls: this.take() };
    const at = this.held.indexOf(this.format.start);
    if (at < 0) {
      const keep = overlap(this.held, this.format.start);
      const free = this.held.slice(0, this.held.length - keep);
      this.held = this.held.slice(this.held.length - keep);
      return { text: free, calls: [] };
    }
    const before = this.held.slice(0, at).trimEnd();
    this.held = this.held.slice(at);
    this.inCalls = true;
    return { text: before, calls: this.take() };
  }

  /** What is left at the end: text that was no call after all. */
  flush(): string {
    const text = this.held;
    this.held = '';
    return this.inCalls && this.count > 0 ? '' : text;
  }

  private take(): ToolCallDelta[] {
    const calls: ToolCallDelta[] = [];
    for (;;) {
      const open = this.held.indexOf('{');
      const close = open < 0 ? -1 : endOfObject(this.held, open);
      if (close < 0) return calls;
      const call = this.read(this.held.slice(open, close));
      if (!call) return calls;
      calls.push(call);
      this.held = this.held.slice(close);
    }
  }

  private read(json: string): ToolCallDelta | undefined {
    try {
      const value: unknown = JSON.parse(json);
      if (typeof value !== 'object' || value === null) return undefined;
      const name: unknown = Reflect.get(value, 'name');
      const input: unknown = Reflect.get(value, this.format.argumentsKey) ?? {};
      if (typeof name !== 'string') return undefined;
      const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
      return { index: this.count++, id, name, arguments: JSON.stringify(input) };
    } catch {
      return undefined;
    }
  }
}

/** Index after the object that opens at `start`; -1 while it is incomplete. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === '{') {
      depth++;
    } else if (character === '}' && --depth === 0) {
      return at + 1;
    }
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
