import type { EmbeddingInput } from '../engine.js';
import { EngineError } from '../engine-error.js';
import type { GenerationRequest, TokenLogprob, TokenLogprobs } from '../generation.js';
import { toolFormatOf } from '../tools/tool-format.js';
import { type ModelTemplate, readModelTemplate } from './model-template.js';
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

/** SGLang: its own `/generate` takes token ids and returns them. Chat templates are applied here, from the model's folder. */
export class Sglang implements UpstreamServer {
  readonly resumesBy = 'tokens';
  private readonly http: UpstreamHttp;
  private template: ModelTemplate | undefined;

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
    this.template = await readModelTemplate(this.path);
    const toolFormat = this.template && toolFormatOf(this.template.source);
    return {
      ...(contextSize !== undefined && { contextSize }),
      capabilities: { chat: !embeddings && this.template !== undefined, completion: !embeddings, embeddings },
      ...(toolFormat && { toolFormat }),
    };
  }

  async prepare(
    { prompt }: GenerationRequest,
    _facts: UpstreamFacts,
    signal: AbortSignal,
  ): Promise<PreparedPrompt> {
    if (prompt.kind === 'tokens') return { tokens: prompt.tokens, promptTokens: prompt.tokens.length };
    const text = prompt.kind === 'text' ? prompt.text : this.chatTemplate().template.render(prompt);
    const body = { model: this.model, prompt: text, add_special_tokens: prompt.kind === 'text' };
    const tokens = tokensOf(await this.http.post('/tokenize', body, signal));
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
      input_ids: [...(prepared.tokens ?? []), ...progress.tokens],
      sampling_params: {
        max_new_tokens: limits.maxTokens,
        temperature: sampling.temperature,
        top_p: sampling.topP,
        top_k: sampling.topK === 0 ? -1 : sampling.topK,
        min_p: sampling.minP,
        frequency_penalty: sampling.frequencyPenalty,
        presence_penalty: sampling.presencePenalty,
        repetition_penalty: sampling.repetitionPenalty,
        logit_bias: sampling.logitBias,
        sampling_seed: limits.seed,
        // Some formats of calls begin with a special token.
        skip_special_tokens: !mayCall(request.prompt),
        ...(constraint?.kind === 'schema' && { json_schema: JSON.stringify(constraint.schema) }),
        ...(constraint?.kind === 'grammar' && { ebnf: constraint.grammar }),
      },
      ...(request.logprobs !== undefined && {
        return_logprob: true,
        top_logprobs_num: request.logprobs,
        return_text_in_logprobs: true,
      }),
      stream: true,
    };
    return chunks(await this.http.stream('/generate', body, signal));
  }

  async detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string> {
    const body = { model: this.model, tokens, skip_special_tokens: true };
    return textOf(await this.http.post('/detokenize', body, signal), 'text');
  }

  embed(inputs: readonly EmbeddingInput[], signal: AbortSignal) {
    return embedByOpenAi(this.http, this.model, inputs, signal);
  }

  ping(signal: AbortSignal) {
    return this.http.getText('/health', signal);
  }

  async kvUsage(signal: AbortSignal): Promise<number | undefined> {
    return gauge(await this.http.getText('/metrics', signal), ['sglang:token_usage']);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private chatTemplate(): ModelTemplate {
    if (this.template) return this.template;
    throw new EngineError(
      'invalid_request',
      `${this.model} has no chat template: use /v1/completions.`,
      'model',
    );
  }
}

/** Texts and lists hold all so far, unless the server was told to send only what is new. */
async function* chunks(values: AsyncIterable<unknown>): AsyncGenerator<UpstreamChunk> {
  let count = 0;
  let length = 0;
  for await (const value of values) {
    const meta = field(value, 'meta_info');
    const total = numberOf(meta, 'completion_tokens') ?? 0;
    const all = tokensOf(value, 'output_ids');
    const isWhole = all.length === total;
    const text = textOf(value, 'text');
    const tokens = isWhole ? all.slice(count) : all;
    const logprobs = logprobsOf(meta, tokens.length);
    const finish = field(meta, 'finish_reason');
    const reason = typeof finish === 'string' ? finish : textOf(finish, 'type');
    if (reason === 'abort') throw new UpstreamAway(`SGLang gave the answer up: ${textOf(finish, 'message')}`);
    yield {
      tokens,
      text: isWhole ? text.slice(length) : text,
      ...(logprobs && { logprobs }),
      ...(reason !== '' && {
        finish: {
          reason: reason === 'length' ? 'length' : 'stop',
          completionTokens: total,
          cachedTokens: numberOf(meta, 'cached_tokens') ?? 0,
        },
      }),
    };
    if (reason !== '') return;
    count = total;
    length = isWhole ? text.length : length + text.length;
  }
  throw new UpstreamAway('SGLang broke off in the middle of an answer.');
}

function logprobsOf(meta: unknown, fresh: number): TokenLogprobs[] | undefined {
  const chosen = listOf(meta, 'output_token_logprobs');
  if (chosen.length === 0 || fresh === 0) return undefined;
  const tops = listOf(meta, 'output_top_logprobs');
  return chosen.slice(-fresh).map((each, index) => {
    const top = tops.slice(-fresh)[index];
    return { ...entry(each), top: Array.isArray(top) ? top.map(entry) : [] };
  });
}

/** `[logprob, token id, text]` */
function entry(triple: unknown): TokenLogprob {
  const [logprob, , text] = Array.isArray(triple) ? triple : [];
  const token = typeof text === 'string' ? text : '';
  return { token, logprob: typeof logprob === 'number' ? logprob : -9999, bytes: [...Buffer.from(token)] };
}
