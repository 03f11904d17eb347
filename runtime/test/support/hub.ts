import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly server: 'hub' | 'cdn';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Handles a request in place of the usual answer; returns whether it did. */
export type Fault = (received: Received, response: ServerResponse) => boolean;

export interface HubOptions {
  /** Whether the file server keeps to ranges. */
  readonly ranges?: boolean;
  /** Bytes a second of one connection. */
  readonly bytesPerSecond?: number;
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** A stand-in for the Hugging Face Hub: it redirects to a file server at another port, as the real one does. */
export class TestHub {
  readonly received: Received[] = [];
  /** Asked in order at each request. */
  readonly faults: Fault[] = [];
  /** By `owner/repository/file`. */
  readonly files = new Map<string, Buffer>();
  private readonly hub: Server;
  private readonly cdn: Server;

  private constructor(private readonly options: HubOptions) {
    this.hub = createServer(
      this.listener('hub', (path, _request, response) => this.answerHub(path, response)),
    );
    this.cdn = createServer(
      this.listener('cdn', (path, request, response) => void this.answerFile(path, request, response)),
    );
  }

  static async start(options: HubOptions = {}): Promise<TestHub> {
    const hub = new TestHub(options);
    for (const server of [hub.hub, hub.cdn]) await once(server.listen(0, '127.0.0.1'), 'listening');
    return hub;
  }

  get endpoint(): string {
    return urlOf(this.hub);
  }

  get cdnUrl(): string {
    return urlOf(this.cdn);
  }

  /** Downloads from the file server, apart from their continuations. */
  get downloads(): Received[] {
    return this.received.filter(({ server, range }) => server === 'cdn' && range === undefined);
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private listener(
    server: Received['server'],
    answer: (path: string, request: IncomingMessage, response: ServerResponse) => void,
  ): RequestListener {
    return (request, response) => {
      const path = request.url ?? '';
      const { range, authorization } = request.headers;
      const received = { server, path, range, authorization };
      this.received.push(received);
      if (this.faults.some((fault) => fault(received, response))) return;
      answer(decodeURIComponent(path), request, response);
    };
  }

  private answerHub(path: string, response: ServerResponse): void {
    const listing = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^?]+)\?blobs=true$/.exec(path);
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    if (listing) {
      const repository = `${listing[1]}/`;
      const siblings = [...this.files].flatMap(([name, content]) =>
        name.startsWith(repository) ? [sibling(name.slice(repository.length), content)] : [],
      );
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: listing[1], sha: COMMIT, siblings }));
      return;
    }
    const name = resolve && `${resolve[1]}/${resolve[3]}`;
    const content = name ? this.files.get(name) : undefined;
    if (!content || !name) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end('Entry not found');
      return;
    }
    response
      .writeHead(302, {
        location: `${this.cdnUrl}/${name}`,
        'x-repo-commit': COMMIT,
        ...(isLarge(name) && { 'x-linked-etag': `"${sha256(content)}"`, 'x-linked-size': content.length }),
      })
      .end();
  }

  private async answerFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const content = this.files.get(path.slice(1));
    if (!content) {
      response.writeHead(404).end();
      return;
    }
    const etag = `"${sha256(content).slice(0, 32)}"`;
    const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const same = (request.headers['if-range'] ?? etag) === etag;
    const start = match && same && this.options.ranges !== false ? Number(match[1]) : 0;
    const headers = { etag, 'content-length': content.length - start };
    if (start >= content.length && start > 0) {
      response.writeHead(416).end();
      return;
    }
    if (start > 0) {
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { ...headers, 'content-range': range });
    } else response.writeHead(200, headers);
    await this.send(content.subarray(start), response);
    response.end();
  }

  private async send(content: Buffer, response: ServerResponse): Promise<void> {
    const { bytesPerSecond } = this.options;
    if (bytesPerSecond === undefined) {
      response.write(content);
      return;
    }
    const piece = Math.ceil(bytesPerSecond / 50);
    for (let at = 0; at < content.length && !response.destroyed; at += piece) {
      response.write(content.subarray(at, at + piece));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Content that differs everywhere. */
export function someBytes(length: number, seed = 1): Buffer {
  const content = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    content[at] = state >>> 16;
  }
  return content;
}

/** The Hub keeps such files in LFS, and knows their SHA-256. */
function isLarge(name: string): boolean {
  return /\.(gguf|safetensors|bin)$/.test(name);
}

function sibling(rfilename: string, content: Buffer): object {
  const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const lfs = { sha256: sha256(content), size: content.length, pointerSize: 130 };
  return { rfilename, size: content.length, blobId: git, ...(isLarge(rfilename) && { lfs }) };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
