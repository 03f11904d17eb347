import { sql, type Transaction } from 'kysely';
import type { Tables } from '../../database/tables.js';
import type { Duty } from '../duties.js';

/** How long a deleted conversation's id is known, beyond anything that may still be under way. */
const DELETED_DAYS = 3;

export interface RetentionOptions {
  readonly eventDays: number;
  readonly auditDays: number;
}

/** Deletes what is older than it is to be kept. */
export function retention({ eventDays, auditDays }: RetentionOptions): Duty {
  return {
    name: 'retention',
    everySeconds: 3600,
    async run(transaction) {
      await deleteOlder(transaction, 'events', 'at', eventDays);
      await deleteOlder(transaction, 'audit_log', 'at', auditDays);
      await deleteOlder(transaction, 'conversations', 'deleted_at', DELETED_DAYS);
    },
  };
}

/** By PostgreSQL's clock. */
async function deleteOlder(
  transaction: Transaction<Tables>,
  table: 'events' | 'audit_log' | 'conversations',
  column: string,
  days: number,
): Promise<void> {
  await transaction
    .deleteFrom(table)
    .where(sql<boolean>`${sql.ref(column)} < now() - ${sql.lit(`${days} days`)}::interval`)
    .execute();
}
