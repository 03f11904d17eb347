import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderBatches } from '../../api/openai/rendering.js';
import { queued } from '../../api/openai/responses.js';
import { type Streaming, sendStream, whenGone } from '../../api/openai/streaming.js';
import { discard, readWhole } from '../../api/openai/whole-answer.js';
import { writeEvents } from '../../api/sse.js';
import type { StreamHeader } from '../../streams/journal.js';
import type { SentSoFar } from './exchange.js';

/** The header of an answer that a lost node has begun; `undefined` where it has not, or nobody else can know. */
export async function begun({ journal }: Streaming, id: string): Promise<StreamHeader | undefined> {
  try {
    const header = await journal.header(id);
    return journal.isDurable(id) ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Goes on from the journal with an answer whose node is lost: after what the client has, as if nothing had happened. */
export async function goOn(
  streaming: Streaming,
  header: StreamHeader,
  sent: SentSoFar | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { journal, rendererOf } = streaming;
  if (sent) {
    reply.hijack();
    const events = renderBatches(journal.read(header.id, whenGone(reply)), rendererOf(header));
    await writeEvents(reply.raw, events, sent.lastId);
  } else if (isStreamed(request)) {
    await sendStream(streaming, header, request, reply, -1);
  } else if (header.background) {
    await reply.send(queued(header));
  } else {
    await answerWhole(streaming, header, reply);
  }
}

async function answerWhole({ journal }: Streaming, header: StreamHeader, reply: FastifyReply): Promise<void> {
  try {
    const answer = await readWhole(journal, header, whenGone(reply));
    await reply.send(answer);
  } finally {
    if (header.rendering.stored !== true) await discard(journal, header.id);
  }
}

function isStreamed({ body }: FastifyRequest): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;
}
