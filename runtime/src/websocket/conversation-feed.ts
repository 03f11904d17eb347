import { type AnswerChunk, AnswerChunks } from '../conversations/answer-chunks.js';
import type { ConversationNews } from '../conversations/conversation-log.js';
import type { Conversations, Snapshot } from '../conversations/conversations.js';
import { type Message, messagesOf } from '../conversations/turn.js';
import type { Principal } from '../identity/principal.js';
import { StreamGone, StreamInterrupted, type StreamJournal } from '../streams/journal.js';
import { type ServerFrame, shown } from './protocol.js';

export interface FeedOptions {
  readonly conversations: Conversations;
  readonly journal: StreamJournal;
  readonly principal: Principal;
  /** Resolves once the client can take more. */
  readonly send: (frame: ServerFrame) => Promise<void>;
  /** Chunks that a client had missed. */
  readonly onRecovered: (chunks: number) => void;
  readonly onError: (error: unknown) => void;
}

export interface FeedPosition {
  /** The last message that the client has. */
  readonly after?: string | undefined;
  /** The last chunk that it has of answers that were not complete. */
  readonly have?: Readonly<Record<string, number>> | undefined;
  /** Nothing that came before this turn is wanted. */
  readonly fromTurn?: number;
}

/** A stream that can't be read now is tried again after so long. */
const AGAIN_MILLISECONDS = 250;

/**
 * One conversation, as one connection follows it: each message once and in order, and of answers that are under way
 * each chunk once and in order. What is not sent yet is not held here either: chunks are read from the journal as fast
 * as the client takes them.
 */
export class ConversationFeed {
  private readonly stopped = new AbortController();
  private readonly known = new Set<string>();
  /** One thing after the other: what is told while a snapshot is being read or sent waits. */
  private order: Promise<void> = Promise.resolve();

  constructor(
    readonly id: string,
    private readonly options: FeedOptions,
  ) {}

  /** Sends what the client does not have, and from then on all that comes. Throws what reading does. */
  open(position: FeedPosition, request?: string): Promise<void> {
    return this.inOrder(async () => {
      const { conversations, principal, send } = this.options;
      const snapshot = await conversations.read(this.id, principal);
      this.skip(snapshot, position);
      await send({ type: 'subscribed', request, conversation: this.id, title: snapshot.title });
      await this.show(snapshot.messages, position.have ?? {});
    });
  }

  /** The node has heard of something, or may have missed it. */
  tell(news: ConversationNews | 'missed'): void {
    void this.inOrder(async () => {
      if (news === 'missed') {
        const { messages } = await this.options.conversations.read(this.id, this.options.principal);
        await this.show(messages, {});
      } else if (news.type === 'turn') {
        await this.show(messagesOf(news.turn), {}, news.turn.replaces);
      }
    }).catch(this.options.onError);
  }

  stop(): void {
    this.stopped.abort();
  }

  private inOrder(task: () => Promise<void>): Promise<void> {
    const done = this.order.then(task);
    this.order = done.catch(() => undefined);
    return done;
  }

  /** Counts as known what the client has, but for answers of which it says how far it has them. */
  private skip({ messages }: Snapshot, { after, have = {}, fromTurn = 0 }: FeedPosition): void {
    const last = messages.findIndex(({ id }) => id === after);
    for (const [index, { id, turn }] of messages.entries()) {
      if ((index <= last || turn < fromTurn) && !Object.hasOwn(have, id)) this.known.add(id);
    }
  }

  private async show(
    messages: readonly Message[],
    have: Readonly<Record<string, number>>,
    replaces?: string,
  ): Promise<void> {
    for (const message of messages) {
      const { id } = message;
      if (this.known.has(id) || this.stopped.signal.aborted) continue;
      this.known.add(id);
      const seen = Object.hasOwn(have, id) ? have[id] : undefined;
      if (message.stream !== undefined && (message.status === 'in_progress' || seen !== undefined)) {
        await this.follow(message, message.stream, seen, replaces);
      } else {
        await this.options.send({ type: 'message', conversation: this.id, message: shown(message) });
      }
    }
  }

  /** Sends a stream's chunks after number `seen`, in the background once the message has been told. */
  private async follow(
    message: Message,
    stream: string,
    seen: number | undefined,
    replaces?: string,
  ): Promise<void> {
    // Who has no chunk of it may not know of it either.
    if ((seen ?? -1) < 0) {
      const told: Message = { ...message, content: '', status: 'in_progress' };
      await this.options.send({
        type: 'message',
        conversation: this.id,
        message: shown(told),
        ...(replaces !== undefined && { replaces }),
      });
    }
    void this.chunks(message, stream, seen ?? -1).catch(this.options.onError);
  }

  private async chunks({ id, ...message }: Message, stream: string, seen: number): Promise<void> {
    const position = { last: seen };
    for (let resumed = seen >= 0; !this.stopped.signal.aborted; resumed = false) {
      try {
        return await this.sendChunks(id, stream, position, resumed);
      } catch (error) {
        if (error instanceof StreamGone) return this.sendWhole({ id, ...message });
        if (!(error instanceof StreamInterrupted)) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      }
    }
  }

  /** Sends what follows `position.last`, to the end, and moves it along. */
  private async sendChunks(
    id: string,
    stream: string,
    position: { last: number },
    resumed: boolean,
  ): Promise<void> {
    const { signal } = this.stopped;
    const { journal, send, onRecovered } = this.options;
    const chunks = new AnswerChunks();
    let seq = -1;
    // What is there at once is what was missed; the rest is new.
    let missed = resumed;
    for await (const batch of journal.read(stream, signal)) {
      const before = position.last;
      for (const entry of batch) {
        const chunk = chunks.add(entry);
        if (!chunk || ++seq <= position.last) continue;
        if (signal.aborted) return;
        await send(frameOf(chunk, { conversation: this.id, message: id, seq }));
        position.last = seq;
      }
      if (missed) onRecovered(position.last - before);
      missed = false;
    }
  }

  /** Its stream is over for long: all of it at once, as it is stored. */
  private async sendWhole({ id }: Message): Promise<void> {
    const { messages } = await this.options.conversations.read(this.id, this.options.principal);
    const message = messages.find((each) => each.id === id);
    if (!message) return;
    const status = message.status === 'in_progress' ? 'incomplete' : message.status;
    await this.options.send({
      type: 'message',
      conversation: this.id,
      message: shown({ ...message, status }),
    });
  }
}

function frameOf(
  chunk: AnswerChunk,
  place: { readonly conversation: string; readonly message: string; readonly seq: number },
): ServerFrame {
  if (chunk.type === 'text') return { type: 'chunk', ...place, text: chunk.text };
  const { content: _, ...ended } = chunk.answer;
  return { type: 'done', ...place, ...ended, ...(chunk.message !== undefined && { error: chunk.message }) };
}
