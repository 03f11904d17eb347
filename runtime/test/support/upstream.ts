import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Kind = 'vllm' | 'sglang' | 'llama-server' | 'ollama';

const BEGIN = 1;
const END = 2;
/** A byte is a token, and what it stands for lies this much above. */
const BYTES = 100;
const CONTEXT = 600;
const WORDS = ['größer', 'duck 🦆', 'of', 'the', 'naïve', 'answer', 'is', '東京', 'then', 'STOP', 'twelve'];
const ASSISTANT = '<|assistant|>';
const CALL = '<tool_call>{"name": "weather", "arguments": {"city": "Köln"}}</tool_call>';

export const TEMPLATE = `{% if tools %}<tool_call>{{ tools | tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}${ASSISTANT}{% endif %}`;

/** A model in which every token depends on all before it, characters span tokens, and the seed decides. */
class ByteModel {
  tokenize(text: string): number[] {
    return [...Buffer.from(text)].map((byte) => byte + BYTES);
  }

  text(tokens: readonly number[]): Buffer {
    return Buffer.from(tokens.filter((token) => token >= BYTES).map((token) => token - BYTES));
  }

  /** The token that follows. A constraint, or tools and a question for weather, make an answer of a form. */
  next(tokens: readonly number[], seed: number, form: string | undefined): number {
    const bytes = this.text(tokens);
    if (form !== undefined) {
      const begun = bytes.subarray(bytes.lastIndexOf(ASSISTANT) + ASSISTANT.length);
      const next = Buffer.from(form)[begun.length];
      return next === undefined ? END : next + BYTES;
    }
    let start = bytes.length;
    while (start > 0 && bytes[start - 1] !== 32 && bytes[start - 1] !== 62) start--;
    const hash = hashOf(bytes.subarray(0, start), seed);
    const begun = bytes.length - start;
    if (begun === 0 && hash % 29 === 0) return END;
    const word = Buffer.from(`${WORDS[hash % WORDS.length]} `);
    // The parts of a word that holds a space begin anew after it.
    return (word[begun] ?? 32) + BYTES;
  }
}

function hashOf(bytes: Uint8Array, seed: number): number {
  let hash = 2166136261 ^ seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 0;
}

interface Ask {
  readonly tokens: readonly number[];
  readonly maxTokens: number;
  readonly seed: number;
  readonly form?: string;
  readonly logprobs?: number;
}

interface Step {
  readonly token: number;
  /** Whole characters that the token completes. */
  readonly text: string;
  readonly count: number;
}

type Json = Record<string, unknown>;

/** A stand-in for a server beside the node, with the endpoints that the real one has, and their shapes. */
export class TestUpstream {
  /** Bodies of what was asked, by path. */
  readonly asked: { readonly path: string; readonly body: Json }[] = [];
  /** Generations whose client went away before the end. */
  broken = 0;
  running = 0;
  mostRunning = 0;
  /** Answers 503 like a server that loads its model. */
  loading = false;
  /** Milliseconds between two tokens. */
  pace = 0;
  /** Breaks the connection after so many tokens, once. */
  dieAfter: number | undefined;
  /** What Ollama has. */
  readonly models = new Set<string>();
  readonly blobs = new Map<string, Buffer>();
  private readonly model = new ByteModel();
  private readonly server: Server;

