import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { StreamHeader } from '../../streams/journal.js';
import { parseBody } from '../validation.js';
import { completion } from './completion-rendering.js';
import { type CompletionRequest, completionRequest, toGenerations } from './completion-request.js';
import { answerStreamed, answerWhole, type Streaming } from './streaming.js';

/** `POST /v1/completions` */
export function completions(app: FastifyInstance, streaming: Streaming): void {
  app.post('/v1/completions', async (request, reply) => {
    const body = parseBody(completionRequest, request.body);
    const header = toHeader(body);
    if (body.stream) return answerStreamed(streaming, header, request, reply);
    return completion(header, await answerWhole(streaming, header, reply));
  });
}

function toHeader(body: CompletionRequest): StreamHeader {
  return {
    id: `cmpl-${randomUUID().replaceAll('-', '')}`,
    kind: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: body.model,
    requests: toGenerations(body),
    rendering: {
      choicesPerPrompt: body.n ?? 1,
      includeUsage: body.stream_options?.include_usage === true,
      ...(body.user != null && { user: body.user }),
    },
  };
}
