import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/database.js';
import type { Tables } from '../database/tables.js';

export interface LeaderLeaseOptions {
  readonly database: Database;
  readonly node: string;
  readonly incarnation: string;
  readonly leaseSeconds: number;
  /** This node leads now, or does not any more. */
  readonly onChange: (leads: boolean, epoch: number) => void;
}

/** Somebody else leads, or nobody: what was about to be done is undone. */
export class NotLeader extends Error {
  override readonly name = 'NotLeader';
}

/** A transaction of a leader that is paused in it ends after so long, so that the next one need not wait. */
const PAUSED_MILLISECONDS = 2_000;

/**
 * Who leads: whoever holds the lease in PostgreSQL. Every change of hands raises the epoch, and every act of a leader
 * is a transaction that holds on to its epoch: the next leader waits for it to end, and one that comes later finds
 * another epoch and does nothing. So a leader that was paused, or cut off, can't act beside its successor, whatever it
 * believes.
 */
export class LeaderLease {
  private held: { readonly epoch: number; until: number } | undefined;

  constructor(private readonly options: LeaderLeaseOptions) {}

  /** The epoch in which this node leads, as far as it knows; `undefined` where it does not. */
  get epoch(): number | undefined {
    if (this.held && performance.now() >= this.held.until) this.lose();
    return this.held?.epoch;
  }

  /** Renews the lease, or takes it where nobody holds it. Call it a few times a lease. */
  async attempt(): Promise<void> {
    const { leaseSeconds } = this.options;
    // From before the question, so that it never ends later here than in PostgreSQL.
    const until = performance.now() + leaseSeconds * 1000;
    const epoch = (await this.renew()) ?? (await this.take());
    if (epoch === undefined) {
      this.lose();
      return;
    }
    // As it is by now: the lease may have run out while PostgreSQL was asked.
    const before = this.held?.epoch;
    this.held = { epoch, until };
    if (epoch !== before) this.options.onChange(true, epoch);
  }

  /** Lets go of the lease, so that another node takes it at once. */
  async resign(): Promise<void> {
    const { database, incarnation } = this.options;
    if (!this.held) return;
    const { epoch } = this.held;
    this.lose();
    if (!database.available) return;
    await database.control
      .updateTable('leader_lease')
      .set({ expires_at: sql<Date>`now()`, node_id: null, incarnation: null })
      .where('epoch', '=', epoch)
      .where('incarnation', '=', incarnation)
      .execute();
  }

  /** Does something that only the leader may, as one transaction. Throws {@link NotLeader}. */
  async act<Result>(
    work: (transaction: Transaction<Tables>, epoch: number) => Promise<Result>,
  ): Promise<Result> {
    const { epoch } = this;
    if (epoch === undefined) throw new NotLeader('This node does not lead.');
    return this.options.database.db.transaction().execute(async (transaction) => {
      await sql`SET LOCAL idle_in_transaction_session_timeout = ${sql.lit(PAUSED_MILLISECONDS)}`.execute(
        transaction,
      );
      // Locked against a change of hands until the transaction ends, but not against renewal.
      const lease = await transaction
        .selectFrom('leader_lease')
        .select('epoch')
        .where('epoch', '=', epoch)
        .where('incarnation', '=', this.options.incarnation)
        .forKeyShare()
        .executeTakeFirst();
      if (!lease) {
        this.lose();
        throw new NotLeader(`The epoch ${epoch} is over.`);
      }
      return work(transaction, epoch);
    });
  }

  private async renew(): Promise<number | undefined> {
    if (!this.held) return undefined;
    const { database, incarnation, leaseSeconds } = this.options;
    const lease = await database.control
      .updateTable('leader_lease')
      .set({ expires_at: expiry(leaseSeconds) })
      .where('incarnation', '=', incarnation)
      .where('epoch', '=', this.held.epoch)
      .returning('epoch')
      .executeTakeFirst();
    return lease?.epoch;
  }

  private async take(): Promise<number | undefined> {
    const { database, node, incarnation, leaseSeconds } = this.options;
    return database.control.transaction().execute(async (transaction) => {
      // While a transaction of the last leader is open, its row is locked, and this leaves it for the next attempt.
      const free = await transaction
        .selectFrom('leader_lease')
        .select('epoch')
        .where(sql<boolean>`expires_at <= clock_timestamp()`)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (!free) return undefined;
      const lease = await transaction
        .updateTable('leader_lease')
        .set({
          node_id: node,
          incarnation,
          epoch: sql<number>`epoch + 1`,
          acquired_at: sql<Date>`clock_timestamp()`,
          expires_at: expiry(leaseSeconds),
        })
        .returning('epoch')
        .executeTakeFirst();
      return lease?.epoch;
    });
  }

  private lose(): void {
    if (!this.held) return;
    const { epoch } = this.held;
    this.held = undefined;
    this.options.onChange(false, epoch);
  }
}

function expiry(seconds: number) {
  return sql<Date>`clock_timestamp() + ${sql.lit(`${seconds} seconds`)}::interval`;
}
