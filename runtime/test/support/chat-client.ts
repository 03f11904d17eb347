import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../src/websocket/protocol.js';

type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

/** A device on `/ws/chat`, which remembers all that it was told. */
export class ChatClient {
  readonly frames: ServerFrame[] = [];
  /** Cookie that the server, or what stands before it, has given with the handshake: `name=value`. */
  cookie: string | undefined;
  closed: { readonly code: number; readonly reason: string } | undefined;
  private readonly listeners = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('upgrade', ({ headers }) => {
      this.cookie = headers['set-cookie']?.[0]?.split(';')[0];
    });
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)));
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
    socket.on('error', () => {});
  }

  static async connect(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    query = '',
  ): Promise<ChatClient> {
    const client = new ChatClient(new WebSocket(socketUrl(url, query), { headers }));
    await client.next('ready');
    return client;
  }

  /** The status with which a connection is refused, and the code of the error. */
  static async refused(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    query = '',
  ): Promise<{ status: number; code: string }> {
    const socket = new WebSocket(socketUrl(url, query), { headers });
    socket.on('error', () => {});
    const answered = once(socket, 'unexpected-response');
    const opened = once(socket, 'open').then(() => {
      throw new Error('the connection was let in');
    });
    const [, response] = await Promise.race([answered, opened]);
    opened.catch(() => {});
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode, code: JSON.parse(text).error.code };
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Begins a turn; resolves once the server has taken it. */
  async start(content: string, more: object = {}): Promise<FrameOf<'started'>> {
    const id = randomUUID();
    this.send({ type: 'start', id, model: 'demo', content, ...more });
    return this.until((frame) => frame.type === 'started' && frame.id === id) as Promise<FrameOf<'started'>>;
  }

  /** The first frame of a type, or of those after `from`. */
  async next<Type extends ServerFrame['type']>(type: Type, from = 0): Promise<FrameOf<Type>> {
    return this.until((frame) => frame.type === type, from) as Promise<FrameOf<Type>>;
  }

  /** Resolves once the answer is there to its end. */
  done(message: string): Promise<FrameOf<'done'>> {
    return this.until((frame) => frame.type === 'done' && frame.message === message) as Promise<
      FrameOf<'done'>
    >;
  }

  async until(condition: (frame: ServerFrame) => boolean, from = 0): Promise<ServerFrame> {
    for (let at = from; ; ) {
      const frame = this.frames[at];
      if (frame) {
        if (condition(frame)) return frame;
        at++;
        continue;
      }
      if (this.closed) throw new Error(`closed: ${this.closed.code} ${this.closed.reason}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`nothing came after ${JSON.stringify(this.frames.slice(-5))}`)),
          60_000,
        );
        const listener = () => {
          clearTimeout(timer);
          this.listeners.delete(listener);
          resolve();
        };
        this.listeners.add(listener);
      });
    }
  }

  async whenClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    while (!this.closed) await new Promise<void>((resolve) => this.listeners.add(resolve));
    return this.closed;
  }

  chunks(message: string): readonly FrameOf<'chunk'>[] {
    return this.frames.filter(
      (frame): frame is FrameOf<'chunk'> => frame.type === 'chunk' && frame.message === message,
    );
  }

  text(message: string): string {
    return this.chunks(message)
      .map(({ text }) => text)
      .join('');
  }

  close(): void {
    this.socket.terminate();
  }

  private wake(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

function socketUrl(url: string, query: string): string {
  return `${url.replace(/^http/, 'ws')}/ws/chat${query}`;
}
