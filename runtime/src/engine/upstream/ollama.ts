import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { sha256Of } from '../../models/files.js';
import type { EmbeddingInput } from '../engine.js';
import { EngineError } from '../engine-error.js';
import type { GenerationRequest, TokenLogprob, TokenLogprobs, ToolCallDelta } from '../generation.js';
import { embedByOpenAi, listOf, mayCall, numberOf, textOf, wireTools } from './openai-wire.js';
import { field, UpstreamHttp } from './upstream-http.js';
import {
  type GenerationLimits,
  type PreparedPrompt,
  type Progress,
  UpstreamAway,
  type UpstreamChunk,
  type UpstreamFacts,
  type UpstreamServer,
} from './upstream-server.js';

/** Stands for a token whose id is not told: their number is right. */
const UNKNOWN_TOKEN = 0;

export interface OllamaModel {
  readonly name: string;
  readonly contextSize: number;
  /** The GGUF file to import, once Ollama turns out not to have the model. */
  fetch(signal: AbortSignal): Promise<string>;
}

/**
 * Ollama: by text, since it takes no token ids. An answer is gone on with by sending the beginning along. It keeps
 * models in a store of its own, into which they are copied over its API.
 */
export class Ollama implements UpstreamServer {
  readonly resumesBy = 'text';
  private readonly http: UpstreamHttp;

  constructor(
    url: string,
    private readonly model: OllamaModel,
  ) {
    this.http = new UpstreamHttp(url);
  }

  async provide(signal: AbortSignal): Promise<void> {
    const known = listOf(await this.http.get('/api/tags', signal), 'models');
    const names = known.flatMap((each) => [textOf(each, 'name'), textOf(each, 'model')]);
    const { name } = this.model;
    if (names.includes(name) || names.includes(`${name}:latest`)) return;
    const path = await this.model.fetch(signal);
    const digest = `sha256:${await sha256Of(path, { signal })}`;
    if (!(await this.http.head(`/api/blobs/${digest}`, signal))) {
      await this.http.upload(
        `/api/blobs/${digest}`,
        createReadStream(path, { highWaterMark: 1 << 20 }),
        signal,
      );
    }
    const body = { model: name, files: { [basename(path)]: digest }, stream: false };
    await this.http.post('/api/create', body, signal);
  }

  async inspect(signal: AbortSignal): Promise<UpstreamFacts> {
    const shown = await this.http.post('/api/show', { model: this.model.name }, signal);
    const abilities = listOf(shown, 'capabilities');
    const embeddings = abilities.includes('embedding');
    const generates = abilities.includes('completion');
    // Loads it, so that the first request need not wait.
    if (generates) await this.http.post('/api/generate', this.common(), signal);
    return {
      contextSize: this.model.contextSize,
      capabilities: { chat: generates, completion: generates, embeddings },
    };
  }

  check({ prompt, sampling }: GenerationRequest): void {
    const refuse = (what: string, param: string) => {
      throw new EngineError('invalid_request', `Ollama can't honour ${what}.`, param);
    };
    if (prompt.kind === 'tokens') refuse('a prompt of token ids', 'prompt');
    if (Object.keys(sampling.logitBias).length > 0) refuse("'logit_bias'", 'logit_bias');
    if (prompt.kind !== 'chat' || !mayCall(prompt)) return;
    if (prompt.toolChoice !== 'auto') refuse("another 'tool_choice' than auto and none", 'tool_choice');
    if (!prompt.parallelToolCalls) refuse("'parallel_tool_calls' false", 'parallel_tool_calls');
    const strict = prompt.tools.findIndex((tool) => tool.strict);
    if (strict >= 0) refuse('a strict schema', `tools[${strict}].function.strict`);
  }

