import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { EngineError } from '../engine-error.js';
import { UpstreamAway } from './upstream-server.js';

type Method = 'GET' | 'POST' | 'HEAD';

/** Speaks JSON with a server beside the node. Never through a proxy; generations may be silent for long. */
export class UpstreamHttp {
  private readonly dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 });
  private readonly base: string;

  constructor(url: string) {
    this.base = url.replace(/\/+$/, '');
  }

  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return parse(await this.text('GET', path, undefined, signal));
  }

  async getText(path: string, signal: AbortSignal): Promise<string> {
    return this.text('GET', path, undefined, signal);
  }

  async post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return parse(await this.text('POST', path, JSON.stringify(body), signal));
  }

  /** Whether there is such a thing. */
  async head(path: string, signal: AbortSignal): Promise<boolean> {
    const { statusCode, body } = await this.send('HEAD', path, undefined, signal);
    await body.dump();
    return statusCode === 200;
  }

  async upload(path: string, content: Readable, signal: AbortSignal): Promise<void> {
    await this.text('POST', path, content, signal);
  }

  /**
   * Posts, and yields the JSON values of the answer as they come: server-sent events or lines. The server is told to
   * stop, by closing the connection, when nobody iterates any more.
   */
  async stream(path: string, body: unknown, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    const response = await this.send('POST', path, JSON.stringify(body), signal);
    if (response.statusCode !== 200) throw refusal(response.statusCode, await response.body.text());
    return values(response.body, signal);
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private async text(
    method: Method,
    path: string,
    body: string | Readable | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const response = await this.send(method, path, body, signal);
    const text = await response.body.text().catch((error: unknown) => {
      signal.throwIfAborted();
      throw away(error);
    });
    if (response.statusCode >= 200 && response.statusCode < 300) return text;
    throw refusal(response.statusCode, text);
  }

  private async send(
    method: Method,
    path: string,
    body: string | Readable | undefined,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await request(`${this.base}${path}`, {
        dispatcher: this.dispatcher,
        method,
        signal,
        ...(body !== undefined && { body }),
        ...(typeof body === 'string' && { headers: { 'content-type': 'application/json' } }),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw away(error);
    }
  }
}

async function* values(body: Readable, signal: AbortSignal): AsyncGenerator<unknown> {
  try {
    for await (const line of lines(body)) {
      // "error:" is how older llama-servers tell a failure in the middle of a stream.
      const text = line.replace(/^(data|error): ?/, '');
      if (text === '' || text === '[DONE]' || /^(:|event:|id:|retry:)/.test(text)) continue;
      const value = parse(text);
      const failure = field(value, 'error') ?? (line.startsWith('error:') ? value : undefined);
      if (failure !== undefined) throw new UpstreamAway(messageOf(text));
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof UpstreamAway || error instanceof EngineError ? error : away(error);
  } finally {
    body.destroy();
  }
}

async function* lines(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split(/\r?\n/);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UpstreamAway(`The engine answered what is no JSON: ${text.slice(0, 200)}`);
  }
}

const TOO_LONG =
  /context (length|size|window)|maximum (context|model|input|sequence) length|max_model_len|exceeds? the .*context|longer than the (model|context|maximum)|too large to process/i;

/** What a status other than 2xx means. */
function refusal(status: number, text: string): Error {
  const message = messageOf(text) || `status ${status}`;
  if (status === 400 || status === 413 || status === 422 || status === 501) {
    const code = TOO_LONG.test(message) ? 'context_length_exceeded' : 'invalid_request';
    return new EngineError(code, `The engine refused the request: ${message}`);
  }
  if (status === 429) return new EngineError('overloaded', `The engine is overloaded: ${message}`);
  if (status === 401 || status === 403) {
    return new EngineError('unavailable', `The engine wants a key, which is not supported: ${message}`);
  }
  if (TOO_LONG.test(message)) {
    return new EngineError('context_length_exceeded', `The engine refused the request: ${message}`);
  }
  return new UpstreamAway(`The engine answered ${status}: ${message}`);
}

function away(error: unknown): UpstreamAway {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return new UpstreamAway(`The engine can't be reached, or broke off: ${reason}`);
}

/** The words of an error, whichever way it is wrapped. */
function messageOf(text: string): string {
  try {
    let value: unknown = JSON.parse(text);
    for (
      let inner = value;
      inner !== undefined;
      inner = field(value, 'error') ?? field(value, 'message') ?? field(value, 'detail')
    ) {
      value = inner;
    }
    return typeof value === 'string' ? value : JSON.stringify(value).slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}

/** A field of a JSON object; `undefined` where it is not there, or null. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, name) ?? undefined;
}
