import type { ColumnType, Generated, JSONColumnType } from 'kysely';

export interface ConversationTables {
  conversations: ConversationsTable;
  messages: MessagesTable;
}

interface ConversationsTable {
  id: string;
  /** Id of a principal. */
  owner: string;
  title: string;
  metadata: JSONColumnType<Record<string, string>, string | undefined, string>;
  created_at: ColumnType<Date, Date | undefined, never>;
  updated_at: ColumnType<Date, Date | undefined, Date>;
  /** Its messages are gone; it stays for a while, so that nothing that is still under way makes it anew. */
  deleted_at: Date | null;
}

interface MessagesTable {
  id: string;
  conversation: string;
  /** Messages are in the order of turn, then place. */
  turn: number;
  place: number;
  role: 'system' | 'developer' | 'user' | 'assistant';
  content: string;
  status: 'in_progress' | 'completed' | 'incomplete';
  reason: string | null;
  model: string | null;
  stream: string | null;
  /** The answer in whose place it came, and which is not stored any more, however late it ends. */
  replaces: string | null;
  created_at: ColumnType<Date, Date, never>;
  /** A tsvector of the content. */
  search: Generated<never>;
}
