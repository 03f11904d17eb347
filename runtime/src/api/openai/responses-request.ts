import { z } from 'zod';
import type { ChatMessage, GenerationRequest, OutputFormat, ToolChoice } from '../../engine/generation.js';
import { invalidRequest } from '../api-error.js';
import { chooseSeed, requestFields, samplingFields, toSampling, unsupported } from './fields.js';

const name = z.string().regex(/^[\w-]{1,64}$/, 'a name has 1 to 64 letters, digits, _ or -');
const schemaObject = z.record(z.string(), z.unknown());
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()).nullish(),
    logprobs: z.array(z.unknown()).nullish(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
const textContent = z.union([z.string(), z.array(part)]);

const item = z.preprocess(
  // A message may leave its type out.
  (value) =>
    typeof value === 'object' && value !== null && 'role' in value && !('type' in value)
      ? { ...value, type: 'message' }
      : value,
  z.discriminatedUnion(
    'type',
    [
      z.strictObject({
        type: z.literal('message'),
        id: z.string().nullish(),
        role: z.literal(['system', 'developer', 'user', 'assistant']),
        content: textContent,
        status,
      }),
      z.strictObject({
        type: z.literal('function_call'),
        id: z.string().nullish(),
        call_id: z.string(),
        name: z.string(),
        arguments: z.string(),
        status,
      }),
      z.strictObject({
        type: z.literal('function_call_output'),
        id: z.string().nullish(),
        call_id: z.string(),
        output: textContent,
        status,
      }),
    ],
    'items are messages, function calls and their outputs',
  ),
);
export type InputItem = z.output<typeof item>;

const tool = z.strictObject({
  type: z.literal('function', 'only functions are supported'),
  name,
  description: z.string().nullish(),
  parameters: schemaObject.nullish(),
  strict: z.boolean().nullish(),
});

export const responseRequest = z.strictObject({
  ...samplingFields,
  model: requestFields.model,
  stream: requestFields.stream,
  user: requestFields.user,
  stream_options: z
    .strictObject({
      include_obfuscation: z.literal(false, 'padding against traffic analysis is not supported').nullish(),
    })
    .nullish(),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  background: z.boolean().nullish(),
  store: z.boolean().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, 'there are 16 pairs at most')
    .nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([
      z.literal(['auto', 'none', 'required']),
      z.strictObject({ type: z.literal('function'), name: z.string() }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('text') }),
          z.strictObject({ type: z.literal('json_object') }),
          z.strictObject({
            type: z.literal('json_schema'),
            name,
            description: z.string().nullish(),
            schema: schemaObject,
            strict: z.boolean().nullish(),
          }),
        ])
        .nullish(),
      verbosity: z.literal('medium', 'verbosity can not be chosen').nullish(),
    })
    .nullish(),
  include: z
    .array(z.literal('message.output_text.logprobs', 'only message.output_text.logprobs can be included'))
    .nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  truncation: z.literal('disabled', 'only disabled: what does not fit is refused, never cut').nullish(),
  reasoning: z
    .strictObject({
      effort: z.literal('none', 'reasoning is not supported').nullish(),
      summary: unsupported("'reasoning.summary' is not supported.").optional(),
      generate_summary: unsupported("'reasoning.generate_summary' is not supported.").optional(),
    })
    .nullish(),
  service_tier: z.literal(['auto', 'default'], 'there is one tier').nullish(),
  prompt_cache_key: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  conversation: unsupported("'conversation' is not supported: use 'previous_response_id'.").optional(),
  context_management: unsupported("'context_management' is not supported.").optional(),
  max_tool_calls: unsupported("'max_tool_calls' is not supported: there are no built-in tools.").optional(),
  moderation: unsupported("'moderation' is not supported.").optional(),
  prompt: unsupported("'prompt' is not supported: templates are not stored here.").optional(),
  prompt_cache_options: unsupported("'prompt_cache_options' is not supported.").optional(),
  prompt_cache_retention: unsupported("'prompt_cache_retention' is not supported.").optional(),
});

export type ResponseRequest = z.output<typeof responseRequest>;

/** The generation, after the messages of the responses before this one. */
export function toGeneration(request: ResponseRequest, earlier: readonly ChatMessage[]): GenerationRequest {
  const maxTokens = request.max_output_tokens ?? undefined;
  const logprobs = request.include?.includes('message.output_text.logprobs') || request.top_logprobs != null;
  const instructions: ChatMessage[] =
    request.instructions == null ? [] : [{ role: 'system', content: request.instructions }];
  return {
    model: request.model,
    prompt: {
      kind: 'chat',
      messages: [...instructions, ...earlier, ...toMessages(toItems(request))],
      tools: (request.tools ?? []).map(({ name, description, parameters, strict }) => ({
        name,
        ...(description != null && { description }),
        ...(parameters != null && { parameters }),
        ...(strict && { strict }),
      })),
      toolChoice: toToolChoice(request),
      parallelToolCalls: request.parallel_tool_calls ?? true,
    },
    ...(maxTokens !== undefined && { maxTokens }),
    sampling: toSampling(request, chooseSeed(request.seed), 0),
    stop: [],
    ...(logprobs && { logprobs: request.top_logprobs ?? 0 }),
    format: toFormat(request),
  };
}

export function toItems({ input }: ResponseRequest): readonly InputItem[] {
  return typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input;
}

/** Chat messages; calls, which are items of their own here, belong to the assistant's message before them. */
export function toMessages(items: readonly InputItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const each of items) {
    if (each.type === 'message') {
      messages.push({ role: each.role, content: textOf(each.content) });
    } else if (each.type === 'function_call_output') {
      messages.push({ role: 'tool', content: textOf(each.output), toolCallId: each.call_id });
    } else {
      const call = { id: each.call_id, name: each.name, arguments: each.arguments };
      const last = messages.at(-1);
      if (last?.role === 'assistant') {
        messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] };
      } else {
        messages.push({ role: 'assistant', content: null, toolCalls: [call] });
      }
    }
  }
  return messages;
}

function textOf(content: z.output<typeof textContent>): string {
  if (typeof content === 'string') return content;
  return content.map((each) => (each.type === 'refusal' ? each.refusal : each.text)).join('');
}

function toToolChoice(request: ResponseRequest): ToolChoice {
  const choice = request.tool_choice ?? 'auto';
  const tools = request.tools ?? [];
  if (choice === 'required' && tools.length === 0) {
    throw invalidRequest("'tool_choice' is required, but there are no 'tools'.", 'tool_choice');
  }
  if (typeof choice === 'string') return choice;
  if (!tools.some((each) => each.name === choice.name)) {
    throw invalidRequest(`'tool_choice' names ${choice.name}, which is not among 'tools'.`, 'tool_choice');
  }
  return { name: choice.name };
}

function toFormat({ text }: ResponseRequest): OutputFormat {
  if (!text?.format || text.format.type === 'text') return { kind: 'text' };
  return text.format.type === 'json_object'
    ? { kind: 'json' }
    : { kind: 'schema', schema: text.format.schema };
}