  /** Counts the prompt by generating one token of it; the prompt itself stays in Ollama's cache for the rest. */
  async prepare(
    request: GenerationRequest,
    _facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<PreparedPrompt> {
    return { promptTokens: await this.promptTokens(request, '', signal) };
  }

  async count(
    request: GenerationRequest,
    { promptTokens }: PreparedPrompt,
    text: string,
    signal: AbortSignal,
  ): Promise<number> {
    return (await this.promptTokens(request, text, signal)) - promptTokens;
  }

  async open(
    request: GenerationRequest,
    _prepared: PreparedPrompt,
    progress: Progress,
    limits: GenerationLimits,
    _facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<AsyncIterable<UpstreamChunk>> {
    const { path, body } = this.request(request, progress.text, limits);
    return chunks(await this.http.stream(path, { ...body, stream: true }, signal));
  }

  embed(inputs: readonly EmbeddingInput[], signal: AbortSignal) {
    if (inputs.some((each) => typeof each !== 'string')) {
      throw new EngineError('invalid_request', "Ollama can't honour inputs of token ids.", 'input');
    }
    return embedByOpenAi(this.http, this.model.name, inputs, signal);
  }

  ping(signal: AbortSignal) {
    return this.http.getText('/api/version', signal);
  }

  async kvUsage(): Promise<undefined> {
    return undefined;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async promptTokens(
    request: GenerationRequest,
    begun: string,
    signal: AbortSignal,
  ): Promise<number> {
    const { path, body } = this.request(request, begun, { maxTokens: 1, seed: 0 });
    const answer = await this.http.post(path, { ...body, stream: false }, signal);
    return numberOf(answer, 'prompt_eval_count') ?? 0;
  }

  private request(request: GenerationRequest, begun: string, limits: GenerationLimits) {
    const { prompt, sampling, format, logprobs } = request;
    const common = {
      ...this.common(),
      options: {
        num_ctx: this.model.contextSize,
        num_predict: limits.maxTokens,
        seed: limits.seed,
        temperature: sampling.temperature,
        top_p: sampling.topP,
        top_k: sampling.topK,
        min_p: sampling.minP,
        frequency_penalty: sampling.frequencyPenalty,
        presence_penalty: sampling.presencePenalty,
        repeat_penalty: sampling.repetitionPenalty,
        repeat_last_n: -1,
      },
      // Else what does not fit is cut away without a word.
      truncate: false,
      shift: false,
      ...(format.kind === 'json' && { format: 'json' }),
      ...(format.kind === 'schema' && { format: format.schema }),
      ...(logprobs !== undefined && { logprobs: true, top_logprobs: logprobs }),
    };
    if (prompt.kind !== 'chat') {
      const text = prompt.kind === 'text' ? prompt.text : '';
      return { path: '/api/generate', body: { ...common, prompt: text + begun, raw: true } };
    }
    const messages = [
      ...prompt.messages.map((message) => ({
        role: message.role === 'developer' ? 'system' : message.role,
        content: message.content ?? '',
        ...(message.toolCalls && {
          tool_calls: message.toolCalls.map(({ name, arguments: text }) => ({
            function: { name, arguments: objectOf(text) },
          })),
        }),
        ...(message.toolCallId !== undefined && { tool_call_id: message.toolCallId }),
      })),
      ...(begun === '' ? [] : [{ role: 'assistant', content: begun }]),
    ];
    return { path: '/api/chat', body: { ...common, messages, ...wireTools(prompt) } };
  }

  private common() {
    return { model: this.model.name, keep_alive: -1, options: { num_ctx: this.model.contextSize } };
  }
}

async function* chunks(values: AsyncIterable<unknown>): AsyncGenerator<UpstreamChunk> {
  let calls = 0;
  for await (const value of values) {
    const message = field(value, 'message');
    const text = textOf(message, 'content') || textOf(value, 'response');
    const logprobs = listOf(value, 'logprobs').map(logprobsOf);
    const toolCalls = listOf(message, 'tool_calls').map((call) => callOf(call, calls++));
    const isLast = field(value, 'done') === true;
    yield {
      tokens: text === '' ? [] : [UNKNOWN_TOKEN],
      text,
      ...(logprobs.length > 0 && { logprobs }),
      ...(toolCalls.length > 0 && { toolCalls }),
      ...(isLast && {
        finish: {
          reason: textOf(value, 'done_reason') === 'length' ? 'length' : 'stop',
          completionTokens: numberOf(value, 'eval_count') ?? 0,
        },
      }),
    };
    if (isLast) return;
  }
  throw new UpstreamAway('Ollama broke off in the middle of an answer.');
}

function callOf(call: unknown, index: number): ToolCallDelta {
  const called = field(call, 'function');
  return {
    index,
    id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    name: textOf(called, 'name'),
    arguments: JSON.stringify(field(called, 'arguments') ?? {}),
  };
}

function logprobsOf(value: unknown): TokenLogprobs {
  return { ...entry(value), top: listOf(value, 'top_logprobs').map(entry) };
}

function entry(value: unknown): TokenLogprob {
  const token = textOf(value, 'token');
  const bytes = listOf(value, 'bytes').filter((each) => typeof each === 'number');
  return {
    token,
    logprob: numberOf(value, 'logprob') ?? -9999,
    bytes: bytes.length > 0 ? bytes : [...Buffer.from(token)],
  };
}

/** Ollama wants a call's arguments as a value. */
function objectOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
