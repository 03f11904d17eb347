import { sql } from 'kysely';
import type { Duty } from '../duties.js';

/** Deletes events that are older than so many days. */
export function eventRetention(days: number): Duty {
  return {
    name: 'event-retention',
    everySeconds: 3600,
    async run(transaction) {
      await transaction
        .deleteFrom('events')
        .where(sql<boolean>`at < now() - ${sql.lit(`${days} days`)}::interval`)
        .execute();
    },
  };
}
