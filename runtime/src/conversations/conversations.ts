import { randomUUID } from 'node:crypto';
import { ApiError, databaseAway, invalidRequest } from '../api/api-error.js';
import { type ChatRequest, chatRequest, toGenerations } from '../api/openai/chat-request.js';
import { parseBody } from '../api/validation.js';
import { mayUse, type Principal } from '../identity/principal.js';
import type { StreamHeader, StreamJournal } from '../streams/journal.js';
import { answerIn } from './answer-chunks.js';
import type { ConversationLog, LoggedTurn, StoredConversation } from './conversation-log.js';
import type { Conversation, ConversationStore } from './conversation-store.js';
import type { Recorder } from './recorder.js';
import { idFrom, type Message, messagesOf, type Turn, titleOf } from './turn.js';

export interface ConversationsOptions {
  readonly log: ConversationLog;
  readonly journal: StreamJournal;
  readonly recorder: Recorder;
  /** `undefined` where no database is configured. */
  readonly store: ConversationStore | undefined;
  /** Starts a stream, on this node or another. */
  readonly start: (header: StreamHeader) => Promise<void>;
  /** How long an answer's stream can be read again. */
  readonly storedSeconds: () => number;
  readonly onError: (error: unknown) => void;
}

export interface BeginRequest {
  /** Chosen by the client: a request that is sent again does not begin a second turn. */
  readonly id: string;
  /** Without it a new one begins. */
  readonly conversation?: string | undefined;
  readonly model: string;
  /** What the user says. */
  readonly content?: string | undefined;
  /** Instead of content: the answer that is to be tried again. */
  readonly retry?: string | undefined;
  /** As in a chat completion. */
  readonly options?: Partial<ChatRequest> | undefined;
}

/** What is known of a conversation, from the database and from what is under way. */
export interface Snapshot {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly messages: readonly Message[];
  /** What the database holds; `undefined` while it is away. */
  readonly stored: StoredConversation | undefined;
}

/** Conversations that go on, on whatever node. */
export class Conversations {
  constructor(private readonly options: ConversationsOptions) {}

  /** Throws the 404 of what is not there or another's, and a 503 while that can't be known. */
  async read(id: string, principal: Principal): Promise<Snapshot> {
    const snapshot = await this.find(id);
    if (!snapshot || !mayUse(principal, snapshot.owner)) throw conversationNotFound(id);
    return snapshot;
  }

  /**
   * Begins a turn: the question is kept and the answer under way when it resolves. Throws what
   * `POST /v1/chat/completions` would answer.
   */
  async begin(principal: Principal, request: BeginRequest): Promise<Turn> {
    const { log, recorder, start } = this.options;
    const id = request.conversation ?? idFrom('conv_', principal.id, request.id);
    const snapshot =
      request.conversation === undefined ? await this.findAgain(id) : await this.read(id, principal);
    const answer = idFrom('msg_', id, request.id, 'answer');
    const { input, history, replaces } = await this.inputOf(id, request, snapshot, answer);
    const requests = toGenerations(
      parseBody(chatRequest, {
        ...request.options,
        model: request.model,
        messages: history.map(({ role, content }) => ({ role, content })),
      }),
    );
    const turn = await log.begin(
      {
        ...{ conversation: id, answer, input, model: request.model, created: Math.floor(Date.now() / 1000) },
        owner: snapshot?.owner ?? principal.id,
        title: snapshot?.title || titleOf(input[0]?.content ?? ''),
        stream: idFrom('chatcmpl-', id, request.id),
        ...(replaces !== undefined && { replaces }),
      },
      snapshot?.stored,
    );
    if (turn.ended) return turn;
    if (await this.hasBegun(turn)) {
      // The node that began it may have died before it told anybody.
      await log.publish({ type: 'turn', turn });
      return turn;
    }
    try {
      await start({
        id: turn.stream,
        kind: 'chat.completion',
        created: turn.created,
        model: turn.model,
        owner: turn.owner,
        requests,
        rendering: { includeUsage: false },
        background: true,
        retentionSeconds: this.options.storedSeconds(),
        turn,
      });
    } catch (error) {
      await log.abandon(turn);
      // The same request, sent twice, may have been taken by another node: whichever of the two comes last keeps the turn.
      if (!(await this.hasBegun(turn))) throw error;
    }
    await log.keep(turn);
    await recorder.begun(turn);
    await log.publish({ type: 'turn', turn });
    return turn;
  }

  /** Ends an answer that is under way. */
  async cancel(conversation: string, answer: string, principal: Principal): Promise<void> {
    const { messages } = await this.read(conversation, principal);
    const message = messages.find(({ id }) => id === answer);
    if (message?.stream === undefined) throw messageNotFound(answer);
    if (message.status !== 'in_progress') return;
    await this.options.journal.cancel(message.stream);
  }

