import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import { ApiError, invalidRequest, toApiError } from '../api/api-error.js';
import { nestsTooDeep, tooDeep } from '../api/nesting.js';
import { parseBody } from '../api/validation.js';
import type { Config } from '../config/config.js';
import type { ConversationNews } from '../conversations/conversation-log.js';
import type { Conversations } from '../conversations/conversations.js';
import type { Principal } from '../identity/principal.js';
import type { Metrics } from '../operations/metrics.js';
import type { StreamJournal } from '../streams/journal.js';
import { ConversationFeed, type FeedPosition } from './conversation-feed.js';
import { Outgoing } from './outgoing.js';
import { CLOSE, type ClientFrame, clientFrame, type ServerFrame } from './protocol.js';

export interface ConnectionOptions {
  readonly conversations: Conversations;
  readonly journal: StreamJournal;
  readonly config: () => Config['websocket'];
  readonly node: string;
  /** Throws what the limits of load refuse. */
  readonly admit: () => Promise<void>;
  /** Whether who has connected still may: a login may have ended since. */
  readonly admitsStill: () => Promise<boolean>;
  /** The device follows other conversations. */
  readonly onFollow: () => void;
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
}

/** Frames that wait to be answered; with more, nothing is read from the connection. */
const MAX_WAITING = 16;
/** So many frames in a row that make no sense are no client of ours. */
const MAX_NONSENSE = 20;

