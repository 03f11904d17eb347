/** One conversation in the list. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  /** Of a search: the words around what was found. */
  readonly excerpt?: string;
}

export type ExportFormat = 'json' | 'markdown';

/** The conversations beside the chat, wherever they are kept. */
export interface ConversationList {
  all(): readonly Entry[];
  readonly hasMore?: boolean;
  more?(): Promise<void>;
  remove(id: string): void | Promise<void>;
  /** What only a server can do. */
  search?(query: string): void;
  rename?(id: string, title: string): Promise<void>;
  exportUrl?(id: string, format: ExportFormat): string;
}
