import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { databaseAway } from '../api/api-error.js';
import type { Database } from '../database/database.js';
import type { Tables } from '../database/tables.js';
import type { StoredConversation } from './conversation-log.js';
import { type Answer, LOST, type Message, type Turn } from './turn.js';

export interface Conversation {
  readonly id: string;
  readonly owner: string;
  readonly title: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: Date;
  readonly updated: Date;
}

export interface Found extends Conversation {
  /** Of a search: the words around what was found. */
  readonly excerpt?: string;
}

export interface PageQuery {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** Id of the last one of the page before. */
  readonly after?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

type Queries = Kysely<Tables> | Transaction<Tables>;

/** Messages of a conversation that a model is given, or a device, at once. */
const RECENT = 500;
const EXPORTED = 100_000;

/** Conversations in PostgreSQL. What is written twice is stored once. Throws a 503 while it is away. */
export class ConversationStore {
  constructor(private readonly database: Pick<Database, 'db' | 'available'>) {}

  get isAvailable(): boolean {
    return this.database.available;
  }

  async create(conversation: Pick<Conversation, 'id' | 'owner' | 'title' | 'metadata'>): Promise<void> {
    const { id, owner, title, metadata } = conversation;
    await this.db
      .insertInto('conversations')
      .values({ id, owner, title: clean(title), metadata: json(metadata) })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }

  /** `undefined` where there is none, `deleted` where there was one. */
  async find(id: string): Promise<Conversation | 'deleted' | undefined> {
    const row = await this.db
      .selectFrom('conversations')
      .selectAll()
      .where('id', '=', clean(id))
      .executeTakeFirst();
    if (!row) return undefined;
    return row.deleted_at === null ? toConversation(row) : 'deleted';
  }

  /** Those last used first, or last; with `words`, only those that hold them all, as beginnings of words. */
  async list(owner: string, query: PageQuery, words?: string): Promise<Page<Found>> {
    const { limit, order, after } = query;
    const search = words === undefined ? undefined : searchOf(words);
    if (search === '') return { items: [], hasMore: false };
    const [than, direction] = order === 'desc' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
    let rows = this.db
      .selectFrom('conversations')
      .selectAll('conversations')
      .where('owner', '=', owner)
      .where('deleted_at', 'is', null)
      .orderBy('updated_at', direction)
      .orderBy('id', direction)
      .limit(limit + 1);
    if (after !== undefined) {
      rows = rows.where(
        sql<boolean>`(updated_at, id) ${sql.raw(than)} (SELECT updated_at, id FROM conversations WHERE id = ${clean(after)})`,
      );
    }
    if (search === undefined) return page((await rows.execute()).map(toConversation), limit);
    const tsquery = sql`to_tsquery('simple', ${search})`;
    const found = await rows
      .leftJoinLateral(
        (lateral) =>
          lateral
            .selectFrom('messages')
            .select(sql<string>`left(content, 100000)`.as('text'))
            .whereRef('messages.conversation', '=', 'conversations.id')
            .where(sql<boolean>`messages.search @@ ${tsquery}`)
            .orderBy('messages.turn', 'desc')
            .limit(1)
            .as('match'),
        (join) => join.onTrue(),
      )
      .where(sql<boolean>`(match.text IS NOT NULL OR to_tsvector('simple', title) @@ ${tsquery})`)
      .select(
        sql<
          string | null
        >`ts_headline('simple', match.text, ${tsquery}, 'StartSel="", StopSel="", MaxWords=18, MinWords=8')`.as(
          'excerpt',
        ),
      )
      .execute();
    return page(
      found.map((row) => ({ ...toConversation(row), ...(row.excerpt && { excerpt: row.excerpt }) })),
      limit,
    );
  }

  async update(id: string, changes: { title?: string; metadata?: Readonly<Record<string, string>> }) {
    await this.db
      .updateTable('conversations')
      .set({
        ...(changes.title !== undefined && { title: clean(changes.title) }),
        ...(changes.metadata && { metadata: json(changes.metadata) }),
      })
      .where('id', '=', id)
      .execute();
  }

