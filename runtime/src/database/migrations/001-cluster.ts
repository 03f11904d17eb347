import { type Kysely, sql } from 'kysely';

/** The registry: nodes, models on them, placements, leader, duties, events. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('nodes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('incarnation', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('peer_url', 'text')
    .addColumn('zone', 'text')
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('started_at', 'timestamptz', (column) => column.notNull())
    .addColumn('heartbeat_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('beat', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('load', 'jsonb', (column) => column.notNull())
    .addColumn('offers', 'jsonb', (column) => column.notNull())
    .addColumn('weight', 'double precision', (column) => column.notNull().defaultTo(1))
    .execute();
  // Heartbeats rewrite rows all the time: room on the page keeps that cheap.
  await sql`ALTER TABLE nodes SET (fillfactor = 50)`.execute(db);

  await db.schema
    .createTable('model_instances')
    .addColumn('node_id', 'text', (column) => column.notNull().references('nodes.id').onDelete('cascade'))
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('context_size', 'integer')
    .addColumn('capabilities', 'jsonb')
    .addColumn('enabled', 'boolean', (column) => column.notNull().defaultTo(true))
    .addColumn('weight', 'double precision', (column) => column.notNull().defaultTo(1))
    .addColumn('releases', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('model_instances_pkey', ['node_id', 'model'])
    .execute();

  await db.schema
    .createTable('placements')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull().references('nodes.id').onDelete('cascade'))
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('decided_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('placements_pkey', ['model', 'node_id'])
    .execute();

  await db.schema
    .createTable('leader_lease')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('node_id', 'text')
    .addColumn('incarnation', 'text')
    .addColumn('epoch', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('acquired_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('cluster_id', 'text', (column) => column.notNull().defaultTo(sql`gen_random_uuid()::text`))
    .execute();
  await sql`INSERT INTO leader_lease (name) VALUES ('leader')`.execute(db);

  await db.schema
    .createTable('duties')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('ran_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();

  await db.schema
    .createTable('events')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('details', 'jsonb', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('events_at').on('events').column('at').execute();
}
