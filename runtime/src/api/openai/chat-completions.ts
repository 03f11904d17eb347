import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { StreamHeader } from '../../streams/journal.js';
import { parseBody } from '../validation.js';
import { chatCompletion } from './chat-rendering.js';
import { type ChatRequest, chatRequest, toGenerations } from './chat-request.js';
import { answerStreamed, answerWhole, type Streaming } from './streaming.js';

/** `POST /v1/chat/completions` */
export function chatCompletions(app: FastifyInstance, streaming: Streaming): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const body = parseBody(chatRequest, request.body);
    const header = toHeader(body);
    if (body.stream) return answerStreamed(streaming, header, request, reply);
    return chatCompletion(header, await answerWhole(streaming, header, reply));
  });
}

function toHeader(body: ChatRequest): StreamHeader {
  return {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    kind: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: body.model,
    requests: toGenerations(body),
    rendering: {
      includeUsage: body.stream_options?.include_usage === true,
      ...(body.metadata && { metadata: body.metadata }),
      ...(body.user != null && { user: body.user }),
    },
  };
}