  private constructor(
    readonly kind: Kind,
    readonly name: string,
  ) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else json(response, 400, { error: { message: String(error), type: 'BadRequestError', code: 400 } });
      });
    });
  }

  static async start(kind: Kind, name = 'tiny'): Promise<TestUpstream> {
    const upstream = new TestUpstream(kind, name);
    if (kind !== 'ollama') upstream.models.add(name);
    await once(upstream.server.listen(0, '127.0.0.1'), 'listening');
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Bodies that were sent to a path. */
  bodies(path: string): Json[] {
    return this.asked.filter((each) => each.path === path).map(({ body }) => body);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '', 'http://x').pathname;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    if (path.startsWith('/api/blobs/')) return this.blob(request, path, raw, response);
    const body: Json = raw.length > 0 ? JSON.parse(raw.toString()) : {};
    if (request.method === 'POST') this.asked.push({ path, body });
    if (this.loading)
      return json(response, 503, {
        error: { code: 503, message: 'Loading model', type: 'unavailable_error' },
      });
    if (path === '/health') return json(response, 200, { status: 'ok' });
    if (path === '/metrics')
      return void response.end('# HELP x\nvllm:kv_cache_usage_perc{model="tiny"} 0.25\n');
    if (path === '/v1/models') {
      const data = [...this.models].map((id) => ({ id, object: 'model', max_model_len: CONTEXT }));
      return json(response, 200, { object: 'list', data });
    }
    if (path === '/v1/embeddings') {
      if (this.name !== 'embedder')
        return json(response, 501, { error: { message: 'no embeddings', code: 501 } });
      const inputs = Array.isArray(body.input) ? body.input : [body.input];
      if (inputs.some((input) => String(input).length > CONTEXT)) {
        // As llama-server says it.
        const message = 'input (9999 tokens) is too large to process. increase the physical batch size';
        return json(response, 500, { error: { message, type: 'server_error', code: 500 } });
      }
      const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: [index, 1, 0.5] }));
      return json(response, 200, {
        object: 'list',
        data,
        usage: { prompt_tokens: 3 * inputs.length, total_tokens: 3 },
      });
    }
    const { kind } = this;
    if (kind === 'vllm') return this.vllm(path, body, response);
    if (kind === 'sglang') return this.sglang(path, body, response);
    if (kind === 'llama-server') return this.llamaServer(path, body, response);
    return this.ollama(path, body, response);
  }

  private async vllm(path: string, body: Json, response: ServerResponse): Promise<void> {
    if (path === '/tokenize') {
      const tokens = body.messages ? this.chat(body) : [BEGIN, ...this.model.tokenize(String(body.prompt))];
      return json(response, 200, { count: tokens.length, max_model_len: CONTEXT, tokens });
    }
    if (path === '/detokenize')
      return json(response, 200, { prompt: String(this.model.text(body.tokens as number[])) });
    if (path !== '/v1/completions') return json(response, 404, { detail: 'Not Found' });
    const tokens = body.prompt as number[];
    if (tokens.length + Number(body.max_tokens) > CONTEXT) {
      const message = `This model's maximum context length is ${CONTEXT} tokens.`;
      return json(response, 400, { error: { message, type: 'BadRequestError', param: null, code: 400 } });
    }
    const outputs = body.structured_outputs as Json | undefined;
    const ask = this.ask(
      tokens,
      body,
      Number(body.max_tokens),
      outputs?.json ?? outputs?.grammar,
      body.logprobs,
    );
    const send = sse(response);
    const head = { id: 'cmpl-1', object: 'text_completion', created: 1, model: this.name };
    const finish = await this.generate(ask, response, ({ token, text }) => {
      const logprobs =
        ask.logprobs === undefined
          ? null
          : {
              tokens: [text],
              token_logprobs: [-0.5],
              // As vLLM tells them: the chosen token, then the likeliest ones besides.
              top_logprobs: [{ [text]: -0.5, ...(ask.logprobs > 0 && { zz: -2, yy: -0.1 }) }],
              text_offset: [0],
            };
      send({
        ...head,
        choices: [
          {
            index: 0,
            text,
            logprobs,
            finish_reason: null,
            stop_reason: null,
            token_ids: [token],
            prompt_token_ids: null,
          },
        ],
      });
    });
    if (!finish) return;
    const last = {
      index: 0,
      text: '',
      logprobs: null,
      finish_reason: finish.reason,
      stop_reason: null,
      token_ids: finish.reason === 'stop' ? [END] : [],
    };
    send({ ...head, choices: [last] });
    const usage = {
      prompt_tokens: tokens.length,
      completion_tokens: finish.count,
      total_tokens: tokens.length + finish.count,
      prompt_tokens_details: { cached_tokens: 16 },
    };
    send({ ...head, choices: [], usage });
    response.end('data: [DONE]\n\n');
  }

  private async sglang(path: string, body: Json, response: ServerResponse): Promise<void> {
    if (path === '/tokenize') {
      const special = body.add_special_tokens === false ? [] : [BEGIN];
      const tokens = [...special, ...this.model.tokenize(String(body.prompt))];
      return json(response, 200, { tokens, count: tokens.length, max_model_len: CONTEXT });
    }
    if (path === '/detokenize')
      return json(response, 200, { text: String(this.model.text(body.tokens as number[])) });
    if (path !== '/generate') return json(response, 404, { detail: 'Not Found' });
    const sampling = body.sampling_params as Json;
    const tokens = body.input_ids as number[];
    const form = sampling.json_schema ?? sampling.ebnf;
    const ask = this.ask(
      tokens,
      { ...sampling, seed: sampling.sampling_seed },
      Number(sampling.max_new_tokens),
      form,
      body.return_logprob ? body.top_logprobs_num : undefined,
    );
    const send = sse(response);
    const ids: number[] = [];
    const logprobs: unknown[] = [];
    const tops: unknown[] = [];
    let text = '';
    const message = (count: number, reason: unknown) => ({
      text,
      output_ids: [...ids],
      meta_info: {
        id: 'x',
        finish_reason: reason,
        prompt_tokens: tokens.length,
        completion_tokens: count,
        cached_tokens: 16,
        ...(ask.logprobs !== undefined && {
          output_token_logprobs: [...logprobs],
          output_top_logprobs: [...tops],
        }),
      },
    });
    const finish = await this.generate(ask, response, (step) => {
      ids.push(step.token);
      text += step.text;
      logprobs.push([-0.5, step.token, step.text]);
      tops.push([[-0.5, step.token, step.text]]);
      send(message(step.count, null));
    });
    if (!finish) return;
    if (finish.reason === 'stop') {
      ids.push(END);
      logprobs.push([-0.1, END, '</s>']);
      tops.push([]);
    }
    send(
      message(
        finish.count,
        finish.reason === 'stop' ? { type: 'stop', matched: END } : { type: 'length', length: finish.count },
      ),
    );
    response.end('data: [DONE]\n\n');
  }

  private async llamaServer(path: string, body: Json, response: ServerResponse): Promise<void> {
    if (path === '/props') {
      return json(response, 200, {
        default_generation_settings: { n_ctx: CONTEXT },
        total_slots: 2,
        chat_template: TEMPLATE,
      });
    }
    if (path === '/apply-template') return json(response, 200, { prompt: this.template(body) });
    if (path === '/tokenize') {
      const special = body.add_special ? [BEGIN] : [];
      return json(response, 200, { tokens: [...special, ...this.model.tokenize(String(body.content))] });
    }
    if (path === '/detokenize')
      return json(response, 200, { content: String(this.model.text(body.tokens as number[])) });
    if (path !== '/completion')
      return json(response, 404, {
        error: { message: 'File Not Found', type: 'not_found_error', code: 404 },
      });
    if (Number(body.repeat_last_n) < 0)
      return json(response, 400, {
        error: {
          message: "Field 'repeat_last_n': Value must be between 0 <= value <= 2147483647, but got -1",
          type: 'invalid_request_error',
          code: 400,
        },
      });
    const tokens = body.prompt as number[];
    const ask = this.ask(
      tokens,
      body,
      Number(body.n_predict),
      body.json_schema ?? body.grammar,
      body.n_probs,
    );
    const send = sse(response);
    // Told only with the last of the tokens that make a character.
    const finish = await this.generate(ask, response, ({ token, text, count }) => {
      if (text === '' && token !== END) return;
      const probability = { id: token, token: text, bytes: [...Buffer.from(text)], logprob: -0.5 };
      send({
        index: 0,
        content: text,
        tokens: [token],
        stop: false,
        id_slot: 0,
        tokens_predicted: count,
        tokens_evaluated: tokens.length,
        ...(ask.logprobs !== undefined && {
          completion_probabilities: [{ ...probability, top_logprobs: [probability] }],
        }),
      });
    });
    if (!finish) return;
    const count = finish.count;
    send({
      index: 0,
      content: '',
      tokens: [],
      stop: true,
      stop_type: finish.reason === 'stop' ? 'eos' : 'limit',
      tokens_predicted: count,
      tokens_evaluated: tokens.length,
      timings: { cache_n: 16 },
    });
    response.end();
  }

  private async ollama(path: string, body: Json, response: ServerResponse): Promise<void> {
    if (path === '/api/version') return json(response, 200, { version: '0.24.0' });
    if (path === '/api/tags') {
      return json(response, 200, {
        models: [...this.models].map((name) => ({ name: `${name}:latest`, model: `${name}:latest` })),
      });
    }
    if (path === '/api/create') {
      const digests = Object.values(body.files as Record<string, string>);
      if (!digests.every((digest) => this.blobs.has(digest)))
        return json(response, 400, { error: 'blob not found' });
      this.models.add(String(body.model));
      return json(response, 200, { status: 'success' });
    }
    if (!this.models.has(String(body.model)))
      return json(response, 404, { error: `model '${body.model}' not found` });
    if (path === '/api/show')
      return json(response, 200, { capabilities: ['completion', 'tools'], model_info: {} });
    const isChat = path === '/api/chat';
    if (!isChat && path !== '/api/generate') return json(response, 404, { error: 'not found' });
    if (!isChat && body.prompt === undefined)
      return json(response, 200, { response: '', done: true, done_reason: 'load' });
    const options = body.options as Json;
    const text = isChat
      ? this.template({ ...body, messages: begun(body.messages as Message[]) })
      : String(body.prompt);
    const tokens = [BEGIN, ...this.model.tokenize(text)];
    if (tokens.length > Number(options.num_ctx)) {
      return json(response, 400, { error: 'the input length exceeds the context length' });
    }
    const ask = this.ask(
      tokens,
      options,
      Number(options.num_predict),
      body.format,
      body.logprobs ? body.top_logprobs : undefined,
    );
    const wants = isChat && Array.isArray(body.tools) && text.includes('weather?');
    const head = { model: this.name, created_at: '2026-11-21T00:00:00Z' };
    const streams = body.stream !== false;
    const say = (content: string) =>
      isChat ? { message: { role: 'assistant', content } } : { response: content };
    const send = (value: unknown) => response.write(`${JSON.stringify(value)}\n`);
    if (streams) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    let whole = '';
    const finish = wants
      ? { reason: 'stop', count: 9 }
      : await this.generate(ask, response, (step) => {
          whole += step.text;
          if (streams && step.text !== '')
            send({
              ...head,
              ...say(step.text),
              done: false,
              ...(ask.logprobs !== undefined && {
                logprobs: [{ token: step.text, logprob: -0.5, top_logprobs: [] }],
              }),
            });
        });
    if (!finish) return;
    if (wants && streams) {
      const tool_calls = [{ function: { name: 'weather', arguments: { city: 'Köln' } } }];
      send({ ...head, message: { role: 'assistant', content: '', tool_calls }, done: false });
    }
    const last = {
      ...head,
      ...say(streams ? '' : whole),
      done: true,
      done_reason: finish.reason,
      prompt_eval_count: tokens.length,
      eval_count: finish.count,
    };
    response.end(`${JSON.stringify(last)}\n`);
  }

  private blob(request: IncomingMessage, path: string, raw: Buffer, response: ServerResponse): void {
    const digest = path.slice('/api/blobs/'.length);
    if (request.method === 'POST') this.blobs.set(digest, raw);
    response.writeHead(this.blobs.has(digest) ? (request.method === 'POST' ? 201 : 200) : 404).end();
  }

  private ask(
    tokens: readonly number[],
    body: Json,
    maxTokens: number,
    constraint: unknown,
    logprobs: unknown,
  ): Ask {
    const prompt = String(this.model.text(tokens));
    const calls = prompt.includes('<tool_call>[') && prompt.includes('weather?');
    const form =
      constraint === undefined
        ? undefined
        : String(constraint).includes('tool_call')
          ? CALL
          : '{"answer": "jä"}';
    return {
      tokens,
      maxTokens,
      seed: body.temperature === 0 ? 0 : Number(body.seed),
      ...((form ?? (calls ? CALL : undefined)) !== undefined && { form: form ?? CALL }),
      ...(logprobs !== undefined && { logprobs: Number(logprobs) }),
    };
  }

  /** Generates; the end token is not among the steps. `undefined` if the client went away. */
  private async generate(ask: Ask, response: ServerResponse, tell: (step: Step) => void) {
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    const decoder = new TextDecoder();
    const tokens = [...ask.tokens];
    try {
      for (let count = 1; count <= ask.maxTokens; count++) {
        await sleep(this.pace);
        if (response.destroyed) {
          this.broken++;
          return undefined;
        }
        if (this.dieAfter !== undefined && this.dieAfter-- <= 0) {
          this.dieAfter = undefined;
          response.destroy();
          return undefined;
        }
        const token = this.model.next(tokens, ask.seed, ask.form);
        if (token === END) return { reason: 'stop', count };
        tokens.push(token);
        tell({ token, text: decoder.decode(this.model.text([token]), { stream: true }), count });
      }
      return { reason: 'length', count: ask.maxTokens };
    } finally {
      this.running--;
    }
  }

  private chat(body: Json): number[] {
    return this.model.tokenize(this.template(body));
  }

  /** What {@link TEMPLATE} makes of messages. */
  private template(body: Json): string {
    const messages = (body.messages as Message[]).map(({ role, content }) => `<|${role}|>${content}`);
    const tools = Array.isArray(body.tools) ? `<tool_call>${JSON.stringify(body.tools)}` : '';
    const open = (body.messages as Message[]).at(-1)?.role === 'open';
    return `${tools}${messages.join('')}${open ? '' : ASSISTANT}`.replace('<|open|>', ASSISTANT);
  }
}

interface Message {
  readonly role: string;
  readonly content: string;
}

/** An answer at the end is gone on with, rather than answered. */
function begun(messages: Message[]): Message[] {
  const last = messages.at(-1);
  return last?.role === 'assistant' ? [...messages.slice(0, -1), { ...last, role: 'open' }] : messages;
}

function sse(response: ServerResponse): (value: unknown) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return (value) => void response.write(`data: ${JSON.stringify(value)}\n\n`);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
