import type { EmbeddingInput } from '../engine.js';
import type { GenerationRequest, TokenLogprob, TokenLogprobs } from '../generation.js';
import { toolFormatOf } from '../tools/tool-format.js';
import {
  embedByOpenAi,
  embeds,
  gauge,
  listOf,
  numberOf,
  textOf,
  tokensOf,
  wireConstraint,
  wireMessages,
  wireTools,
} from './openai-wire.js';
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

/** llama.cpp's own server: `/apply-template`, `/tokenize`, and `/completion` by token ids. */
export class LlamaServer implements UpstreamServer {
  readonly resumesBy = 'tokens';
  private readonly http: UpstreamHttp;

  constructor(
    url: string,
    private readonly model: string,
  ) {
    this.http = new UpstreamHttp(url);
  }

  async inspect(signal: AbortSignal): Promise<UpstreamFacts> {
    await this.ping(signal);
    const properties = await this.http.get('/props', signal);
    const contextSize = numberOf(properties, 'default_generation_settings', 'n_ctx');
    const template = textOf(properties, 'chat_template');
    const embeddings = await embeds(this.http, this.model, signal);
    const toolFormat = toolFormatOf(template);
    return {
      ...(contextSize !== undefined && { contextSize }),
      capabilities: { chat: !embeddings && template !== '', completion: !embeddings, embeddings },
      ...(toolFormat && { toolFormat }),
    };
  }

  async prepare(
    { prompt }: GenerationRequest,
    _facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<PreparedPrompt> {
    if (prompt.kind === 'tokens') return { tokens: prompt.tokens, promptTokens: prompt.tokens.length };
    let content: string;
    if (prompt.kind === 'text') content = prompt.text;
    else {
      const body = { messages: wireMessages(prompt), ...wireTools(prompt), add_generation_prompt: true };
      content = textOf(await this.http.post('/apply-template', body, signal), 'prompt');
    }
    const body = { content, add_special: true, parse_special: true };
    const counted = tokensOf(await this.http.post('/tokenize', body, signal));
    const tokens = prompt.kind === 'chat' ? withoutSecondStart(counted) : counted;
    return { tokens, promptTokens: tokens.length };
  }

  async open(
    request: GenerationRequest,
    prepared: PreparedPrompt,
    progress: Progress,
    limits: GenerationLimits,
    facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<AsyncIterable<UpstreamChunk>> {
    const { sampling, logprobs } = request;
    const constraint = wireConstraint(request, facts);
    const prompt = [...(prepared.tokens ?? []), ...progress.tokens];
    const body = {
      prompt,
      n_predict: limits.maxTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      min_p: sampling.minP,
      frequency_penalty: sampling.frequencyPenalty,
      presence_penalty: sampling.presencePenalty,
      repeat_penalty: sampling.repetitionPenalty,
      // All of it: servers of 2026 refuse the -1 that once said so.
      repeat_last_n: prompt.length + limits.maxTokens,
      logit_bias: Object.entries(sampling.logitBias).map(([token, bias]) => [Number(token), bias]),
      seed: limits.seed,
      samplers: ['penalties', 'top_k', 'top_p', 'min_p', 'temperature'],
      // At least one, or nothing is told of the chosen token either.
      ...(logprobs !== undefined && { n_probs: Math.max(1, logprobs), post_sampling_probs: false }),
      ...(constraint?.kind === 'schema' && { json_schema: constraint.schema }),
      ...(constraint?.kind === 'grammar' && { grammar: constraint.grammar }),
      cache_prompt: true,
      return_tokens: true,
      stream: true,
    };
    return this.chunks(await this.http.stream('/completion', body, signal), logprobs ?? 0, signal);
  }

  async detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string> {
    return textOf(await this.http.post('/detokenize', { tokens }, signal), 'content');
  }

  embed(inputs: readonly EmbeddingInput[], signal: AbortSignal) {
    return embedByOpenAi(this.http, this.model, inputs, signal);
  }

  ping(signal: AbortSignal) {
    return this.http.getText('/health', signal);
  }

  async kvUsage(signal: AbortSignal): Promise<number | undefined> {
    return gauge(await this.http.getText('/metrics', signal), ['llamacpp:kv_cache_usage_ratio']);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async *chunks(
    values: AsyncIterable<unknown>,
    top: number,
    signal: AbortSignal,
  ): AsyncGenerator<UpstreamChunk> {
    let told = 0;
    for await (const value of values) {
      const logprobs = listOf(value, 'completion_probabilities').map((each) => logprobsOf(each, top));
      const isLast = field(value, 'stop') === true;
      const text = textOf(value, 'content');
      const predicted = numberOf(value, 'tokens_predicted') ?? 0;
      let tokens = isLast ? [] : listOf(value, 'tokens').filter((each) => typeof each === 'number');
      if (text !== '' && predicted > told + tokens.length) tokens = await this.tokensOfText(text, signal);
      told = Math.max(predicted, told + tokens.length);
      yield {
        tokens,
        text,
        ...(logprobs.length > 0 && { logprobs }),
        ...(isLast && {
          finish: {
            reason: textOf(value, 'stop_type') === 'limit' ? 'length' : 'stop',
            completionTokens: predicted,
            cachedTokens: numberOf(value, 'timings', 'cache_n') ?? 0,
          },
        }),
      };
      if (isLast) return;
    }
    throw new UpstreamAway('llama-server broke off in the middle of an answer.');
  }

  /** Of a character in several tokens the server tells the last one only: they are found from the text. */
  private async tokensOfText(content: string, signal: AbortSignal): Promise<number[]> {
    const body = { content, add_special: false, parse_special: true };
    return tokensOf(await this.http.post('/tokenize', body, signal));
  }
}

/** Templates write the start token themselves, and the tokenizer puts one before whatever it gets. */
function withoutSecondStart(tokens: number[]): number[] {
  return tokens.length > 1 && tokens[0] === tokens[1] ? tokens.slice(1) : tokens;
}

function logprobsOf(value: unknown, top: number): TokenLogprobs {
  return { ...entry(value), top: listOf(value, 'top_logprobs').slice(0, top).map(entry) };
}

function entry(value: unknown): TokenLogprob {
  const bytes = listOf(value, 'bytes').filter((each) => typeof each === 'number');
  return { token: textOf(value, 'token'), logprob: numberOf(value, 'logprob') ?? -9999, bytes };
}
