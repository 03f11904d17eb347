import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/database.js';
import type { Tables } from '../database/tables.js';

/** Something that operators should know of, such as a leader that changed or a model that was quarantined. */
export interface ClusterEvent {
  readonly id: number;
  readonly at: Date;
  /** What happened, as `area.happening`: `node.dead`, `leader.elected`. */
  readonly type: string;
  /** The node that tells of it. */
  readonly node: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface ClusterEventsOptions {
  readonly node: string;
  /** Without it the latest events are kept in this process. */
  readonly database: Database | undefined;
  readonly onError: (error: unknown) => void;
}

/** Kept in this process while PostgreSQL is away, or where there is none. */
const KEPT = 1000;
const AGAIN_MILLISECONDS = 1_000;
/** Any number that nothing else in the database locks. */
const LOCK = 7_301_001;

interface Happening {
  readonly at: Date;
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Tells operators what happens in the cluster, in order, through PostgreSQL. */
export class ClusterEvents {
  private readonly waiting: Happening[] = [];
  private readonly local: ClusterEvent[] = [];
  private nextLocal = 1;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: ClusterEventsOptions) {
    options.database?.onAvailable(() => this.flush());
  }

  /** Never fails and never waits: what PostgreSQL can't take now it gets when it is back. */
  record(type: string, details: Readonly<Record<string, unknown>> = {}): void {
    const happening = { at: new Date(), type, details };
    if (!this.options.database) {
      this.local.push({ ...happening, id: this.nextLocal++, node: this.options.node });
      if (this.local.length > KEPT) this.local.shift();
      return;
    }
    if (this.waiting.length < KEPT) this.waiting.push(happening);
    this.flush();
  }

  /** Records as part of a transaction: if that fails, nothing has happened. */
  async recordIn(
    transaction: Transaction<Tables>,
    type: string,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await insert(transaction, this.options.node, [{ at: new Date(), type, details }]);
  }

  /** Those with a greater id than `after`, the oldest first. */
  async after(after: number, limit: number): Promise<readonly ClusterEvent[]> {
    const { database } = this.options;
    if (!database) return this.local.filter(({ id }) => id > after).slice(0, limit);
    return read(database, (query) => query.where('id', '>', after).orderBy('id').limit(limit));
  }

  /** Those with a smaller id than `before`, the newest first. */
  async before(before: number, limit: number): Promise<readonly ClusterEvent[]> {
    const { database } = this.options;
    if (!database)
      return this.local
        .filter(({ id }) => id < before)
        .reverse()
        .slice(0, limit);
    return read(database, (query) => query.where('id', '<', before).orderBy('id', 'desc').limit(limit));
  }

  /** Resolves when what was recorded is written, or PostgreSQL is away. */
  async written(): Promise<void> {
    await this.writing;
  }

  private flush(): void {
    const { database } = this.options;
    if (database?.available && this.waiting.length > 0) this.writing ??= this.write(database);
  }

  private async write(database: Database): Promise<void> {
    const { node, onError } = this.options;
    try {
      while (database.available && this.waiting.length > 0) {
        const rows = this.waiting.slice(0, 100);
        await database.db.transaction().execute(async (transaction) => {
          await insert(transaction, node, rows);
        });
        this.waiting.splice(0, rows.length);
      }
    } catch (error) {
      onError(error);
      setTimeout(() => this.flush(), AGAIN_MILLISECONDS).unref();
    } finally {
      this.writing = undefined;
    }
  }
}

async function insert(
  transaction: Transaction<Tables>,
  node: string,
  happenings: readonly Happening[],
): Promise<void> {
  // One transaction at a time, so that readers, who remember the last id, miss none.
  await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(transaction);
  const rows = happenings.map(({ at, type, details }) => ({
    at,
    type,
    node_id: node,
    details: JSON.stringify(details),
  }));
  await transaction.insertInto('events').values(rows).execute();
}

function selection(database: Database) {
  return database.db.selectFrom('events').select(['id', 'at', 'type', 'node_id as node', 'details']);
}

type Selection = ReturnType<typeof selection>;

function read(database: Database, narrow: (query: Selection) => Selection): Promise<ClusterEvent[]> {
  return narrow(selection(database)).execute();
}
