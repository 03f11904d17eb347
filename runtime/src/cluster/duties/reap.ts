import { sql } from 'kysely';
import type { Duty } from '../duties.js';
import type { ClusterEvents } from '../events.js';
import type { Members } from '../members.js';

export interface ReapOptions {
  readonly members: Members;
  readonly events: ClusterEvents;
  readonly heartbeatSeconds: number;
  /** After so long a node that is gone is forgotten. */
  readonly forgetSeconds: number;
}

/** Finds nodes dead that neither PostgreSQL nor the leader itself hears of any more, and at last forgets them. */
export function reap({ members, events, heartbeatSeconds, forgetSeconds }: ReapOptions): Duty {
  return {
    name: 'reap',
    everySeconds: 1,
    async run(transaction) {
      const silent = members.all.filter(({ status }) => status === 'dead').map(({ id }) => id);
      if (silent.length > 0) {
        const dead = await transaction
          .updateTable('nodes')
          .set({ status: 'dead' })
          .where('id', 'in', silent)
          .where('status', 'in', ['healthy', 'draining'])
          .where(sql<boolean>`heartbeat_at < now() - ${sql.lit(`${heartbeatSeconds * 3} seconds`)}::interval`)
          .returning('id')
          .execute();
        for (const { id } of dead) await events.recordIn(transaction, 'node.dead', { node: id });
        if (dead.length > 0) {
          const ids = dead.map(({ id }) => id);
          await transaction.deleteFrom('placements').where('node_id', 'in', ids).execute();
        }
      }
      await transaction
        .deleteFrom('nodes')
        .where('status', 'in', ['dead', 'left'])
        .where(sql<boolean>`heartbeat_at < now() - ${sql.lit(`${forgetSeconds} seconds`)}::interval`)
        .execute();
    },
  };
}
