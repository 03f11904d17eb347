import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere } from '../../models/files.js';
import { ChatTemplate } from '../chat-template.js';
import { field } from './upstream-http.js';

/** The chat template in a model's folder, for servers that do not tell it. */
export interface ModelTemplate {
  readonly source: string;
  readonly template: ChatTemplate;
}

/** Reads it as Hugging Face's tokenizers do; `undefined` where there is none. */
export async function readModelTemplate(path: string): Promise<ModelTemplate | undefined> {
  const folder = (await ifThere(stat(path)))?.isDirectory() ? path : dirname(path);
  const config = await readJson(join(folder, 'tokenizer_config.json'));
  const source = (await ifThere(readFile(join(folder, 'chat_template.jinja'), 'utf8'))) ?? sourceOf(config);
  if (source === undefined) return undefined;
  const tokens = { bos: tokenOf(config, 'bos_token'), eos: tokenOf(config, 'eos_token') };
  return { source, template: new ChatTemplate(source, tokens) };
}

async function readJson(path: string): Promise<unknown> {
  const text = await ifThere(readFile(path, 'utf8'));
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text, or several by name, of which the one with tools is the richer. */
function sourceOf(config: unknown): string | undefined {
  const template = field(config, 'chat_template');
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return undefined;
  const named = (name: string) => template.find((each) => field(each, 'name') === name);
  const source = field(named('tool_use') ?? named('default'), 'template');
  return typeof source === 'string' ? source : undefined;
}

function tokenOf(config: unknown, name: string): string {
  const token = field(config, name);
  const text = typeof token === 'string' ? token : field(token, 'content');
  return typeof text === 'string' ? text : '';
}
