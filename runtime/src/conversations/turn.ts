import { createHash } from 'node:crypto';

/** A message of a conversation, as it is stored and shown. */
export interface Message {
  readonly id: string;
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly content: string;
  readonly status: 'in_progress' | 'completed' | 'incomplete';
  /** Seconds since 1970. */
  readonly created: number;
  /** Place in the conversation: turns are numbered from 1, and a turn's answer comes after what it answers. */
  readonly turn: number;
  /** Which model wrote it, and in which stream. */
  readonly model?: string;
  readonly stream?: string;
  /** Why an `incomplete` one ended: `max_output_tokens`, `cancelled`, or the code of an error. */
  readonly reason?: string;
}

/** What one request adds to a conversation. */
export interface Turn {
  readonly conversation: string;
  /** Id of the principal whose conversation it is. */
  readonly owner: string;
  /** Of a conversation that begins with this turn. */
  readonly title: string;
  readonly number: number;
  /** Seconds since 1970. */
  readonly created: number;
  /** What is answered; empty where an answer is tried again. */
  readonly input: readonly Pick<Message, 'id' | 'role' | 'content'>[];
  /** The answer's message id. */
  readonly answer: string;
  readonly stream: string;
  readonly model: string;
  /** The answer that this one replaces. */
  readonly replaces?: string;
}

/** How a turn's answer ended. */
export interface Answer {
  readonly content: string;
  readonly status: 'completed' | 'incomplete';
  readonly reason?: string;
}

/** Why an answer is `incomplete` whose stream is not there any more. */
export const LOST = 'lost';

/** The messages of a turn, of which the answer may not be complete. */
export function messagesOf(turn: Turn, answer?: Answer): Message[] {
  const common = { created: turn.created, turn: turn.number };
  return [
    ...turn.input.map((message): Message => ({ ...message, ...common, status: 'completed' })),
    {
      id: turn.answer,
      role: 'assistant',
      content: '',
      status: 'in_progress',
      ...common,
      model: turn.model,
      stream: turn.stream,
      ...answer,
    },
  ];
}

/** The same for the same parts: a request that is sent again makes the same messages. */
export function idFrom(prefix: string, ...parts: readonly string[]): string {
  return prefix + createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

const TITLE_LENGTH = 60;

/** A conversation's title until it is given one: how its first message begins. */
export function titleOf(text: string): string {
  const line = text
    .slice(0, TITLE_LENGTH * 10)
    .trim()
    .replaceAll(/\s+/g, ' ');
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1)}…` : line;
}
