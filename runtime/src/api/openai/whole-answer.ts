import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StreamHeader, StreamJournal } from '../../streams/journal.js';
import { chatCompletion } from './chat-rendering.js';
import { choicesOf } from './choices.js';
import { completion } from './completion-rendering.js';
import { outcomeError } from './rendering.js';
import { ResponseBuilder } from './responses-rendering.js';
import { type Streaming, whenGone } from './streaming.js';

/**
 * Runs a stream to its end and answers it as a whole. If the client leaves it is cancelled, since nobody else knows its
 * id: but for stored responses, which can be fetched later, and for streams that another node goes on reading.
 */
export async function answerWhole(
  { generations, journal }: Streaming,
  header: StreamHeader,
  { givenId }: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const gone = whenGone(reply);
  const { id } = header;
  const stored = header.rendering.stored === true;
  const shared = stored || givenId !== undefined;
  await generations.start(shared ? header : { ...header, unshared: true }, gone);
  try {
    return await readWhole(journal, header, gone);
  } finally {
    const readElsewhere = givenId !== undefined && gone.aborted && journal.isDurable(id);
    // Nobody waits for that.
    if (!stored && !readElsewhere) void discard(journal, id);
  }
}

/** The whole answer, read from the journal wherever it is being written. */
export async function readWhole(
  journal: StreamJournal,
  header: StreamHeader,
  signal: AbortSignal,
): Promise<object> {
  const answer = header.kind === 'response' ? new ResponseBuilder(header) : choicesOf(header);
  for await (const batch of journal.read(header.id, signal)) for (const entry of batch) answer.add(entry);
  if (answer instanceof ResponseBuilder) {
    if (answer.outcome?.status === 'failed') throw outcomeError(answer.outcome);
    return answer.response;
  }
  const outcome = answer.outcome ?? { status: 'cancelled' };
  if (outcome.status !== 'completed') throw outcomeError(outcome);
  return header.kind === 'chat.completion' ? chatCompletion(header, answer) : completion(header, answer);
}

/** Ends a stream that nobody will ask for, and forgets it. */
export async function discard(journal: StreamJournal, id: string): Promise<void> {
  await journal.cancel(id).catch(() => undefined);
  await journal.delete(id).catch(() => undefined);
}
