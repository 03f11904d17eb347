import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { databaseAway } from '../api/api-error.js';
import { parseBody } from '../api/validation.js';
import type { Database } from '../database/database.js';
import type { ClusterEvent, ClusterEvents } from './events.js';

const LOOK_MILLISECONDS = 1_000;
const KEEP_ALIVE_MILLISECONDS = 15_000;
const BATCH = 100;

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  before: z.coerce.number().int().min(0).optional(),
  after: z.coerce.number().int().min(0).optional(),
});

/**
 * `GET /api/v1/cluster/events`: pages of JSON, the newest first, and on with `?before=`; from `?after=` on the oldest
 * first. With `Accept: text/event-stream` what happens from now on, or after `Last-Event-ID`, as it happens.
 */
export function eventRoutes(
  app: FastifyInstance,
  events: ClusterEvents,
  database: Database | undefined,
  stopping: AbortSignal,
): void {
  app.get('/api/v1/cluster/events', async (request, reply) => {
    if (database && !database.available) throw databaseAway();
    const { limit, before = Number.MAX_SAFE_INTEGER, after } = parseBody(query, request.query);
    const { accept, 'last-event-id': last } = request.headers;
    if (!accept?.includes('text/event-stream')) {
      const found =
        after === undefined ? await events.before(before, limit + 1) : await events.after(after, limit + 1);
      return { data: found.slice(0, limit), has_more: found.length > limit };
    }
    const given = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : after;
    const from = given ?? (await events.before(Number.MAX_SAFE_INTEGER, 1))[0]?.id ?? 0;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    const keepAlive = setInterval(() => raw.write(': keep-alive\n\n'), KEEP_ALIVE_MILLISECONDS);
    try {
      for await (const batch of follow(events, from, AbortSignal.any([gone.signal, stopping]))) {
        raw.write(batch.map(toSse).join(''));
      }
    } catch (err) {
      request.log.debug({ err }, 'events broken off');
    } finally {
      clearInterval(keepAlive);
      raw.end();
    }
  });
}

/** What happens, from the event after `id` on. While PostgreSQL is away it waits. */
async function* follow(
  events: ClusterEvents,
  id: number,
  signal: AbortSignal,
): AsyncGenerator<readonly ClusterEvent[]> {
  let last = id;
  while (!signal.aborted) {
    const batch = await events.after(last, BATCH).catch(() => []);
    last = batch.at(-1)?.id ?? last;
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH)
      await sleep(LOOK_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function toSse({ id, type, at, node, details }: ClusterEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ id, type, at, node, details })}\n\n`;
}
