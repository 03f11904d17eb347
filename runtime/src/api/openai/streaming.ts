import type { FastifyReply, FastifyRequest } from 'fastify';
import { HEADERS } from '../../../contract.cjs';
import { mayUse } from '../../identity/principal.js';
import type { Generations } from '../../streams/generations.js';
import { StreamGone, type StreamHeader, type StreamJournal } from '../../streams/journal.js';
import { toApiError } from '../api-error.js';
import { sendEvents } from '../sse.js';
import { type RendererOf, renderBatches } from './rendering.js';

/** What the generating routes need. */
export interface Streaming {
  readonly generations: Generations;
  readonly journal: StreamJournal;
  readonly rendererOf: RendererOf;
}

/** Starts a stream and sends its events. What is refused is refused with a status, before the first byte. */
export async function answerStreamed(
  streaming: Streaming,
  header: StreamHeader,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await streaming.generations.start(header, header.background ? undefined : whenGone(reply));
  await sendStream(streaming, header, request, reply, -1);
}

/** Sends a stream's events after number `after`, from the journal. */
export async function sendStream(
  { journal, rendererOf }: Streaming,
  header: StreamHeader,
  request: FastifyRequest,
  reply: FastifyReply,
  after: number,
): Promise<void> {
  const gone = whenGone(reply);
  const events = renderBatches(journal.read(header.id, gone), rendererOf(header));
  reply.hijack();
  const headers = {
    'x-request-id': request.id,
    [HEADERS.resumeUrl]: `/v1/streams/${header.id}`,
    [HEADERS.durable]: String(journal.isDurable(header.id)),
  };
  await sendEvents(reply.raw, headers, events, after).catch((error: unknown) => {
    if (!toApiError(error)) request.log.error({ err: error }, 'stream cut');
  });
}

/** The header of a stream that this request may use. Throws {@link StreamGone}, also for what is somebody else's. */
export async function ownStream(
  journal: StreamJournal,
  id: string,
  { principal }: Pick<FastifyRequest, 'principal'>,
): Promise<StreamHeader> {
  const header = await journal.header(id);
  if (mayUse(principal, header.owner)) return header;
  throw new StreamGone(id, false);
}

/** Aborted when the client is gone, or has its answer. */
export function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
