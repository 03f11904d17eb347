import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { TransferError, transferError } from './transfer-error.js';

export interface HttpClientOptions {
  /** The Hugging Face Hub or a mirror of it: the one place that the token is shown to. */
  readonly hubEndpoint: string;
  /** File with the token, read at each request, since it may be replaced. */
  readonly hubTokenFile?: string;
  /** A server that sends nothing for so long counts as broken off. */
  readonly stallSeconds: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Of the last answer. */
  readonly headers: Headers;
  /** Of the answers on the way there, redirects included, which alone tell some of the Hub's facts. */
  readonly trail: readonly Headers[];
  readonly host: string;
  /** Bytes as sent, never decompressed. */
  readonly body: Dispatcher.ResponseData['body'];
}

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 10;

/** GET over HTTP: follows redirects, keeps to the proxies that the environment names, shows the token to the Hub alone. */
export class HttpClient {
  private readonly dispatcher: Dispatcher;
  private readonly hub: URL;

  constructor(private readonly options: HttpClientOptions) {
    this.hub = new URL(options.hubEndpoint);
    const timeout = options.stallSeconds * 1000;
    const settings = {
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connectTimeout: Math.min(timeout, 10_000),
    };
    this.dispatcher = proxied() ? new EnvHttpProxyAgent(settings) : new Agent(settings);
  }

  /** An address below the Hub's. */
  hubUrl(path: string): URL {
    return new URL(`${this.hub.href.replace(/\/$/, '')}${path}`);
  }

  isHub(url: URL): boolean {
    return url.origin === this.hub.origin;
  }

  /** Throws a {@link TransferError}. Whatever the status, the caller reads or drops the body. */
  async get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse> {
    const trail: Headers[] = [];
    let target = url;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const response = await this.once(target, headers, signal);
      const answer = toHeaders(response.headers);
      trail.push(answer);
      const location = answer.get('location');
      if (!REDIRECTS.includes(response.statusCode) || location === null) {
        return {
          status: response.statusCode,
          headers: answer,
          trail,
          host: target.host,
          body: response.body,
        };
      }
      await drop(response.body);
      target = redirected(target, location);
    }
    throw new TransferError(`${url.host} redirects without end: check the address.`, false);
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private async once(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const token = this.isHub(url) ? await this.token() : undefined;
    try {
      return await request(url, {
        dispatcher: this.dispatcher,
        signal,
        headers: {
          'user-agent': 'polypod-runtime',
          'accept-encoding': 'identity',
          ...headers,
          ...(token && { authorization: `Bearer ${token}` }),
        },
      });
    } catch (error) {
      signal.throwIfAborted();
      throw transferError(error, url.host);
    }
  }

  private async token(): Promise<string | undefined> {
    const { hubTokenFile } = this.options;
    if (hubTokenFile === undefined) return undefined;
    let token: string;
    try {
      token = (await readFile(hubTokenFile, 'utf8')).trim();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TransferError(
        `The token of the Hugging Face Hub can't be read (huggingFaceTokenFile): ${reason}`,
        false,
      );
    }
    if (!/^[\x21-\x7e]*$/.test(token)) {
      throw new TransferError(
        `${hubTokenFile} holds no token of the Hugging Face Hub: it must be one word.`,
        false,
      );
    }
    return token || undefined;
  }
}

/** Drops an answer's body, so that its connection can be used again; large ones are broken off. */
export async function drop(body: Dispatcher.ResponseData['body']): Promise<void> {
  await body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (!to || !/^https?:$/.test(to.protocol)) {
    throw new TransferError(
      `${from.host} redirects to ${location.slice(0, 200)}, which is no web address.`,
      false,
    );
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new TransferError(
      `${from.host} redirects to ${to.host} without encryption: that is not followed.`,
      false,
    );
  }
  return to;
}

function toHeaders(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) headers.append(name, each);
  }
  return headers;
}

function proxied(): boolean {
  return ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some((name) => process.env[name]);
}
