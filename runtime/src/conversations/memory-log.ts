import {
  type ConversationLog,
  type ConversationNews,
  LOG_SECONDS,
  type LoggedConversation,
  type LoggedTurn,
  type NewsListener,
  type StoredConversation,
} from './conversation-log.js';
import type { Answer, Message, Turn } from './turn.js';

/** The least recently used are dropped beyond this many, if they are in the database. */
const MAX_CONVERSATIONS = 10_000;

interface Entry {
  owner: string;
  title: string;
  stored: readonly Message[];
  readonly turns: Map<string, LoggedTurn>;
  lastTurn: number;
  usedAt: number;
}

/** The log of one process. */
export class MemoryLog implements ConversationLog {
  private readonly conversations = new Map<string, Entry>();
  private readonly pending = new Map<string, Turn>();
  private readonly listeners: NewsListener[] = [];

  async get(conversation: string): Promise<LoggedConversation | undefined> {
    const entry = this.conversations.get(conversation);
    if (!entry || entry.usedAt < Date.now() - LOG_SECONDS * 1000) return undefined;
    const { owner, title, stored, turns } = entry;
    if (turns.size === 0 && stored.length === 0) return undefined;
    return { owner, title, stored, turns: [...turns.values()] };
  }

  async begin(turn: Omit<Turn, 'number'>, stored?: StoredConversation): Promise<LoggedTurn> {
    const { conversation, owner, title } = turn;
    const entry = this.conversations.get(conversation) ?? {
      owner,
      title,
      stored: [],
      turns: new Map(),
      lastTurn: 0,
      usedAt: 0,
    };
    const there = entry.turns.get(turn.answer);
    if (there) return there;
    if (stored) {
      entry.stored = stored.messages;
      for (const answer of stored.settled) entry.turns.delete(answer);
    }
    entry.lastTurn = Math.max(entry.lastTurn, stored?.lastTurn ?? 0) + 1;
    entry.usedAt = Date.now();
    const numbered = { ...turn, number: entry.lastTurn };
    entry.turns.set(turn.answer, numbered);
    this.pending.set(turn.stream, numbered);
    // The most recently used comes last.
    this.conversations.delete(conversation);
    this.conversations.set(conversation, entry);
    this.dropOldest();
    return numbered;
  }

  async abandon(turn: Turn): Promise<void> {
    this.conversations.get(turn.conversation)?.turns.delete(turn.answer);
    this.pending.delete(turn.stream);
  }

  async keep(turn: Turn): Promise<void> {
    const entry = this.conversations.get(turn.conversation);
    if (!entry || entry.turns.has(turn.answer)) return;
    entry.turns.set(turn.answer, turn);
    this.pending.set(turn.stream, turn);
  }

  async end(turn: Turn, answer: Answer): Promise<void> {
    const entry = this.conversations.get(turn.conversation);
    if (entry?.turns.has(turn.answer)) entry.turns.set(turn.answer, { ...turn, ended: answer });
  }

  async settle(turn: Turn): Promise<void> {
    this.pending.delete(turn.stream);
  }

  async unsettled(): Promise<readonly Turn[]> {
    return [...this.pending.values()];
  }

  async forget(conversation: string): Promise<void> {
    this.conversations.delete(conversation);
  }

  async publish(news: ConversationNews): Promise<void> {
    for (const listener of this.listeners) listener(news);
  }

  onNews(listener: NewsListener): void {
    this.listeners.push(listener);
  }

  close(): void {}

  private dropOldest(): void {
    const old = Date.now() - LOG_SECONDS * 1000;
    for (const [id, { turns, usedAt }] of this.conversations) {
      if (usedAt >= old && this.conversations.size <= MAX_CONVERSATIONS) return;
      if ([...turns.values()].some(({ stream }) => this.pending.has(stream))) continue;
      this.conversations.delete(id);
    }
  }
}