  /** Its messages are gone at once. */
  async delete(id: string): Promise<void> {
    await this.db.transaction().execute(async (tx) => {
      await tx
        .updateTable('conversations')
        .set({ deleted_at: new Date(), title: '', metadata: '{}' })
        .where('id', '=', id)
        .execute();
      await tx.deleteFrom('messages').where('conversation', '=', id).execute();
    });
  }

  async messages(conversation: string, { limit, order, after }: PageQuery): Promise<Page<Message>> {
    const [than, direction] = order === 'desc' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
    let rows = this.inOrder(this.db, conversation, direction).limit(limit + 1);
    if (after !== undefined) {
      rows = rows.where(
        sql<boolean>`(turn, place, id) ${sql.raw(than)} (SELECT turn, place, id FROM messages WHERE id = ${clean(after)} AND conversation = ${conversation})`,
      );
    }
    return page((await rows.execute()).map(toMessage), limit);
  }

  async message(conversation: string, id: string): Promise<Message | undefined> {
    const row = await this.db
      .selectFrom('messages')
      .selectAll()
      .where('conversation', '=', conversation)
      .where('id', '=', clean(id))
      .executeTakeFirst();
    return row && toMessage(row);
  }

  /** All of it, in order, for an export. */
  async all(conversation: string): Promise<readonly Message[]> {
    return (await this.messages(conversation, { limit: EXPORTED, order: 'asc' })).items;
  }

  /** What a turn begins with: the latest messages, oldest first. */
  async recent(conversation: string): Promise<StoredConversation> {
    const { items } = await this.messages(conversation, { limit: RECENT, order: 'desc' });
    return {
      messages: items.toReversed(),
      settled: items.flatMap(({ id, stream, status }) => (stream && status !== 'in_progress' ? [id] : [])),
      lastTurn: items[0]?.turn ?? 0,
    };
  }

  /** Messages that come without a model, each a turn of its own. */
  async add(
    conversation: string,
    messages: readonly Pick<Message, 'id' | 'role' | 'content'>[],
  ): Promise<readonly Message[]> {
    return this.db.transaction().execute(async (tx) => {
      await tx.selectFrom('conversations').select('id').where('id', '=', conversation).forUpdate().execute();
      const last = await this.inOrder(tx, conversation, 'desc').limit(1).executeTakeFirst();
      const created = new Date();
      const rows = messages.map(({ id, role, content }, index) => ({
        ...{ id, conversation, role, content: clean(content), created_at: created },
        ...{ turn: (last?.turn ?? 0) + 1 + index, place: 0, status: 'completed' as const },
      }));
      if (rows.length > 0) await tx.insertInto('messages').values(rows).execute();
      await touch(tx, conversation);
      return rows.map((row) =>
        toMessage({ reason: null, model: null, stream: null, replaces: null, ...row }),
      );
    });
  }

  async remove(conversation: string, message: string): Promise<void> {
    await this.db
      .deleteFrom('messages')
      .where('conversation', '=', conversation)
      .where('id', '=', clean(message))
      .execute();
  }

  /** Stores a turn, with the answer once it has ended. Whatever of it is stored already stays as it is. */
  async record(turn: Turn, answer?: Answer): Promise<void> {
    await this.db.transaction().execute(async (tx) => {
      const created = new Date(turn.created * 1000);
      await tx
        .insertInto('conversations')
        .values({ id: turn.conversation, owner: turn.owner, title: clean(turn.title), created_at: created })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      const { deleted_at, owner } = await tx
        .selectFrom('conversations')
        .select(['deleted_at', 'owner'])
        .where('id', '=', turn.conversation)
        .forUpdate()
        .executeTakeFirstOrThrow();
      if (deleted_at !== null || owner !== turn.owner) return;
      await insertTurn(tx, turn, created, answer);
      if (turn.replaces !== undefined) {
        await tx
          .deleteFrom('messages')
          .where('id', '=', turn.replaces)
          .where('conversation', '=', turn.conversation)
          .execute();
      }
      await touch(tx, turn.conversation);
    });
  }

