import type { Transaction } from 'kysely';
import type { Tables } from '../../database/tables.js';
import type { Offer } from '../beat.js';
import type { Duty } from '../duties.js';
import type { ClusterEvents } from '../events.js';
import type { Member, Members } from '../members.js';
import { type PlaceableModel, type Placement, planPlacement } from '../placement-plan.js';
import { ReplicaDemand } from '../replica-demand.js';

export interface PlacementDutyOptions {
  readonly members: Members;
  readonly events: ClusterEvents;
}

/** Decides which nodes load which model, and writes it down for them. Models without `replicas` are on all nodes. */
export function placement({ members, events }: PlacementDutyOptions): Duty {
  const demand = new ReplicaDemand();
  return {
    name: 'placement',
    everySeconds: 1,
    async run(transaction, epoch) {
      const offers = await readOffers(transaction, members.all);
      const models = placeable(offers, (offer) => demand.replicas(offer, members.all, performance.now()));
      const current = await read(transaction);
      const plan = planPlacement(
        models,
        members.all.filter(canServe).map((member) => ({
          id: member.id,
          offers: (offers.get(member.id) ?? []).map(({ model }) => model),
          unable: member.models.filter(isUnable).map(({ id }) => id),
        })),
        current,
      );
      await write(transaction, epoch, current, plan, events);
    },
  };
}

/** A suspected node keeps what it has until it is found dead: loading takes longer than most silences last. */
function canServe({ status }: Member): boolean {
  return status === 'healthy' || status === 'suspected';
}

function isUnable({ state, enabled }: Member['models'][number]): boolean {
  return state === 'quarantined' || state === 'failed' || !enabled;
}

async function readOffers(
  transaction: Transaction<Tables>,
  members: readonly Member[],
): Promise<ReadonlyMap<string, readonly Offer[]>> {
  const ids = members.map(({ id }) => id);
  const rows = await transaction
    .selectFrom('nodes')
    .select(['id', 'offers'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, offers }) => [id, offers]));
}

/** Of nodes that do not agree on how many replicas a model has, the one that asks for most is right. */
function placeable(
  offers: ReadonlyMap<string, readonly Offer[]>,
  replicasOf: (offer: Offer) => number | undefined,
): PlaceableModel[] {
  const byModel = new Map<string, Offer>();
  for (const offer of [...offers.values()].flat()) {
    const known = byModel.get(offer.model);
    if (
      !known ||
      (offer.replicas ?? Number.POSITIVE_INFINITY) > (known.replicas ?? Number.POSITIVE_INFINITY)
    ) {
      byModel.set(offer.model, offer);
    }
  }
  return [...byModel.values()].flatMap((offer) => {
    const replicas = replicasOf(offer);
    return replicas === undefined ? [] : [{ id: offer.model, replicas }];
  });
}

async function read(transaction: Transaction<Tables>): Promise<Placement> {
  const rows = await transaction
    .selectFrom('placements')
    .select(['model', 'node_id'])
    .orderBy('decided_at')
    .orderBy('node_id')
    .execute();
  const placed = new Map<string, string[]>();
  for (const { model, node_id } of rows) placed.set(model, [...(placed.get(model) ?? []), node_id]);
  return placed;
}

async function write(
  transaction: Transaction<Tables>,
  epoch: number,
  current: Placement,
  plan: Placement,
  events: ClusterEvents,
): Promise<void> {
  for (const model of new Set([...current.keys(), ...plan.keys()])) {
    const [before, after] = [current.get(model) ?? [], plan.get(model) ?? []];
    const gone = before.filter((node) => !after.includes(node));
    const added = after.filter((node) => !before.includes(node));
    if (gone.length > 0) {
      await transaction
        .deleteFrom('placements')
        .where('model', '=', model)
        .where('node_id', 'in', gone)
        .execute();
    }
    if (added.length > 0) {
      await transaction
        .insertInto('placements')
        .values(added.map((node_id) => ({ model, node_id, epoch })))
        .execute();
    }
    if (gone.length + added.length === 0) continue;
    await events.recordIn(transaction, 'model.placed', { model, added, removed: gone, epoch });
  }
}
