import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { EngineError } from '../../engine/engine-error.js';
import type { ChatMessage } from '../../engine/generation.js';
import { StreamGone, type StreamHeader } from '../../streams/journal.js';
import { ApiError, invalidRequest } from '../api-error.js';
import { parseBody } from '../validation.js';
import { answerId } from './answer-id.js';
import { inputItems, itemsPage } from './responses-input.js';
import { ResponseBuilder } from './responses-rendering.js';
import { type ResponseRequest, responseRequest, toGeneration, toMessages } from './responses-request.js';
import { answerStreamed, ownStream, type Streaming, sendStream } from './streaming.js';
import { lastEventId, startingAfter } from './streams.js';
import { answerWhole } from './whole-answer.js';

/** Time for a cancelled generation to end: a step, or a takeover if its node is lost. */
const CANCEL_MILLISECONDS = 3_000;

const include = z.union([z.string(), z.array(z.string())]).optional();
const retrieveQuery = z.strictObject({
  stream: z.literal(['true', 'false']).optional(),
  starting_after: startingAfter.optional(),
  include,
  'include[]': include,
  include_obfuscation: z.literal('false', 'padding against traffic analysis is not supported').optional(),
});
const itemsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.literal(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
  include,
  'include[]': include,
});

interface ById {
  Params: { id: string };
}

/** `/v1/responses`. A stored response is its stream in the journal, kept for longer. */
export function responses(app: FastifyInstance, streaming: Streaming, storedSeconds: () => number): void {
  const { journal, generations } = streaming;

  app.post('/v1/responses', async (request, reply) => {
    const body = parseBody(responseRequest, request.body);
    const header = await toHeader(streaming, body, request, storedSeconds());
    try {
      if (body.stream) return await answerStreamed(streaming, header, request, reply);
      if (!body.background) return await answerWhole(streaming, header, request, reply);
      await generations.start(header);
    } catch (error) {
      throw renamed(error);
    }
    return queued(header);
  });

  app.get<ById>('/v1/responses/:id', async (request, reply) => {
    const query = parseBody(retrieveQuery, request.query);
    const header = await find(streaming, request.params.id, request);
    if (query.stream === 'true') {
      const after = query.starting_after ?? lastEventId(request.headers['last-event-id']);
      return sendStream(streaming, header, request, reply, after);
    }
    if (query.starting_after !== undefined) {
      throw invalidRequest("'starting_after' needs 'stream' to be true.", 'starting_after');
    }
    return (await build(streaming, header)).response;
  });

  app.delete<ById>('/v1/responses/:id', async (request) => {
    const { id } = await find(streaming, request.params.id, request);
    await journal.delete(id);
    return { id, object: 'response', deleted: true };
  });

  app.post<ById>('/v1/responses/:id/cancel', async (request) => {
    const header = await find(streaming, request.params.id, request);
    if (!header.background) {
      throw invalidRequest('Only responses that were created with "background" can be cancelled.', null);
    }
    await journal.cancel(header.id);
    const builder = new ResponseBuilder(header);
    const patience = AbortSignal.timeout(CANCEL_MILLISECONDS);
    for await (const batch of journal.read(header.id, patience))
      for (const entry of batch) builder.add(entry);
    return { ...builder.response, ...(!builder.outcome && { status: 'cancelled' }) };
  });

  app.get<ById>('/v1/responses/:id/input_items', async (request) => {
    const query = parseBody(itemsQuery, request.query);
    return itemsPage(await find(streaming, request.params.id, request), query);
  });
}

async function toHeader(
  streaming: Streaming,
  body: ResponseRequest,
  request: FastifyRequest,
  storedSeconds: number,
): Promise<StreamHeader> {
  const stored = body.store ?? true;
  if (body.background && !stored) {
    throw invalidRequest("'background' needs 'store': nobody could get the answer.", 'background');
  }
  const earlier =
    body.previous_response_id == null
      ? []
      : await conversation(streaming, body.previous_response_id, request);
  const id = answerId('resp_', request);
  return {
    id,
    kind: 'response',
    created: Math.floor(Date.now() / 1000),
    model: body.model,
    owner: request.principal.id,
    requests: [toGeneration(body, earlier)],
    rendering: { stored, echo: echo(body), input: inputItems(id, body) },
    ...(body.background && { background: true }),
    ...(stored && { retentionSeconds: storedSeconds }),
  };
}

/** What a response says of its request. */
function echo(body: ResponseRequest): Record<string, unknown> {
  return {
    background: body.background ?? false,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: (body.tools ?? []).map((tool) => ({
      ...tool,
      description: tool.description ?? null,
      parameters: tool.parameters ?? null,
      strict: tool.strict ?? false,
    })),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    ...(body.user != null && { user: body.user }),
  };
}

/** The messages up to and with a stored response; its instructions are not handed on. */
async function conversation(
  streaming: Streaming,
  id: string,
  request: FastifyRequest,
): Promise<ChatMessage[]> {
  const header = await find(streaming, id, request).catch((error: unknown) => {
    if (!(error instanceof ApiError) && !(error instanceof StreamGone)) throw error;
    const message = `There is no previous response '${id}'.`;
    throw new ApiError(
      404,
      'invalid_request_error',
      'previous_response_not_found',
      message,
      'previous_response_id',
    );
  });
  const { response } = await build(streaming, header);
  if (response.status !== 'completed' && response.status !== 'incomplete') {
    const message = `The previous response '${id}' is ${response.status}.`;
    throw invalidRequest(message, 'previous_response_id', 'previous_response_not_completed');
  }
  const prompt = header.requests[0]?.prompt;
  const messages = prompt?.kind === 'chat' ? prompt.messages : [];
  const { instructions } = response;
  const { input } = responseRequest.pick({ input: true }).parse({ input: response.output });
  return [
    ...messages.slice(instructions == null ? 0 : 1),
    ...toMessages(typeof input === 'string' ? [] : input),
  ];
}

/** A background response, as it is answered at once. */
export function queued(header: StreamHeader): object {
  return { ...new ResponseBuilder(header).response, status: 'queued' };
}

/** A stored response's header; 404, also for what is somebody else's or stored for another API. */
async function find({ journal }: Streaming, id: string, request: FastifyRequest): Promise<StreamHeader> {
  const header = await ownStream(journal, id, request).catch((error: unknown) => {
    if (error instanceof StreamGone && !error.expired) return undefined;
    throw error;
  });
  if (header?.kind === 'response' && header.rendering.stored === true) return header;
  throw new ApiError(
    404,
    'invalid_request_error',
    'response_not_found',
    `There is no response '${id}'.`,
    'id',
  );
}

async function build({ journal }: Streaming, header: StreamHeader): Promise<ResponseBuilder> {
  const builder = new ResponseBuilder(header);
  for (const entry of await journal.entries(header.id)) builder.add(entry);
  return builder;
}

/** Engines name fields as chat completions do. */
function renamed(error: unknown): unknown {
  if (!(error instanceof EngineError) || error.param === undefined) return error;
  const param = error.param
    .replace(/^response_format.*/, 'text.format')
    .replace(/^(messages|prompt)/, 'input')
    .replace(/^(tools\[\d+\])\.function/, '$1');
  return new EngineError(error.code, error.message, param);
}
