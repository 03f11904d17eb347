import type { EmbeddingInput, EmbeddingResult } from '../engine.js';
import { EngineError } from '../engine-error.js';
import type { GenerationRequest, JsonSchema, Prompt } from '../generation.js';
import { constraintOf } from '../tools/constraint.js';
import { field, type UpstreamHttp } from './upstream-http.js';
import { UpstreamAway, type UpstreamFacts } from './upstream-server.js';

type ChatPrompt = Extract<Prompt, { kind: 'chat' }>;

/** Messages as OpenAI's API has them, which chat templates of servers take. */
export function wireMessages({ messages }: ChatPrompt): object[] {
  return messages.map((message) => ({
    role: message.role === 'developer' ? 'system' : message.role,
    content: message.content ?? '',
    ...(message.name !== undefined && { name: message.name }),
    ...(message.toolCallId !== undefined && { tool_call_id: message.toolCallId }),
    ...(message.toolCalls && {
      tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text },
      })),
    }),
  }));
}

/** Whether the answer may hold calls of tools. */
export function mayCall(prompt: Prompt): prompt is ChatPrompt {
  return prompt.kind === 'chat' && prompt.tools.length > 0 && prompt.toolChoice !== 'none';
}

/** Tools that the model may call; empty where there are none. */
export function wireTools(prompt: ChatPrompt): { tools?: object[] } {
  if (!mayCall(prompt)) return {};
  return {
    tools: prompt.tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, ...(description !== undefined && { description }), parameters: parameters ?? EMPTY },
    })),
  };
}

const EMPTY = { type: 'object', properties: {} };

/** What holds the output to a form, for servers that take JSON schemas and llama.cpp's grammars. */
export type WireConstraint =
  | { readonly kind: 'schema'; readonly schema: JsonSchema }
  | { readonly kind: 'grammar'; readonly grammar: string };

/** The constraint of a request; `undefined` where the model is free. */
export function wireConstraint(request: GenerationRequest, facts: UpstreamFacts): WireConstraint | undefined {
  const { prompt, format } = request;
  if (!mayCall(prompt)) {
    if (format.kind === 'text') return undefined;
    return { kind: 'schema', schema: format.kind === 'json' ? { type: 'object' } : format.schema };
  }
  const constraint = constraintOf(request, facts.toolFormat);
  if (!constraint) return undefined;
  if (constraint.trigger === undefined) return { kind: 'grammar', grammar: constraint.grammar };
  // A grammar that begins in the middle of an answer is not to be had here.
  const strict = prompt.tools.findIndex((tool) => tool.strict);
  if (strict >= 0) {
    throw new EngineError(
      'invalid_request',
      "This engine keeps to a strict schema only where 'tool_choice' is required or names the function.",
      `tools[${strict}].function.strict`,
    );
  }
  return undefined;
}

/** A field that must be a list of token ids. */
export function tokensOf(value: unknown, name = 'tokens'): number[] {
  const tokens = field(value, name);
  if (!Array.isArray(tokens) || !tokens.every(Number.isInteger)) {
    throw new UpstreamAway(`The engine's answer has no list of ${name}.`);
  }
  return tokens;
}

export function numberOf(value: unknown, ...path: readonly string[]): number | undefined {
  const found = path.reduce(field, value);
  return typeof found === 'number' ? found : undefined;
}

export function textOf(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === 'string' ? text : '';
}

export function listOf(value: unknown, name: string): unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}

/** The model as `/v1/models` lists it. Throws an `EngineError` if the server serves another. */
export async function listedModel(http: UpstreamHttp, model: string, signal: AbortSignal): Promise<unknown> {
  const models = listOf(await http.get('/v1/models', signal), 'data');
  const found = models.find((each) => field(each, 'id') === model);
  if (found) return found;
  const names = models.map((each) => String(field(each, 'id'))).join(', ') || 'none';
  throw new EngineError(
    'bad_model',
    `The engine does not serve ${model}, but ${names}: give it that name, or mend models[].id.`,
  );
}

/** Embeddings over OpenAI's API, which all of the servers have. */
export async function embedByOpenAi(
  http: UpstreamHttp,
  model: string,
  inputs: readonly EmbeddingInput[],
  signal: AbortSignal,
): Promise<EmbeddingResult> {
  const input = inputs.length === 1 ? inputs[0] : inputs;
  const answer = await http.post('/v1/embeddings', { model, input, encoding_format: 'float' }, signal);
  const vectors = listOf(answer, 'data').map((each) => {
    const embedding = field(each, 'embedding');
    if (!Array.isArray(embedding)) throw new UpstreamAway("The engine's answer has no embedding.");
    return Float32Array.from(embedding);
  });
  return { vectors, promptTokens: numberOf(answer, 'usage', 'prompt_tokens') ?? 0 };
}

/** Whether the model makes embeddings: nothing but a try tells for all servers. */
export async function embeds(http: UpstreamHttp, model: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { vectors } = await embedByOpenAi(http, model, ['x'], signal);
    return vectors.length === 1;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineError || error instanceof UpstreamAway) return false;
    throw error;
  }
}

/** A gauge of Prometheus' text format. */
export function gauge(metrics: string, names: readonly string[]): number | undefined {
  for (const name of names) {
    const match = new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)`, 'm').exec(metrics);
    if (match) return Math.min(1, Math.max(0, Number(match[1])));
  }
  return undefined;
}
