import type { IncomingHttpHeaders } from 'node:http';
import { HEADERS } from '../../../contract.cjs';
import { isRecord } from '../../config/environment.js';
import { hashOf } from './rendezvous.js';

/** About as many characters as 256 tokens have: what two prompts must share for a KV cache to be worth a detour. */
const PREFIX_CHARACTERS = 1024;
/** Headers by which clients and other routers name a session. */
const SESSION_HEADERS = [HEADERS.session, 'x-session-id', 'x-conversation-id'] as const;
/** Ids of responses begin with their conversation's key: see `newAnswerId`. */
const RESPONSE_ID = /^resp_([0-9a-f]{8})[0-9a-f]{32}$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What requests have in common that should meet on one node, since it holds their conversation in its cache; equal on
 * every node. The session that a header names, else the conversation that the body names, else how its prompt begins,
 * up to the first question: that stays the same as a conversation grows. `undefined` where there is nothing to share.
 */
export function affinityKey(headers: IncomingHttpHeaders, body: Fields): number | undefined {
  for (const name of SESSION_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return hashOf(value);
  }
  const previous = body.previous_response_id;
  if (typeof previous === 'string') return keyInId(previous) ?? hashOf(previous);
  for (const value of [body.prompt_cache_key, body.user]) {
    if (typeof value === 'string' && value !== '') return hashOf(value);
  }
  const prefix = prefixOf(body).slice(0, PREFIX_CHARACTERS);
  return prefix === '' ? undefined : hashOf(prefix);
}

function keyInId(id: string): number | undefined {
  const digits = RESPONSE_ID.exec(id)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** How the prompt of a chat, a completion or a response begins. The body has not been validated. */
function prefixOf({ messages, prompt, instructions, input }: Fields): string {
  if (Array.isArray(messages)) return untilFirstQuestion(messages);
  if (typeof prompt === 'string') return prompt;
  if (Array.isArray(prompt)) return prompt.slice(0, PREFIX_CHARACTERS).map(plain).join();
  if (instructions === undefined && input === undefined) return '';
  const begins = typeof instructions === 'string' ? instructions : '';
  if (Array.isArray(input)) return begins + untilFirstQuestion(input);
  return begins + (typeof input === 'string' ? input : '');
}

function untilFirstQuestion(messages: readonly unknown[]): string {
  let text = '';
  for (const message of messages) {
    if (!isRecord(message)) continue;
    const { role, content } = message;
    text += `${plain(role)}\n${textOf(content).slice(0, PREFIX_CHARACTERS)}\n`;
    if (role === 'user' || text.length >= PREFIX_CHARACTERS) break;
  }
  return text;
}

/** Texts and token ids as they are, and nothing of what makes no sense. */
function plain(value: unknown): string | number {
  return typeof value === 'string' || typeof value === 'number' ? value : '';
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('');
}
