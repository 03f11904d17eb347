import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError, databaseRequired } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import { mayUse } from '../identity/principal.js';
import type { ConversationLog } from './conversation-log.js';
import type { Conversation, ConversationStore, Found } from './conversation-store.js';
import {
  type Conversations,
  conversationNotFound,
  messageNotFound,
  newConversationId,
} from './conversations.js';
import { toJson, toMarkdown } from './export.js';
import type { Message } from './turn.js';

export interface ConversationRoutesOptions {
  readonly conversations: Conversations;
  readonly log: ConversationLog;
  /** `undefined` where no database is configured. */
  readonly store: ConversationStore | undefined;
}

const title = z.string().max(200);
const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'it holds 16 pairs at most');
const part = z.union([
  z.strictObject({ type: z.literal(['input_text', 'text']), text: z.string() }),
  z.strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).optional(),
  }),
]);
const item = z.strictObject({
  type: z.literal('message', 'items are messages').default('message'),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(part).min(1)]),
  id: z.string().optional(),
  status: z.string().optional(),
});
const items = z.array(item).max(20);

const createBody = z.strictObject({
  title: title.optional(),
  metadata: metadata.nullish(),
  items: items.nullish(),
});
const updateBody = z.strictObject({ title: title.optional(), metadata: metadata.nullish() });
const addBody = z.strictObject({ items: items.min(1) });

const include = z.union([z.string(), z.array(z.string())]).optional();
const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.literal(['asc', 'desc']).default('desc'),
  after: z.string().max(100).optional(),
  include,
  'include[]': include,
});
const listQuery = pageQuery.extend({ query: z.string().min(1).max(200).optional() });
const exportQuery = z.strictObject({ format: z.literal(['json', 'markdown']).default('json') });

interface ById {
  Params: { id: string; item: string };
}

/**
 * `/v1/conversations`, as OpenAI's API has it, and beyond it: `title`, `GET /v1/conversations` (with `query`, a search)
 * and `GET /v1/conversations/{id}/export`.
 */
export function conversationRoutes(app: FastifyInstance, options: ConversationRoutesOptions): void {
  const { conversations, log } = options;
  const store = (): ConversationStore => {
    if (!options.store) throw databaseRequired('Conversations are kept in PostgreSQL');
    return options.store;
  };
  const own = async (request: FastifyRequest<ById>): Promise<Conversation> => {
    const { id } = request.params;
    const conversation = await store().find(id);
    if (!conversation || conversation === 'deleted') throw conversationNotFound(id);
    if (!mayUse(request.principal, conversation.owner)) throw conversationNotFound(id);
    return conversation;
  };

  app.post('/v1/conversations', async (request) => {
    const body = parseBody(createBody, request.body ?? {});
    const id = newConversationId();
    const { id: owner } = request.principal;
    const conversation = { id, owner, title: body.title ?? '', metadata: body.metadata ?? {} };
    await store().create(conversation);
    if (body.items) await store().add(id, body.items.map(toInput));
    const now = new Date();
    return shown({ ...conversation, created: now, updated: now });
  });

  app.get('/v1/conversations', async (request) => {
    const { query, ...page } = parseBody(listQuery, request.query);
    const { items, hasMore } = await store().list(request.principal.id, page, query);
    return listOf(items.map(shown), hasMore);
  });

  app.get<ById>('/v1/conversations/:id', async (request) => shown(await own(request)));

  app.post<ById>('/v1/conversations/:id', async (request) => {
    const body = parseBody(updateBody, request.body);
    const conversation = await own(request);
    const { id, owner } = conversation;
    const changes = {
      ...(body.title !== undefined && { title: body.title }),
      ...(body.metadata !== undefined && { metadata: body.metadata ?? {} }),
    };
    await store().update(id, changes);
    if (body.title !== undefined) {
      await log.publish({ type: 'updated', conversation: id, owner, title: body.title });
    }
    return shown({ ...conversation, ...changes });
  });

  app.delete<ById>('/v1/conversations/:id', async (request) => {
    const { id, owner } = await own(request);
    const snapshot = await conversations.read(id, request.principal);
    await store().delete(id);
    await log.forget(id);
    await conversations.cancelAll(snapshot);
    await log.publish({ type: 'deleted', conversation: id, owner });
    return { id, object: 'conversation.deleted', deleted: true };
  });

  app.get<ById>('/v1/conversations/:id/items', async (request) => {
    const query = parseBody(pageQuery, request.query);
    const { id } = await own(request);
    const { items, hasMore } = await store().messages(id, query);
    return listOf(items.map(itemOf), hasMore);
  });

  app.post<ById>('/v1/conversations/:id/items', async (request) => {
    const body = parseBody(addBody, request.body);
    const { id } = await own(request);
    const added = await store().add(id, body.items.map(toInput));
    await log.forget(id);
    return listOf(added.map(itemOf), false);
  });

  app.get<ById>('/v1/conversations/:id/items/:item', async (request) => {
    const { id } = await own(request);
    const message = await store().message(id, request.params.item);
    if (!message) throw messageNotFound(request.params.item);
    return itemOf(message);
  });

  app.delete<ById>('/v1/conversations/:id/items/:item', async (request) => {
    const conversation = await own(request);
    const message = await store().message(conversation.id, request.params.item);
    if (!message) throw messageNotFound(request.params.item);
    if (message.status === 'in_progress') {
      throw new ApiError(409, 'invalid_request_error', 'message_in_progress', 'Cancel the answer first.');
    }
    await store().remove(conversation.id, message.id);
    await log.forget(conversation.id);
    return shown(conversation);
  });

  app.get<ById>('/v1/conversations/:id/export', async (request, reply) => {
    const { format } = parseBody(exportQuery, request.query);
    const conversation = await own(request);
    const messages = await store().all(conversation.id);
    const name = `${conversation.id}.${format === 'json' ? 'json' : 'md'}`;
    reply.header('content-disposition', `attachment; filename="${name}"`);
    reply.header('x-content-type-options', 'nosniff');
    if (format === 'json') {
      return reply
        .type('application/json; charset=utf-8')
        .send(toJson(shown(conversation), messages.map(itemOf)));
    }
    return reply.type('text/markdown; charset=utf-8').send(toMarkdown(conversation, messages));
  });
}

function toInput({ role, content }: z.output<typeof item>): Pick<Message, 'id' | 'role' | 'content'> {
  const text = typeof content === 'string' ? content : content.map((each) => each.text).join('');
  return { id: `msg_${randomUUID().replaceAll('-', '')}`, role, content: text };
}

function shown({ id, title, metadata, created, updated, excerpt }: Omit<Found, 'owner'>): object {
  return {
    id,
    object: 'conversation',
    title,
    metadata,
    created_at: Math.floor(created.getTime() / 1000),
    updated_at: Math.floor(updated.getTime() / 1000),
    ...(excerpt !== undefined && { excerpt }),
  };
}

function itemOf({ id, role, content, status, created, model, reason }: Message): object & { id: string } {
  const part =
    role === 'assistant'
      ? { type: 'output_text', text: content, annotations: [] }
      : { type: 'input_text', text: content };
  return {
    ...{ id, type: 'message', role, status, content: [part], created_at: created },
    ...(model !== undefined && { model }),
    ...(reason !== undefined && { incomplete_details: { reason } }),
  };
}

function listOf(data: readonly object[], hasMore: boolean): object {
  const idOf = (each: object | undefined) => (each && 'id' in each ? each.id : null);
  return {
    object: 'list',
    data,
    first_id: idOf(data[0]),
    last_id: idOf(data.at(-1)),
    has_more: hasMore,
  };
}
