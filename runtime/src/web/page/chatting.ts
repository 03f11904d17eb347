export interface ChatListener {
  /** The list of conversations may be another. */
  onConversations(): void;
  /** An answer begins or ends. */
  onWriting(writing: boolean): void;
  /** A new conversation has its id. */
  onBegun(id: string): void;
  /** The conversation on the page is not there any more. */
  onGone(): void;
}

/** The conversation on the page. */
export interface Chatting {
  readonly id: string | undefined;
  readonly isWriting: boolean;
  /** Shows a conversation, or begins a new one. */
  open(id?: string): void;
  send(content: string): void;
  /** Ends the answer that is being written. */
  stop(): void;
}
