import { type Kysely, sql } from 'kysely';

/**
 * A tsvector holds 1 MiB at most: what a longer message says after so many characters is stored, but not found.
 * `simple` takes words as they are, of whatever language.
 */
const SEARCHED_CHARACTERS = 100_000;

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('conversations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('metadata', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'::jsonb`))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('deleted_at', 'timestamptz')
    .execute();
  await sql`CREATE INDEX conversations_by_owner ON conversations (owner, updated_at DESC, id) WHERE deleted_at IS NULL`.execute(
    db,
  );
  await sql`CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at IS NOT NULL`.execute(
    db,
  );

  await db.schema
    .createTable('messages')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('conversation', 'text', (column) =>
      column.notNull().references('conversations.id').onDelete('cascade'),
    )
    .addColumn('turn', 'integer', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('model', 'text')
    .addColumn('stream', 'text')
    .addColumn('replaces', 'text')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('search', sql`tsvector`, (column) =>
      column
        .generatedAlwaysAs(sql`to_tsvector('simple', left(content, ${sql.lit(SEARCHED_CHARACTERS)}))`)
        .stored(),
    )
    .execute();
  await db.schema
    .createIndex('messages_in_order')
    .on('messages')
    .columns(['conversation', 'turn', 'place'])
    .execute();
  await db.schema.createIndex('messages_search').on('messages').using('gin').column('search').execute();
  await sql`CREATE INDEX messages_in_progress ON messages (created_at) WHERE status = 'in_progress'`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('messages').execute();
  await db.schema.dropTable('conversations').execute();
}