/** One device, connected. Frames are answered one after the other. */
export class ChatConnection {
  private readonly feeds = new Map<string, ConversationFeed>();
  private readonly waiting: string[] = [];
  private readonly outgoing: Outgoing;
  private busy = false;
  private nonsense = 0;
  private alive = true;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    readonly session: string,
    readonly principal: Principal,
    private readonly options: ConnectionOptions,
  ) {
    const { of } = options.metrics;
    this.outgoing = new Outgoing(
      socket,
      () => options.config().maxBufferedBytes,
      () => of.websocketPauses.inc(),
    );
    socket.on('message', (data, isBinary) => {
      this.alive = true;
      of.websocketFrames.inc({ direction: 'in' });
      if (isBinary) return this.close(CLOSE.binary, 'frames are JSON texts');
      this.waiting.push(String(data));
      if (this.waiting.length >= MAX_WAITING) socket.pause();
      void this.work();
    });
    socket.on('pong', () => {
      this.alive = true;
    });
    socket.once('close', () => this.end());
    this.beatLater();
  }

  /** Conversations that the device follows. */
  get conversations(): readonly string[] {
    return [...this.feeds.keys()];
  }

  /** The first frame. */
  async greet(): Promise<void> {
    const { config, node } = this.options;
    const { id, name } = this.principal;
    await this.send({
      type: 'ready',
      session: this.session,
      node,
      user: { id, name },
      heartbeat_seconds: config().heartbeatSeconds,
      max_frame_bytes: config().maxFrameBytes,
    });
  }

  tell(news: ConversationNews | 'missed'): void {
    if (news === 'missed') {
      for (const feed of this.feeds.values()) feed.tell(news);
      return;
    }
    const { conversation, owner, title } = news.type === 'turn' ? news.turn : { title: '', ...news };
    const feed = this.feeds.get(conversation);
    if (news.type === 'turn' && feed) {
      feed.tell(news);
      return;
    }
    // Lists show conversations that nobody follows.
    if (owner !== this.principal.id && !feed) return;
    if (news.type === 'deleted') this.drop(conversation);
    void this.send(
      news.type === 'deleted' ? { type: 'deleted', conversation } : { type: 'updated', conversation, title },
    );
  }

  /** Tells the device to connect again elsewhere. */
  restart(): void {
    const reason = 'the node is going: connect again';
    void this.send({ type: 'closing', reason });
    this.close(CLOSE.serviceRestart, reason);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    // Who does not answer that is gone.
    setTimeout(() => this.socket.terminate(), 2_000).unref();
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let text = this.waiting.shift(); text !== undefined; text = this.waiting.shift()) {
      if (this.socket.readyState !== this.socket.OPEN) break;
      await this.handle(text);
      if (this.waiting.length < MAX_WAITING && this.socket.isPaused) this.socket.resume();
    }
    this.busy = false;
  }

  private async handle(text: string): Promise<void> {
    let request: string | undefined;
    try {
      const value = parse(text);
      request = requestOf(value);
      const frame = parseBody(clientFrame, value);
      this.nonsense = 0;
      await this.answer(frame);
    } catch (error) {
      const known = toApiError(error);
      if (!known) this.options.log.error({ err: error }, 'frame not answered');
      const { body, status } = known ?? unforeseen();
      if (status === 400 && ++this.nonsense >= MAX_NONSENSE) {
        this.close(CLOSE.policy, 'too many frames that make no sense');
        return;
      }
      await this.send({ type: 'error', request, ...body });
    }
  }

  private async answer(frame: ClientFrame): Promise<void> {
    const { conversations, admit } = this.options;
    const { request } = frame;
    switch (frame.type) {
      case 'ping':
        return this.send({ type: 'pong', request });
      case 'start': {
        await admit();
        const { conversation, answer, number } = await conversations.begin(this.principal, frame);
        await this.send({ type: 'started', request, id: frame.id, conversation, message: answer });
        if (this.feeds.has(conversation)) return;
        // Told from its first chunk, even if it is over by now.
        await this.follow(conversation, { fromTurn: number, have: { [answer]: -1 } });
        return;
      }
      case 'subscribe': {
        this.drop(frame.conversation);
        return this.follow(frame.conversation, frame, request);
      }
      case 'unsubscribe':
        this.drop(frame.conversation);
        return this.send({ type: 'unsubscribed', request, conversation: frame.conversation });
      case 'cancel':
        await conversations.cancel(frame.conversation, frame.message, this.principal);
        return this.send({ type: 'cancelled', request, message: frame.message });
    }
  }
  private async follow(conversation: string, position: FeedPosition, request?: string): Promise<void> {
    const { conversations, journal, config, metrics, log } = this.options;
    if (this.feeds.size >= config().maxSubscriptions) {
      const message = `One connection follows ${config().maxSubscriptions} conversations at most.`;
      throw new ApiError(429, 'rate_limit_error', 'too_many_subscriptions', message, 'conversation');
    }
    const feed = new ConversationFeed(conversation, {
      conversations,
      journal,
      principal: this.principal,
      send: (frame) => this.send(frame),
      onRecovered: (chunks) => metrics.of.websocketRecovered.inc(chunks),
      onError: (error) => {
        if (this.feeds.get(conversation) !== feed) return;
        this.drop(conversation);
        const known = toApiError(error);
        if (!known) log.error({ err: error }, 'conversation not followed any more');
        void this.send({ type: 'error', conversation, ...(known ?? unforeseen()).body });
      },
    });
    this.feeds.set(conversation, feed);
    this.options.onFollow();
    try {
      await feed.open(position, request);
    } catch (error) {
      this.drop(conversation);
      throw error;
    }
  }

  private drop(conversation: string): void {
    this.feeds.get(conversation)?.stop();
    this.feeds.delete(conversation);
  }

  private send(frame: ServerFrame): Promise<void> {
    this.options.metrics.of.websocketFrames.inc({ direction: 'out' });
    return this.outgoing.send(frame);
  }

  /** Who has sent nothing since the ping before the last is gone, whatever TCP believes. */
  private beatLater(): void {
    this.heartbeat = setTimeout(() => {
      if (!this.alive) return this.socket.terminate();
      this.alive = false;
      this.socket.ping();
      this.beatLater();
      void this.checkLogin();
    }, this.options.config().heartbeatSeconds * 1000).unref();
  }

  private async checkLogin(): Promise<void> {
    if (!(await this.options.admitsStill())) this.close(CLOSE.policy, 'the login has ended');
  }

  private end(): void {
    clearTimeout(this.heartbeat);
    this.waiting.length = 0;
    for (const conversation of this.conversations) this.drop(conversation);
  }
}

function parse(text: string): unknown {
  if (nestsTooDeep(text)) throw tooDeep('The frame');
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest('The frame is not JSON.', null, 'invalid_json');
  }
}

/** The client's own mark, told back with an error even where the rest of its frame makes no sense. */
function requestOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('request' in value)) return undefined;
  return typeof value.request === 'string' ? value.request.slice(0, 64) : undefined;
}

function unforeseen(): ApiError {
  return new ApiError(500, 'server_error', 'internal_error', 'The server had an error.');
}