  /** Ends all answers that are under way, before a conversation is deleted. */
  async cancelAll({ messages }: Snapshot): Promise<void> {
    for (const { stream, status } of messages) {
      if (status !== 'in_progress' || stream === undefined) continue;
      await this.options.journal.cancel(stream).catch(() => undefined);
    }
  }

  private async hasBegun({ stream }: Turn): Promise<boolean> {
    return this.options.journal.header(stream).then(
      () => true,
      () => false,
    );
  }

  private async inputOf(
    id: string,
    { id: request, content, retry }: BeginRequest,
    snapshot: Snapshot | undefined,
    answer: string,
  ) {
    const messages = snapshot?.messages ?? [];
    // Of a request that is sent again, only what was there before it.
    const again = messages.find((message) => message.id === answer);
    const before = again ? messages.filter(({ turn }) => turn < again.turn) : messages;
    if (retry !== undefined) {
      const at = before.findIndex((message) => message.id === retry && message.role === 'assistant');
      if (at < 0 && !again) throw messageNotFound(retry);
      return {
        input: [],
        history: await this.history(at < 0 ? before : before.slice(0, at)),
        replaces: retry,
      };
    }
    if (content === undefined) throw invalidRequest("'content' is missing.", 'content', 'invalid_type');
    const message = { id: idFrom('msg_', id, request, 'input'), role: 'user' as const, content };
    return { input: [message], history: [...(await this.history(before)), message] };
  }

  /** What the model is told: answers that are still under way elsewhere are left out. */
  private async history(messages: readonly Message[]): Promise<readonly Pick<Message, 'role' | 'content'>[]> {
    const told: Pick<Message, 'role' | 'content'>[] = [];
    for (const message of messages) {
      if (message.status !== 'in_progress' || message.stream === undefined) {
        told.push(message);
      } else {
        const entries = await this.options.journal.entries(message.stream).catch(() => []);
        const ended = answerIn(entries);
        if (ended) told.push({ role: message.role, content: ended.content });
      }
    }
    return told.filter(({ content }) => content !== '');
  }

  /** A conversation that this very request may have begun before. */
  private async findAgain(id: string): Promise<Snapshot | undefined> {
    return this.find(id).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 503) return undefined;
      throw error;
    });
  }

  private async find(id: string): Promise<Snapshot | undefined> {
    const { store, log, onError } = this.options;
    const [stored, logged] = await Promise.all([
      store === undefined
        ? undefined
        : loadFrom(store, id).catch((error: unknown) => {
            onError(error);
            return 'away' as const;
          }),
      log.get(id),
    ]);
    if (stored === 'deleted') return undefined;
    if (!logged) {
      if (stored === 'away') throw databaseAway();
      return stored && { ...stored.conversation, messages: stored.messages, stored };
    }
    if (stored === undefined || stored === 'away') {
      return { id, ...logged, messages: merge(logged.stored, logged.turns), stored: undefined };
    }
    return { ...stored.conversation, messages: merge(stored.messages, logged.turns), stored };
  }
}

async function loadFrom(
  store: ConversationStore,
  id: string,
): Promise<(StoredConversation & { conversation: Conversation }) | 'deleted' | undefined> {
  const conversation = await store.find(id);
  if (conversation === undefined || conversation === 'deleted') return conversation;
  return { ...(await store.recent(id)), conversation };
}

/** What is stored, and what is not, or not to its end, with answers that were replaced left out. */
function merge(stored: readonly Message[], turns: readonly LoggedTurn[]): Message[] {
  const messages = new Map(stored.map((message) => [message.id, message]));
  for (const turn of turns) {
    for (const message of messagesOf(turn, turn.ended)) {
      const known = messages.get(message.id);
      if (!known || known.status === 'in_progress') messages.set(message.id, message);
    }
  }
  for (const { replaces } of turns) if (replaces !== undefined) messages.delete(replaces);
  const places = new Map([...messages.keys()].map((id, place) => [id, place]));
  return [...messages.values()].sort(
    (a, b) => a.turn - b.turn || (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0),
  );
}

export function newConversationId(): string {
  return `conv_${randomUUID().replaceAll('-', '')}`;
}

export function conversationNotFound(id: string): ApiError {
  return new ApiError(
    404,
    'invalid_request_error',
    'conversation_not_found',
    `There is no conversation '${id}'.`,
  );
}

export function messageNotFound(id: string): ApiError {
  return new ApiError(
    404,
    'invalid_request_error',
    'message_not_found',
    `The conversation has no message '${id}'.`,
  );
}
