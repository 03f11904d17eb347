import type { ClientBase } from 'pg';

/** A table with what of it is stored. */
export interface StoredTable {
  readonly name: string;
  /** All but what PostgreSQL computes itself. */
  readonly columns: readonly string[];
}

/** Kysely's own: they say which migrations have run. */
const BOOKKEEPING = ['kysely_migration', 'kysely_migration_lock'];

/** The migrations that the database has, in order; none where nobody has made tables yet. */
export async function migrationsOf(client: ClientBase): Promise<string[]> {
  const there = await client.query<{ found: boolean }>(
    `SELECT to_regclass('kysely_migration') IS NOT NULL AS found`,
  );
  if (!there.rows[0]?.found) return [];
  const { rows } = await client.query<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name');
  return rows.map(({ name }) => name);
}

/** All tables of the schema, those that others refer to first. */
export async function tablesOf(client: ClientBase): Promise<StoredTable[]> {
  const { rows } = await client.query<StoredTable & { refers: string[] }>(
    `SELECT c.relname AS name,
            (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
            ARRAY(SELECT DISTINCT r.relname::text FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
              WHERE f.conrelid = c.oid AND f.contype = 'f' AND r.oid <> c.oid) AS refers
       FROM pg_class c
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)
      ORDER BY c.relname`,
    [BOOKKEEPING],
  );
  const sorted: StoredTable[] = [];
  const left = new Map(rows.map((row) => [row.name, row]));
  while (left.size > 0) {
    const next = [...left.values()].find(({ refers }) => refers.every((name) => !left.has(name)));
    if (!next) throw new Error(`tables refer to each other in a circle: ${[...left.keys()].join(', ')}`);
    sorted.push({ name: next.name, columns: next.columns });
    left.delete(next.name);
  }
  return sorted;
}

/** Lets every sequence go on behind the highest value that its column has. */
export async function moveSequences(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT c.relname AS table, a.attname AS column, s.oid::regclass::text AS sequence
       FROM pg_class s
       JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass
       JOIN pg_class c ON c.oid = d.refobjid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
      WHERE s.relkind = 'S' AND c.relnamespace = current_schema()::regnamespace`,
  );
  for (const { table, column, sequence } of rows) {
    const highest = `(SELECT max(${quoted(column)}) FROM ${quoted(table)})`;
    await client.query(`SELECT setval($1, coalesce(${highest}, 1), ${highest} IS NOT NULL)`, [sequence]);
  }
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
