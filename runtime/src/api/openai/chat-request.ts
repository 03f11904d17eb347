import { z } from 'zod';
import type { ChatMessage, GenerationRequest, OutputFormat, Prompt } from '../../engine/generation.js';
import { invalidRequest } from '../api-error.js';
import { chooseSeed, requestFields, samplingFields, toSampling, unsupported } from './fields.js';

const textPart = z.strictObject({
  type: z.literal('text', 'only text parts are supported'),
  text: z.string(),
});
const text = z
  .union([z.string(), z.array(textPart)])
  .transform((content) =>
    typeof content === 'string' ? content : content.map((part) => part.text).join(''),
  );

const toolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const message = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal(['system', 'developer', 'user']),
    content: text,
    name: z.string().optional(),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: text.nullish(),
    refusal: z.string().nullish(),
    name: z.string().optional(),
    tool_calls: z.array(toolCall).nullish(),
    audio: unsupported('Audio is not supported.').optional(),
    function_call: unsupported("'function_call' is deprecated: use 'tool_calls'.").optional(),
    annotations: z.array(z.unknown()).nullish(),
  }),
  z.strictObject({ role: z.literal('tool'), content: text, tool_call_id: z.string() }),
]);

const schemaObject = z.record(z.string(), z.unknown());

const tool = z.strictObject({
  type: z.literal('function', 'only functions are supported'),
  function: z.strictObject({
    name: z.string().regex(/^[\w-]{1,64}$/, 'a name has 1 to 64 letters, digits, _ or -'),
    description: z.string().optional(),
    parameters: schemaObject.optional(),
    strict: z.boolean().nullish(),
  }),
});

export const chatRequest = z.strictObject({
  ...requestFields,
  ...samplingFields,
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object') }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.strictObject({
          name: z.string().regex(/^[\w-]{1,64}$/, 'a name has 1 to 64 letters, digits, _ or -'),
          description: z.string().optional(),
          schema: schemaObject.optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([
      z.literal(['auto', 'none', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  store: z.boolean().nullish(),
  service_tier: z.literal(['auto', 'default'], 'there is one tier').nullish(),
  modalities: z.array(z.literal('text', 'only text is supported')).nullish(),
  prompt_cache_key: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  audio: unsupported("'audio' is not supported: models here write text.").optional(),
  functions: unsupported("'functions' is deprecated: use 'tools'.").optional(),
  function_call: unsupported("'function_call' is deprecated: use 'tool_choice'.").optional(),
  prediction: unsupported("'prediction' is not supported.").optional(),
  reasoning_effort: unsupported("'reasoning_effort' is not supported.").optional(),
  verbosity: unsupported("'verbosity' is not supported.").optional(),
  web_search_options: unsupported("'web_search_options' is not supported.").optional(),
});

export type ChatRequest = z.output<typeof chatRequest>;

/** One generation a choice. */
export function toGenerations(request: ChatRequest): GenerationRequest[] {
  const seed = chooseSeed(request.seed);
  const prompt = toPrompt(request);
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  const format = toFormat(request);
  if (request.top_logprobs != null && !request.logprobs) {
    throw invalidRequest("'top_logprobs' needs 'logprobs' to be true.", 'top_logprobs');
  }
  return Array.from({ length: request.n ?? 1 }, (_, choice) => ({
    model: request.model,
    prompt,
    ...(maxTokens !== undefined && { maxTokens }),
    sampling: toSampling(request, seed, choice),
    stop: request.stop,
    ...(request.logprobs && { logprobs: request.top_logprobs ?? 0 }),
    format,
  }));
}

function toPrompt(request: ChatRequest): Prompt {
  const tools = (request.tools ?? []).map(({ function: { name, description, parameters, strict } }) => ({
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(strict && { strict }),
  }));
  const choice = request.tool_choice ?? 'auto';
  const toolChoice = typeof choice === 'string' ? choice : { name: choice.function.name };
  if (typeof toolChoice === 'object' && !tools.some((each) => each.name === toolChoice.name)) {
    throw invalidRequest(
      `'tool_choice' names ${toolChoice.name}, which is not among 'tools'.`,
      'tool_choice',
    );
  }
  if (toolChoice === 'required' && tools.length === 0) {
    throw invalidRequest("'tool_choice' is required, but there are no 'tools'.", 'tool_choice');
  }
  return {
    kind: 'chat',
    messages: request.messages.map(toMessage),
    tools,
    toolChoice,
    parallelToolCalls: request.parallel_tool_calls ?? true,
  };
}

function toMessage(each: ChatRequest['messages'][number]): ChatMessage {
  if (each.role === 'tool') return { role: 'tool', content: each.content, toolCallId: each.tool_call_id };
  const name = each.name !== undefined && { name: each.name };
  if (each.role !== 'assistant') return { role: each.role, content: each.content, ...name };
  return {
    role: 'assistant',
    content: each.content ?? each.refusal ?? null,
    ...name,
    ...(each.tool_calls && {
      toolCalls: each.tool_calls.map((call) => ({
        id: call.id,
        name: call.function.name,
        arguments: call.function.arguments,
      })),
    }),
  };
}

function toFormat({ response_format: format }: ChatRequest): OutputFormat {
  if (!format || format.type === 'text') return { kind: 'text' };
  if (format.type === 'json_object' || format.json_schema.schema === undefined) return { kind: 'json' };
  return { kind: 'schema', schema: format.json_schema.schema };
}
