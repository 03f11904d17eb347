import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { HEADERS } from '../../../contract.cjs';
import { WholeEvents } from './whole-events.js';

/** What came of one try. */
export type Outcome =
  /** The client has the whole answer. */
  | { readonly type: 'answered'; readonly status: number }
  /** An answer that is no stream, as a whole; nothing of it is sent yet. */
  | { readonly type: 'held'; readonly answer: HeldAnswer }
  | Broken
  | { readonly type: 'client-left' };

/** The connection failed, or broke. */
export interface Broken {
  readonly type: 'broken';
  readonly error: Error;
  /** `undefined` if the client has nothing yet. */
  readonly sent: SentSoFar | undefined;
}

export interface HeldAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the client has of a stream that broke. */
export interface SentSoFar {
  /** Another node can go on. */
  readonly durable: boolean;
  /** Number of the last event; -1 if none. */
  readonly lastId: number;
}

export interface ExchangeOptions {
  readonly response: ServerResponse;
  /** Also on the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Only whole events are passed on, so that the stream can be gone on with. */
  readonly resumable: boolean;
  /** Answers that are held back, whatever they are: refusals, of which another target may know better. */
  readonly holds: (status: number) => boolean;
}

/** Of one connection, not of the message; and what this node says itself. */
const NOT_PASSED_ON = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'date',
  'x-request-id',
]);

/**
 * Passes an answer on to a client, as it comes: what one read of the socket brings leaves in one write. A slow client
 * slows the sender down; one that leaves ends the request.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Resolves once there are headers; rejects if the connection fails before. What a circuit breaker watches. */
  readonly started: Promise<void>;
  readonly outcome: Promise<Outcome>;

  private controller: Dispatcher.DispatchController | undefined;
  private start: { resolve(): void; reject(error: Error): void } | undefined;
  private finish: ((outcome: Outcome) => void) | undefined;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private mode: 'waiting' | 'held' | 'piped' = 'waiting';
  private events: WholeEvents | undefined;
  private durable = false;
  private parts: Buffer[] = [];
  private flushing = false;
  private ended = false;
  private gaveUp: Error | undefined;
  private left = false;

  constructor(private readonly options: ExchangeOptions) {
    this.started = new Promise((resolve, reject) => {
      this.start = { resolve, reject };
    });
    this.outcome = new Promise((resolve) => {
      this.finish = resolve;
    });
    options.response.on('close', this.onClose);
  }

  /** The sender is believed lost: stops waiting for it, where somebody else can go on. */
  abandon(reason: Error): void {
    if (this.mode !== 'piped' || this.durable) this.giveUp(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.gaveUp) controller.abort(this.gaveUp);
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
    this.start?.resolve();
    const streamed = headers['content-type']?.startsWith('text/event-stream') === true;
    const { resumable, holds, response } = this.options;
    if (holds(status) || (resumable && !streamed)) {
      this.mode = 'held';
      return;
    }
    this.mode = 'piped';
    if (resumable) {
      this.events = new WholeEvents();
      this.durable = headers[HEADERS.durable] === 'true';
    }
    response.writeHead(status, passedOn(headers, this.options.headers));
    if (streamed) response.flushHeaders();
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.parts.push(chunk);
    if (this.mode === 'piped') this.flushLater();
  }

  onResponseEnd(): void {
    if (this.mode === 'held') {
      const answer = { status: this.status, headers: this.headers, body: Buffer.concat(this.parts) };
      this.end({ type: 'held', answer });
      return;
    }
    this.ended = true;
    this.flushLater();
  }

  onResponseError(_controller: unknown, error: Error): void {
    // That a client leaves is no failure of the target.
    if (this.left) this.start?.resolve();
    else this.start?.reject(error);
    if (this.mode === 'piped') this.flush();
    const sent =
      this.mode === 'piped' ? { durable: this.durable, lastId: this.events?.lastId ?? -1 } : undefined;
    this.end({ type: 'broken', error, sent });
  }

  private flushLater(): void {
    if (this.flushing) return;
    this.flushing = true;
    process.nextTick(this.flush);
  }

  private readonly flush = (): void => {
    this.flushing = false;
    const { response } = this.options;
    const bytes = this.take();
    if (response.destroyed) return;
    if (this.ended) {
      response.end(bytes);
      this.end({ type: 'answered', status: this.status });
    } else if (bytes && !response.write(bytes)) {
      this.controller?.pause();
      response.once('drain', () => this.controller?.resume());
    }
  };

  private take(): Buffer | undefined {
    const { parts } = this;
    if (parts.length === 0) return undefined;
    this.parts = [];
    const [first] = parts;
    const bytes = first && parts.length === 1 ? first : Buffer.concat(parts);
    return this.events ? this.events.push(bytes) : bytes;
  }

  private readonly onClose = (): void => {
    this.left = true;
    this.end({ type: 'client-left' });
    this.giveUp(new Error('The client has left.'));
  };

  private giveUp(reason: Error): void {
    this.gaveUp = reason;
    this.controller?.abort(reason);
  }

  private end(outcome: Outcome): void {
    this.options.response.off('close', this.onClose);
    this.finish?.(outcome);
    this.finish = undefined;
  }
}

/** A message's headers, without those of its connection. */
export function passedOn(
  headers: IncomingHttpHeaders,
  more: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !NOT_PASSED_ON.has(name)) result[name] = value;
  }
  return Object.assign(result, more);
}
