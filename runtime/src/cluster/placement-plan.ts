import { createHash } from 'node:crypto';

export interface PlaceableModel {
  readonly id: string;
  /** On how many nodes it is to be. */
  readonly replicas: number;
}

export interface PlaceableNode {
  readonly id: string;
  /** Models that it could load. */
  readonly offers: readonly string[];
  /** Models that it can't serve at the moment, though it offers them. */
  readonly unable: readonly string[];
}

/** Ids of nodes by model. */
export type Placement = ReadonlyMap<string, readonly string[]>;

/**
 * Which nodes are to load which model. Where a model is well it stays; what is missing goes to the nodes with the
 * fewest models, among those to the one that a hash of both names ranks first. So a node that comes or goes moves
 * nothing but what it had, or gets.
 */
export function planPlacement(
  models: readonly PlaceableModel[],
  nodes: readonly PlaceableNode[],
  current: Placement,
): Placement {
  const plan = new Map<string, string[]>();
  const count = new Map(nodes.map(({ id }) => [id, 0]));
  const place = (model: string, node: string) => {
    plan.get(model)?.push(node);
    count.set(node, (count.get(node) ?? 0) + 1);
  };
  const able = (model: string) =>
    nodes
      .filter(({ offers, unable }) => offers.includes(model) && !unable.includes(model))
      .map(({ id }) => id);

  for (const { id, replicas } of models) {
    plan.set(id, []);
    const candidates = able(id);
    const stay = (current.get(id) ?? []).filter((node) => candidates.includes(node));
    for (const node of stay.slice(0, replicas)) place(id, node);
  }
  for (const { id, replicas } of models) {
    const placed = plan.get(id) ?? [];
    const rank = new Map(able(id).map((node) => [node, rankOf(id, node)]));
    while (placed.length < replicas) {
      const [next] = [...rank.keys()]
        .filter((node) => !placed.includes(node))
        .sort(
          (one, other) =>
            (count.get(one) ?? 0) - (count.get(other) ?? 0) || (rank.get(one) ?? 0) - (rank.get(other) ?? 0),
        );
      if (next === undefined) break;
      place(id, next);
    }
  }
  return plan;
}

function rankOf(model: string, node: string): number {
  return createHash('sha256').update(`${model}\0${node}`).digest().readUInt32BE();
}
