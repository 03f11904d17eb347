import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseBody } from '../validation.js';
import { ownStream, type Streaming, sendStream } from './streaming.js';

/** Number of the last event that a client has; -1 if none. */
export const startingAfter = z
  .string()
  .regex(/^(-1|\d{1,15})$/, 'it must be the number of an event')
  .transform(Number);

const resumeQuery = z.strictObject({
  stream: z.literal('true').optional(),
  starting_after: startingAfter.optional(),
});

/** `GET /v1/streams/{id}` goes on with a stream after the last event a client has; `…/cancel` ends it. */
export function streams(app: FastifyInstance, streaming: Streaming): void {
  app.get<{ Params: { id: string } }>('/v1/streams/:id', async (request, reply) => {
    const query = parseBody(resumeQuery, request.query);
    const header = await ownStream(streaming.journal, request.params.id, request);
    const after = query.starting_after ?? lastEventId(request.headers['last-event-id']);
    await sendStream(streaming, header, request, reply, after);
  });

  app.post<{ Params: { id: string } }>('/v1/streams/:id/cancel', async (request) => {
    const { id } = await ownStream(streaming.journal, request.params.id, request);
    await streaming.journal.cancel(id);
    return { id, object: 'stream', cancelled: true };
  });
}

/** What an `EventSource` sends when it connects again. */
export function lastEventId(value: string | string[] | undefined): number {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : -1;
}
