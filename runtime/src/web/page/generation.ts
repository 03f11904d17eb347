import { readEvents } from './event-stream.js';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** Where an answer goes on after a lost connection: enough to do so after the page was closed, too. */
export interface Position {
  readonly url: string;
  /** Number of the last event that was seen. */
  readonly after: number;
}

export interface GenerationListener {
  /** The server has taken the question: from now on the answer can be gone on with. */
  onPosition(position: Position): void;
  /** Some text more, up to `position`. */
  onText(text: string, position: Position | undefined): void;
  onNode(node: string): void;
  /** The connection is lost, and is being made again. */
  onConnection(connected: boolean): void;
}

/** Why an answer ended early, in words for the reader. */
export class GenerationFailed extends Error {}

/** An attempt to come back that gets no answer for so long leads to a node that is gone: the next finds another. */
const ATTEMPT_MILLISECONDS = 4_000;
const RETRY_MILLISECONDS = { first: 250, longest: 4_000 };
/** Streams are given up by the server after a while without readers; then there is nothing to come back to. */
const GIVE_UP_MILLISECONDS = 120_000;

/** One answer, read to its end over as many connections as it takes, without losing or repeating a word. */
export class Generation {
  private readonly stopped = new AbortController();
  private position: Position | undefined;
  private finished = false;

  constructor(private readonly listener: GenerationListener) {}

  /** Asks for an answer. Throws {@link GenerationFailed}. */
  async start(model: string, messages: readonly ChatMessage[]): Promise<void> {
    await this.read((signal) =>
      fetch('/v1/chat/completions', {
        method: 'POST',
        signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages, stream: true }),
      }),
    );
  }

  /** Goes on with an answer that began earlier. Throws {@link GenerationFailed}. */
  async resume(position: Position): Promise<void> {
    this.position = position;
    await this.read((signal) => this.again(position, signal));
  }

  /** Reads no further; the server goes on for a while. */
  detach(): void {
    this.stopped.abort();
  }

  /** Ends the answer, here and on the server. */
  stop(): void {
    this.stopped.abort();
    if (!this.position) return;
    fetch(`${this.position.url}/cancel`, { method: 'POST', keepalive: true }).catch(() => {});
  }

  private get isStopped(): boolean {
    return this.stopped.signal.aborted;
  }

  private async again({ url, after }: Position, signal: AbortSignal): Promise<Response> {
    const attempt = new AbortController();
    const timer = setTimeout(() => attempt.abort(), ATTEMPT_MILLISECONDS);
    try {
      return await fetch(url, {
        signal: AbortSignal.any([signal, attempt.signal]),
        cache: 'no-store',
        headers: { 'last-event-id': String(after) },
      });
    } finally {
      clearTimeout(timer);
    }
  }

  private async read(connect: (signal: AbortSignal) => Promise<Response>): Promise<void> {
    let lostAt: number | undefined;
    let wait = RETRY_MILLISECONDS.first;
    for (let next = connect; ; ) {
      const seen = this.position?.after;
      try {
        await this.readOnce(next);
      } catch (error) {
        if (this.isStopped) return;
        if (error instanceof GenerationFailed) throw error;
      }
      if (this.finished || this.isStopped) return;
      const position = this.position;
      if (!position) throw new GenerationFailed('The server can’t be reached.');
      if (position.after !== seen) lostAt = undefined;
      if (lostAt === undefined) wait = RETRY_MILLISECONDS.first;
      lostAt ??= performance.now();
      if (performance.now() - lostAt > GIVE_UP_MILLISECONDS) {
        throw new GenerationFailed('The connection was lost for too long.');
      }
      this.listener.onConnection(false);
      await pause(wait, this.stopped.signal);
      wait = Math.min(wait * 2, RETRY_MILLISECONDS.longest);
      next = (signal) => this.again(position, signal);
    }
  }

  /** Reads one connection to its end, which may come before the answer's. */
  private async readOnce(connect: (signal: AbortSignal) => Promise<Response>): Promise<void> {
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.stopped.signal]);
    const response = await connect(signal);
    if (!response.ok) return this.refused(response);
    const node = response.headers.get('polypod-node');
    if (node) this.listener.onNode(node);
    const url = response.headers.get('polypod-resume-url');
    if (url) {
      this.position = { url, after: this.position?.after ?? -1 };
      this.listener.onPosition(this.position);
    }
    this.listener.onConnection(true);
    for await (const { id, data } of readEvents(response, abort)) {
      if (this.isStopped) return;
      if (id !== undefined && this.position) {
        if (id <= this.position.after) continue;
        this.position = { ...this.position, after: id };
      }
      if (data === '[DONE]') {
        this.finished = true;
        return;
      }
      const text = textOf(data);
      if (text !== '') this.listener.onText(text, this.position);
    }
  }

  /** Throws when trying again is of no use. */
  private async refused(response: Response): Promise<void> {
    const busy = response.status === 429 || response.status >= 500;
    if (busy && this.position) return;
    const message = await response.json().then(messageOf, () => undefined);
    if (response.status === 410 || response.status === 404) {
      throw new GenerationFailed(
        this.position ? 'The rest of this answer has expired.' : (message ?? 'Not found.'),
      );
    }
    throw new GenerationFailed(message ?? `The server answered ${response.status}.`);
  }
}

function textOf(data: string): string {
  const chunk = JSON.parse(data);
  const failure = messageOf(chunk);
  if (failure !== undefined) throw new GenerationFailed(failure);
  return chunk.choices?.[0]?.delta?.content ?? '';
}

function messageOf(body: { error?: { message?: string } }): string | undefined {
  return body.error?.message;
}

/** Ends early when the network is back, or the reader stops waiting. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
