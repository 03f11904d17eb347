import type { FastifyInstance } from 'fastify';
import type { Principal } from '../../identity/principal.js';
import type { StreamHeader } from '../../streams/journal.js';
import { parseBody } from '../validation.js';
import { answerId } from './answer-id.js';
import { type ChatRequest, chatRequest, toGenerations } from './chat-request.js';
import { answerStreamed, type Streaming } from './streaming.js';
import { answerWhole } from './whole-answer.js';

/** `POST /v1/chat/completions` */
export function chatCompletions(app: FastifyInstance, streaming: Streaming): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const body = parseBody(chatRequest, request.body);
    const header = toHeader(body, answerId('chatcmpl-', request), request.principal);
    if (body.stream) return answerStreamed(streaming, header, request, reply);
    return answerWhole(streaming, header, request, reply);
  });
}

function toHeader(body: ChatRequest, id: string, principal: Principal): StreamHeader {
  return {
    id,
    kind: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: body.model,
    owner: principal.id,
    requests: toGenerations(body),
    rendering: {
      includeUsage: body.stream_options?.include_usage === true,
      ...(body.metadata && { metadata: body.metadata }),
      ...(body.user != null && { user: body.user }),
    },
  };
}
