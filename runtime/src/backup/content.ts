import { z } from 'zod';
import { BackupError } from './backup-error.js';

/**
 * What is in a backup, as lines: a header; for each table its name and columns, its rows as PostgreSQL's COPY writes
 * them (no row holds a line break), `\.`, and how many rows; at last how many tables. It can be read without this
 * program: age -d backup.age | gunzip.
 */
const headerSchema = z.object({
  format: z.literal('polypod-backup'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  runtime: z.string(),
  database: z.string(),
  migrations: z.array(z.string()).min(1),
  models: z.array(
    z.object({
      source: z.string(),
      revision: z.string().optional(),
      commit: z.string().optional(),
      files: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string() })),
    }),
  ),
});
const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()) });
const rowsSchema = z.object({ rows: z.int() });
const endSchema = z.object({ tables: z.int() });

export type BackupHeader = z.infer<typeof headerSchema>;

/** What {@link readContent} comes upon, in this order: header, then table, rows, table, rows … */
export type Part =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'table'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly line: Buffer };

const END_OF_ROWS = '\\.';

export function headerLine(header: BackupHeader): string {
  return `${JSON.stringify(header)}\n`;
}

/** A table, with its rows as COPY brings them; calls back with their number. */
export async function* tableLines(
  table: string,
  columns: readonly string[],
  rows: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer | string, number> {
  yield `${JSON.stringify({ table, columns })}\n`;
  let count = 0;
  for await (const chunk of rows) {
    for (const byte of chunk) if (byte === LINE_FEED) count++;
    yield chunk;
  }
  yield `${END_OF_ROWS}\n${JSON.stringify({ rows: count })}\n`;
  return count;
}

export function endLine(tables: number): string {
  return `${JSON.stringify({ tables })}\n`;
}

/** Reads all of it. Throws a {@link BackupError} if anything is missing, or is not what it should be. */
export async function* readContent(chunks: AsyncIterable<Buffer>): AsyncGenerator<Part> {
  const lines = linesOf(chunks);
  const read = async <Value>(schema: z.ZodType<Value>): Promise<Value> => {
    const { value, done } = await lines.next();
    if (done) throw new BackupError('The backup is not all there.');
    return parse(schema, value);
  };
  yield { kind: 'header', header: await read(headerSchema) };
  for (let tables = 0; ; tables++) {
    const next = await read(z.union([tableSchema, endSchema]));
    if ('tables' in next) {
      if (next.tables !== tables) throw new BackupError(`The backup has ${tables} of ${next.tables} tables.`);
      return;
    }
    yield { kind: 'table', ...next };
    let count = 0;
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new BackupError(`The backup ends in the middle of table ${next.table}.`);
      if (value.length === END_OF_ROWS.length && value.toString() === END_OF_ROWS) break;
      count++;
      yield { kind: 'row', line: value };
    }
    const { rows } = await read(rowsSchema);
    if (rows !== count) throw new BackupError(`Table ${next.table} has ${count} of ${rows} rows.`);
  }
}

function parse<Value>(schema: z.ZodType<Value>, line: Buffer): Value {
  let json: unknown;
  try {
    json = JSON.parse(line.toString());
  } catch {
    throw new BackupError('This is no backup of Polypod.');
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  throw new BackupError(
    version === undefined || version === 1
      ? `The backup holds what should not be there: ${z.prettifyError(result.error)}`
      : `The backup has format ${String(version)}, and this version reads 1: use a newer polypod-runtime.`,
  );
}

const LINE_FEED = 0x0a;

/** Without their ends. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const piece = chunk.subarray(start, end);
      yield held.length === 0 ? piece : Buffer.concat([...held, piece]);
      held = [];
      start = end + 1;
    }
    if (start < chunk.length) held.push(chunk.subarray(start));
  }
  if (held.length > 0) yield Buffer.concat(held);
}
