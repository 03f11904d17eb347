import type { FastifyInstance } from 'fastify';
import type { Principal } from '../../identity/principal.js';
import type { StreamHeader } from '../../streams/journal.js';
import { parseBody } from '../validation.js';
import { answerId } from './answer-id.js';
import { type CompletionRequest, completionRequest, toGenerations } from './completion-request.js';
import { answerStreamed, type Streaming } from './streaming.js';
import { answerWhole } from './whole-answer.js';

/** `POST /v1/completions` */
export function completions(app: FastifyInstance, streaming: Streaming): void {
  app.post('/v1/completions', async (request, reply) => {
    const body = parseBody(completionRequest, request.body);
    const header = toHeader(body, answerId('cmpl-', request), request.principal);
    if (body.stream) return answerStreamed(streaming, header, request, reply);
    return answerWhole(streaming, header, request, reply);
  });
}

function toHeader(body: CompletionRequest, id: string, principal: Principal): StreamHeader {
  return {
    id,
    kind: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: body.model,
    owner: principal.id,
    requests: toGenerations(body),
    rendering: {
      choicesPerPrompt: body.n ?? 1,
      includeUsage: body.stream_options?.include_usage === true,
      ...(body.user != null && { user: body.user }),
    },
  };
}
