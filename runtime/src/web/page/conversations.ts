import type { ChatMessage, Position } from './generation.js';

export interface Message extends ChatMessage {
  /** Which model and node wrote it. */
  readonly model?: string;
  readonly node?: string;
  /** Of an answer that is not complete. */
  readonly state?: 'writing' | 'stopped' | 'failed';
  /** Where a `writing` one goes on. */
  readonly position?: Position;
  /** Why a `failed` one ended. */
  readonly failure?: string;
}

export interface Conversation {
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly updated: number;
  readonly messages: readonly Message[];
}

const PREFIX = 'polypod.conversation.';
const TITLE_LENGTH = 60;

/** Conversations in this browser, each under a key of its own, so that two tabs don't undo each other's. */
export class Conversations {
  /** Newest first. */
  all(): readonly Conversation[] {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => parse(localStorage.getItem(key)) ?? [])
      .sort((a, b) => b.updated - a.updated);
  }

  get(id: string): Conversation | undefined {
    return parse(localStorage.getItem(PREFIX + id));
  }

  /** When the browser has no more room, the oldest conversations make it. */
  save(conversation: Conversation): void {
    const text = JSON.stringify(conversation);
    const others = this.all().filter(({ id }) => id !== conversation.id);
    for (;;) {
      try {
        localStorage.setItem(PREFIX + conversation.id, text);
        return;
      } catch {
        const oldest = others.pop();
        if (!oldest) return;
        this.remove(oldest.id);
      }
    }
  }

  remove(id: string): void {
    localStorage.removeItem(PREFIX + id);
  }
}

export function newConversation(): Conversation {
  return {
    id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
    title: '',
    updated: Date.now(),
    messages: [],
  };
}

export function titleOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1)}…` : line;
}

function parse(text: string | null): Conversation | undefined {
  try {
    const value = JSON.parse(text ?? 'null');
    return typeof value?.id === 'string' && Array.isArray(value.messages) ? value : undefined;
  } catch {
    return undefined;
  }
}
