import { sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.js';
import { type LeaderLease, NotLeader } from './leader-lease.js';

/** Something that one node does for all. */
export interface Duty {
  readonly name: string;
  /** The next leader keeps to it too. */
  readonly everySeconds: number;
  /** All it writes is part of the transaction, which is undone if the epoch is over. Keep it short. */
  run(transaction: Transaction<Tables>, epoch: number): Promise<void>;
}

export interface DutiesObserver {
  onDone(duty: string, seconds: number): void;
  onFailed(duty: string, error: unknown): void;
  /** It was begun by a leader that had been replaced. */
  onFenced(duty: string): void;
}

/** The leader's duties, each at its interval. */
export class Duties {
  private readonly duties: Duty[] = [];
  private readonly nextAt = new Map<string, number>();
  private busy = false;

  constructor(
    private readonly lease: LeaderLease,
    private readonly observer: DutiesObserver,
  ) {}

  add(duty: Duty): void {
    this.duties.push(duty);
  }

  /** Does what is due, one after the other. Call it as often as the most frequent duty. */
  async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (const duty of this.duties) await this.runIfDue(duty);
    } finally {
      this.busy = false;
    }
  }

  private async runIfDue(duty: Duty): Promise<void> {
    const start = performance.now();
    if (this.lease.epoch === undefined || start < (this.nextAt.get(duty.name) ?? 0)) return;
    try {
      const done = await this.lease.act(async (transaction, epoch) => {
        if (!(await claim(transaction, duty, epoch))) return false;
        await duty.run(transaction, epoch);
        return true;
      });
      this.nextAt.set(duty.name, start + duty.everySeconds * 1000);
      if (done) this.observer.onDone(duty.name, (performance.now() - start) / 1000);
    } catch (error) {
      if (error instanceof NotLeader) this.observer.onFenced(duty.name);
      else this.observer.onFailed(duty.name, error);
    }
  }
}

/** Notes that the duty is done now, unless an earlier leader has done it less than its interval ago. */
async function claim(transaction: Transaction<Tables>, duty: Duty, epoch: number): Promise<boolean> {
  const row = await transaction
    .insertInto('duties')
    .values({ name: duty.name, epoch })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ epoch, ran_at: sql`now()` })
        // Clocks differ by milliseconds: a little early is on time.
        .where(
          sql<boolean>`duties.ran_at < now() - ${sql.lit(`${duty.everySeconds * 0.9} seconds`)}::interval`,
        ),
    )
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}
