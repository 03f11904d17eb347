import { type Kysely, sql } from 'kysely';
import type { Role } from '../../contract.cjs';
import type { Database } from '../database/database.js';
import type { Tables } from '../database/tables.js';
import type { Beat, BeatModel } from './beat.js';

/** What the registry holds of one node. */
export interface RegisteredNode {
  readonly beat: Omit<Beat, 'status'>;
  readonly status: Beat['status'] | 'dead';
  /** Since its last heartbeat, by PostgreSQL's clock. */
  readonly silentSeconds: number;
}

export interface RegistrySnapshot {
  readonly clusterId: string;
  readonly nodes: readonly RegisteredNode[];
  readonly leader: string | undefined;
  readonly epoch: number;
  /** What the leader wants: ids of nodes by model. A model that is missing is not decided on. */
  readonly placements: ReadonlyMap<string, readonly string[]>;
}

/** What operators have set for this node. */
export interface OwnSettings {
  readonly weight: number;
  readonly models: ReadonlyMap<string, { enabled: boolean; weight: number; releases: number }>;
}

/** Another process, started later, has this node's id. */
class IdTaken extends Error {
  override readonly name = 'IdTaken';
}

/** Nodes and their models in PostgreSQL: what every node tells, and what operators set. */
export class Registry {
  private written = '';

  constructor(private readonly database: Database) {
    // Whatever it had may be gone.
    database.onAvailable(() => {
      this.written = '';
    });
  }

  /** Tells that the node lives, and what it does. Throws {@link IdTaken}. */
  async write(beat: Beat): Promise<OwnSettings> {
    const { control } = this.database;
    const row = {
      id: beat.id,
      incarnation: beat.incarnation,
      role: beat.role,
      peer_url: beat.peerUrl ?? null,
      zone: beat.zone ?? null,
      version: beat.version,
      started_at: new Date(beat.startedAt),
      beat: beat.beat,
      status: beat.status,
      load: JSON.stringify(beat.load),
      offers: JSON.stringify(beat.offers),
    };
    const { id: _id, ...changing } = row;
    const node = await control
      .insertInto('nodes')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ ...changing, heartbeat_at: sql`now()` })
          .where((where) =>
            where.or([
              where('nodes.incarnation', '=', beat.incarnation),
              where('nodes.started_at', '<=', new Date(beat.startedAt)),
              where('nodes.status', 'in', ['left', 'dead']),
            ]),
          ),
      )
      .returning('weight')
      .executeTakeFirst();
    if (!node) throw new IdTaken(`Another node, started later, is called ${beat.id} too.`);
    await this.writeModels(beat.id, beat.models);
    const models = await control
      .selectFrom('model_instances')
      .select(['model', 'enabled', 'weight', 'releases'])
      .where('node_id', '=', beat.id)
      .execute();
    return {
      weight: node.weight,
      models: new Map(models.map(({ model, ...settings }) => [model, settings])),
    };
  }

  /** Everything that nodes have to know of each other. */
  async read(): Promise<RegistrySnapshot> {
    const { control } = this.database;
    const [nodes, leases, placements] = await Promise.all([
      readNodes(control),
      control
        .selectFrom('leader_lease')
        .select(['node_id', 'epoch', 'cluster_id', sql<boolean>`expires_at > now()`.as('valid')])
        .execute(),
      control.selectFrom('placements').select(['model', 'node_id']).execute(),
    ]);
    const lease = leases[0];
    const byModel = new Map<string, string[]>();
    for (const { model, node_id } of placements) {
      const ids = byModel.get(model) ?? [];
      ids.push(node_id);
      byModel.set(model, ids);
    }
    return {
      nodes,
      clusterId: lease?.cluster_id ?? '',
      leader: lease?.valid ? (lease.node_id ?? undefined) : undefined,
      epoch: lease?.epoch ?? 0,
      placements: byModel,
    };
  }

  /** How much work a node gets; `false` if there is no such node. */
  async setNodeWeight(node: string, weight: number): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('nodes')
      .set({ weight })
      .where('id', '=', node)
      .executeTakeFirst();
    return numUpdatedRows > 0;
  }

  /** Sets what operators may, of one model on one node, or on all; returns how many there are. */
  async setInstance(
    model: string,
    node: string | undefined,
    change: { enabled?: boolean; weight?: number; release?: boolean },
  ): Promise<number> {
    const { enabled, weight, release } = change;
    let query = this.database.db
      .updateTable('model_instances')
      .set({
        updated_at: sql`now()`,
        ...(enabled !== undefined && { enabled }),
        ...(weight !== undefined && { weight }),
        ...(release && { releases: sql<number>`releases + 1` }),
      })
      .where('model', '=', model);
    if (node !== undefined) query = query.where('node_id', '=', node);
    const { numUpdatedRows } = await query.executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /** Heartbeats are many, changes of models few: those are written only when there are any. */
  private async writeModels(node: string, models: readonly BeatModel[]): Promise<void> {
    const told = models.map(({ enabled: _enabled, weight: _weight, ...model }) => model);
    const text = JSON.stringify(told);
    if (text === this.written) return;
    await this.database.control.transaction().execute(async (transaction) => {
      for (const { id, state, reason, contextSize, capabilities } of told) {
        const changing = {
          state,
          reason: reason ?? null,
          context_size: contextSize ?? null,
          capabilities: capabilities ? JSON.stringify(capabilities) : null,
          updated_at: sql<Date>`now()`,
        };
        await transaction
          .insertInto('model_instances')
          .values({ node_id: node, model: id, ...changing })
          .onConflict((conflict) => conflict.columns(['node_id', 'model']).doUpdateSet(changing))
          .execute();
      }
      // What operators have set for a model stays until it comes back.
      let absent = transaction
        .updateTable('model_instances')
        .set({ state: 'absent', reason: null, updated_at: sql<Date>`now()` })
        .where('node_id', '=', node)
        .where('state', '!=', 'absent');
      if (told.length > 0)
        absent = absent.where(
          'model',
          'not in',
          told.map(({ id }) => id),
        );
      await absent.execute();
    });
    this.written = text;
  }
}

async function readNodes(db: Kysely<Tables>): Promise<RegisteredNode[]> {
  const [nodes, instances] = await Promise.all([
    db
      .selectFrom('nodes')
      .selectAll()
      .select(sql<number>`extract(epoch FROM now() - heartbeat_at)::float8`.as('silent'))
      .orderBy('id')
      .execute(),
    db.selectFrom('model_instances').selectAll().where('state', '!=', 'absent').orderBy('model').execute(),
  ]);
  const models = new Map<string, BeatModel[]>();
  for (const { node_id, model, state, reason, enabled, weight, context_size, capabilities } of instances) {
    if (state === 'absent') continue;
    const list = models.get(node_id) ?? [];
    models.set(node_id, list);
    list.push({
      id: model,
      state,
      enabled,
      weight,
      ...(reason !== null && { reason }),
      ...(context_size !== null && { contextSize: context_size }),
      ...(capabilities && { capabilities }),
    });
  }
  return nodes.map((row) => ({
    status: row.status,
    silentSeconds: row.silent,
    beat: {
      id: row.id,
      incarnation: row.incarnation,
      beat: row.beat,
      role: row.role as Role,
      version: row.version,
      startedAt: row.started_at.getTime(),
      weight: row.weight,
      load: row.load,
      offers: row.offers,
      models: models.get(row.id) ?? [],
      ...(row.peer_url !== null && { peerUrl: row.peer_url }),
      ...(row.zone !== null && { zone: row.zone }),
    },
  }));
}