  /** Answers that began so many seconds ago and have not ended, as far as the database knows. */
  async unfinished(seconds: number, limit: number): Promise<readonly { message: string; stream: string }[]> {
    const rows = await this.db
      .selectFrom('messages')
      .select(['id', 'stream'])
      .where('status', '=', 'in_progress')
      .where('created_at', '<', new Date(Date.now() - seconds * 1000))
      .orderBy('created_at')
      .limit(limit)
      .execute();
    return rows.map(({ id, stream }) => ({ message: id, stream: stream ?? '' }));
  }

  /** An answer of which nothing more can be known. */
  async giveUp(message: string): Promise<void> {
    await this.db
      .updateTable('messages')
      .set({ status: 'incomplete', reason: LOST })
      .where('id', '=', message)
      .where('status', '=', 'in_progress')
      .execute();
  }

  private get db(): Kysely<Tables> {
    if (!this.database.available) throw databaseAway();
    return this.database.db;
  }

  private inOrder(db: Queries, conversation: string, direction: 'asc' | 'desc') {
    return db
      .selectFrom('messages')
      .selectAll()
      .where('conversation', '=', conversation)
      .orderBy('turn', direction)
      .orderBy('place', direction)
      .orderBy('id', direction);
  }
}

async function insertTurn(tx: Transaction<Tables>, turn: Turn, created: Date, answer?: Answer) {
  const common = { conversation: turn.conversation, turn: turn.number, created_at: created };
  if (turn.input.length > 0) {
    await tx
      .insertInto('messages')
      .values(
        turn.input.map(({ id, role, content }, place) => ({
          ...common,
          ...{ id, role, place, content: clean(content), status: 'completed' as const },
        })),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
  const replaced = await tx
    .selectFrom('messages')
    .select('id')
    .where('replaces', '=', turn.answer)
    .where('conversation', '=', turn.conversation)
    .executeTakeFirst();
  if (replaced) return;
  const { content = '', status = 'in_progress' as const, reason = null } = answer ?? {};
  await tx
    .insertInto('messages')
    .values({
      ...common,
      ...{ id: turn.answer, place: turn.input.length, role: 'assistant', content: clean(content), status },
      ...{ reason, model: turn.model, stream: turn.stream, replaces: turn.replaces ?? null },
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ content: clean(content), status, reason })
        // What was taken for lost may turn up.
        .where((row) =>
          row.or([row('messages.status', '=', 'in_progress'), row('messages.reason', '=', LOST)]),
        ),
    )
    .execute();
}

function touch(db: Queries, conversation: string) {
  return db
    .updateTable('conversations')
    .set({ updated_at: new Date() })
    .where('id', '=', conversation)
    .execute();
}

/** PostgreSQL's text has no NUL, and its JSON no half of a surrogate pair. */
function clean(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\uFFFD').replaceAll('\0', '\uFFFD');
}

function json(metadata: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(metadata).map(([key, value]) => [clean(key), clean(value)])),
  );
}

/** All words, each as the beginning of one; nothing in it is tsquery's own syntax. */
function searchOf(words: string): string {
  const found = words.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return found
    .slice(0, 20)
    .map((word) => `${word}:*`)
    .join(' & ');
}

function page<Item>(rows: readonly Item[], limit: number): Page<Item> {
  return { items: rows.slice(0, limit), hasMore: rows.length > limit };
}

function toConversation(row: Selectable<Tables['conversations']>): Conversation {
  const { id, owner, title, metadata, created_at, updated_at } = row;
  return { id, owner, title, metadata, created: created_at, updated: updated_at };
}

function toMessage(row: Omit<Selectable<Tables['messages']>, 'search'>): Message {
  return {
    ...{ id: row.id, role: row.role, content: row.content, status: row.status, turn: row.turn },
    created: Math.floor(row.created_at.getTime() / 1000),
    ...(row.model !== null && { model: row.model }),
    ...(row.stream !== null && { stream: row.stream }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}
