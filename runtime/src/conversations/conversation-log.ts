import type { Answer, Message, Turn } from './turn.js';

/** How long a conversation can go on without the database, after its last turn. */
export const LOG_SECONDS = 24 * 3600;

/** What all nodes know of a conversation beside the database. */
export interface LoggedConversation {
  readonly owner: string;
  readonly title: string;
  /** What the database held when the last turn began. */
  readonly stored: readonly Message[];
  /** In their order; those of the last day. */
  readonly turns: readonly LoggedTurn[];
}

export interface LoggedTurn extends Turn {
  /** Once it has ended. */
  readonly ended?: Answer;
}

/** What the database holds of a conversation as a turn begins. */
export interface StoredConversation {
  readonly messages: readonly Message[];
  /** Answers that are stored to the end: their turns need not be kept here. */
  readonly settled: readonly string[];
  readonly lastTurn: number;
}

/** Something that who follows a conversation, or has it in a list, wants to know at once. */
export type ConversationNews =
  | { readonly type: 'turn'; readonly turn: Turn }
  | {
      readonly type: 'updated';
      readonly conversation: string;
      readonly owner: string;
      readonly title: string;
    }
  | { readonly type: 'deleted'; readonly conversation: string; readonly owner: string };

export type NewsListener = (news: ConversationNews | 'missed') => void;

/**
 * The latest turns of conversations, shared by all nodes: what several devices see live, and what is not in the
 * database yet. Losing it loses no message, but what the database could not take.
 */
export interface ConversationLog {
  /** `undefined`, too, where all turns were refused. */
  get(conversation: string): Promise<LoggedConversation | undefined>;
  /**
   * Adds a turn, with the next number, and notes it as not stored yet. A turn with the same answer that is there
   * already is returned as it is.
   */
  begin(turn: Omit<Turn, 'number'>, stored?: StoredConversation): Promise<LoggedTurn>;
  /** A turn that was refused. */
  abandon(turn: Turn): Promise<void>;
  /** A turn that is under way, though the same request, sent twice, may have been refused elsewhere and abandoned it. */
  keep(turn: Turn): Promise<void>;
  end(turn: Turn, answer: Answer): Promise<void>;
  /** It is in the database. */
  settle(turn: Turn): Promise<void>;
  /** Turns that are not in the database to the end: those that only this node knows of or, with `all`, any. */
  unsettled(all: boolean): Promise<readonly Turn[]>;
  forget(conversation: string): Promise<void>;
  publish(news: ConversationNews): Promise<void>;
  /** `missed`: there may have been news that did not arrive. */
  onNews(listener: NewsListener): void;
  close(): void;
}
