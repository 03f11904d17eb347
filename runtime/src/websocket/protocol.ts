import { z } from 'zod';
import type { ErrorBody } from '../api/api-error.js';
import { samplingFields } from '../api/openai/fields.js';
import type { Message } from '../conversations/turn.js';

/** See docs/websocket.md. Frames are JSON texts, one object each. */

const id = z.string().regex(/^[\w-]{1,64}$/, 'it must be 1 to 64 letters, digits, _ or -');
const request = z.string().max(64).optional();

const start = z.strictObject({
  type: z.literal('start'),
  request,
  id: z.string().regex(/^[\w-]{8,64}$/, 'it must be 8 to 64 letters, digits, _ or -'),
  conversation: id.optional(),
  model: z.string().min(1),
  content: z.string().min(1).optional(),
  retry: id.optional(),
  options: z
    .strictObject({
      ...samplingFields,
      max_tokens: z.int().min(1).optional(),
      stop: z.array(z.string().min(1)).max(4).optional(),
    })
    .optional(),
});

const subscribe = z.strictObject({
  type: z.literal('subscribe'),
  request,
  conversation: id,
  /** The last message that the client has. */
  after: id.optional(),
  /** Number of the last chunk that it has of answers that were not complete. */
  have: z.record(id, z.int().min(-1)).optional(),
});

export const clientFrame = z.discriminatedUnion(
  'type',
  [
    start,
    subscribe,
    z.strictObject({ type: z.literal('unsubscribe'), request, conversation: id }),
    z.strictObject({ type: z.literal('cancel'), request, conversation: id, message: id }),
    z.strictObject({ type: z.literal('ping'), request }),
  ],
  'it must be start, subscribe, unsubscribe, cancel or ping',
);

export type ClientFrame = z.output<typeof clientFrame>;

/** A message as clients see it. */
export type ShownMessage = Omit<Message, 'stream' | 'created' | 'turn'> & { readonly created_at: number };

export type ServerFrame =
  | {
      readonly type: 'ready';
      readonly session: string;
      readonly node: string;
      readonly user: { readonly id: string; readonly name: string };
      readonly heartbeat_seconds: number;
      readonly max_frame_bytes: number;
    }
  | {
      readonly type: 'started';
      readonly request?: string | undefined;
      readonly id: string;
      readonly conversation: string;
      readonly message: string;
    }
  | {
      readonly type: 'subscribed';
      readonly request?: string | undefined;
      readonly conversation: string;
      readonly title: string;
    }
  | { readonly type: 'unsubscribed'; readonly request?: string | undefined; readonly conversation: string }
  | { readonly type: 'cancelled'; readonly request?: string | undefined; readonly message: string }
  | {
      readonly type: 'message';
      readonly conversation: string;
      readonly message: ShownMessage;
      readonly replaces?: string;
    }
  | {
      readonly type: 'chunk';
      readonly conversation: string;
      readonly message: string;
      readonly seq: number;
      readonly text: string;
    }
  | {
      readonly type: 'done';
      readonly conversation: string;
      readonly message: string;
      readonly seq: number;
      readonly status: 'completed' | 'incomplete';
      readonly reason?: string;
      readonly error?: string;
    }
  | { readonly type: 'updated'; readonly conversation: string; readonly title: string }
  | { readonly type: 'deleted'; readonly conversation: string }
  | { readonly type: 'pong'; readonly request?: string | undefined }
  | ({
      readonly type: 'error';
      readonly request?: string | undefined;
      /** Which is not followed any more. */
      readonly conversation?: string;
    } & ErrorBody)
  | { readonly type: 'closing'; readonly reason: string };

/** Close codes, RFC 6455's and its registry's. */
export const CLOSE = {
  /** The node is going: connect again, at any other. */
  serviceRestart: 1012,
  goingAway: 1001,
  binary: 1003,
  policy: 1008,
} as const;

export function shown({ stream: _, created, turn: __, ...message }: Message): ShownMessage {
  return { ...message, created_at: created };
}
