import type { EmbeddingInput } from '../engine.js';
import { EngineError } from '../engine-error.js';
import type { GenerationRequest, TokenLogprob, TokenLogprobs } from '../generation.js';
import { toolFormatOf } from '../tools/tool-format.js';
import { readModelTemplate } from './model-template.js';
import {
  embedByOpenAi,
  embeds,
  gauge,
  listedModel,
  listOf,
  mayCall,
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

/**
 * vLLM: `/tokenize` applies its chat template and counts, `/v1/completions` takes token ids and returns them
 * (`return_token_ids`).
 */
export class Vllm implements UpstreamServer {
  readonly resumesBy = 'tokens';
  private readonly http: UpstreamHttp;

  constructor(
    url: string,
    private readonly model: string,
    private readonly path: string,
  ) {
    this.http = new UpstreamHttp(url);
  }

  async inspect(signal: AbortSignal): Promise<UpstreamFacts> {
    await this.ping(signal);
    const listed = await listedModel(this.http, this.model, signal);
    const contextSize = numberOf(listed, 'max_model_len');
    const embeddings = await embeds(this.http, this.model, signal);
    const chat = !embeddings && (await this.chats(signal));
    const template = await readModelTemplate(this.path);
    const toolFormat = template && toolFormatOf(template.source);
    return {
      ...(contextSize !== undefined && { contextSize }),
      capabilities: { chat, completion: !embeddings, embeddings },
      ...(toolFormat && { toolFormat }),
    };
  }

  async prepare(
    { prompt }: GenerationRequest,
    _facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<PreparedPrompt> {
    if (prompt.kind === 'tokens') return { tokens: prompt.tokens, promptTokens: prompt.tokens.length };
    const content =
      prompt.kind === 'text'
        ? { prompt: prompt.text }
        : { messages: wireMessages(prompt), ...wireTools(prompt), add_generation_prompt: true };
    const tokens = tokensOf(await this.http.post('/tokenize', { model: this.model, ...content }, signal));
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
    const { sampling } = request;
    const constraint = wireConstraint(request, facts);
    const body = {
      model: this.model,
      prompt: [...(prepared.tokens ?? []), ...progress.tokens],
      max_tokens: limits.maxTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      min_p: sampling.minP,
      frequency_penalty: sampling.frequencyPenalty,
      presence_penalty: sampling.presencePenalty,
      repetition_penalty: sampling.repetitionPenalty,
      logit_bias: sampling.logitBias,
      seed: limits.seed,
      // Some formats of calls begin with a special token.
      skip_special_tokens: !mayCall(request.prompt),
      ...(request.logprobs !== undefined && { logprobs: request.logprobs }),
      ...(constraint && {
        structured_outputs:
          constraint.kind === 'schema' ? { json: constraint.schema } : { grammar: constraint.grammar },
      }),
      return_token_ids: true,
      stream: true,
      stream_options: { include_usage: true },
    };
    return this.chunks(await this.http.stream('/v1/completions', body, signal), request.logprobs ?? 0);
  }

  async detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string> {
    return textOf(await this.http.post('/detokenize', { model: this.model, tokens }, signal), 'prompt');
  }

  embed(inputs: readonly EmbeddingInput[], signal: AbortSignal) {
    return embedByOpenAi(this.http, this.model, inputs, signal);
  }

  ping(signal: AbortSignal) {
    return this.http.getText('/health', signal);
  }

  async kvUsage(signal: AbortSignal): Promise<number | undefined> {
    const metrics = await this.http.getText('/metrics', signal);
    return gauge(metrics, ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc']);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  /** Whether there is a chat template: vLLM does not say, but tries. */
  private async chats(signal: AbortSignal): Promise<boolean> {
    try {
      await this.http.post(
        '/tokenize',
        { model: this.model, messages: [{ role: 'user', content: 'x' }] },
        signal,
      );
      return true;
    } catch (error) {
      if (error instanceof EngineError) return false;
      throw error;
    }
  }

  /** The finish comes before the usage, so it waits for it. */
  private async *chunks(values: AsyncIterable<unknown>, most: number): AsyncGenerator<UpstreamChunk> {
    let last: UpstreamChunk | undefined;
    let reason: string | undefined;
    for await (const value of values) {
      const [choice] = listOf(value, 'choices');
      if (choice !== undefined) {
        if (last) yield last;
        const logprobs = logprobsOf(field(choice, 'logprobs'), most);
        last = {
          tokens: tokensOf(choice, 'token_ids'),
          text: textOf(choice, 'text'),
          ...(logprobs && { logprobs }),
        };
        reason = textOf(choice, 'finish_reason') || reason;
        if (reason === undefined) {
          yield last;
          last = undefined;
        }
      }
      const completionTokens = numberOf(value, 'usage', 'completion_tokens');
      if (reason === undefined || completionTokens === undefined) continue;
      if (reason !== 'stop' && reason !== 'length')
        throw new UpstreamAway(`vLLM ended the answer: ${reason}.`);
      yield {
        ...(last ?? { tokens: [], text: '' }),
        finish: {
          reason,
          completionTokens,
          cachedTokens: numberOf(value, 'usage', 'prompt_tokens_details', 'cached_tokens') ?? 0,
        },
      };
      return;
    }
    throw new UpstreamAway('vLLM broke off in the middle of an answer.');
  }
}

/** Log probabilities in the form of OpenAI's older API. The chosen token is first there, and one more than was asked for. */
function logprobsOf(value: unknown, most: number): TokenLogprobs[] | undefined {
  const tokens = listOf(value, 'tokens');
  if (tokens.length === 0) return undefined;
  const chosen = listOf(value, 'token_logprobs');
  const tops = listOf(value, 'top_logprobs');
  return tokens.map((token, index) => {
    const top = tops[index];
    const others = typeof top === 'object' && top !== null ? Object.entries(top) : [];
    const entries = others.map(([text, logprob]) => entry(text, logprob));
    const sorted = entries.sort((a, b) => b.logprob - a.logprob);
    return { ...entry(token, chosen[index]), top: sorted.slice(0, most) };
  });
}

function entry(token: unknown, logprob: unknown): TokenLogprob {
  const text = String(token);
  // JSON has no infinity; OpenAI writes so much for what is next to impossible.
  return {
    token: text,
    logprob: typeof logprob === 'number' ? logprob : -9999,
    bytes: [...Buffer.from(text)],
  };
}
