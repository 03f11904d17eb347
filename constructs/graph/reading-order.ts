import type { Arrow, Box } from './picture';

/** What stands for clients. */
export const CLIENTS = 'clients';

/**
 * Boxes as one reads them, in the direction of the arrows: whoever lets clients in first. What goes both ways points away
 * from the clients.
 */
export function inOrder(boxes: readonly Box[], arrows: readonly Arrow[]) {
  const ranks = new Map<string, number>();
  let reached = boxes.filter(({ type }) => type === 'entrance').map(({ id }) => id);
  for (let rank = 0; reached.length > 0; rank += 1) {
    for (const id of reached) ranks.set(id, rank);
    const from = new Set(reached);
    const next = arrows.flatMap((arrow) => [
      ...(from.has(arrow.from) ? [arrow.to] : []),
      ...(arrow.isMutual && from.has(arrow.to) ? [arrow.from] : []),
    ]);
    reached = [...new Set(next)].filter((id) => !ranks.has(id));
  }
  const rankOf = (id: string) => ranks.get(id) ?? 1;
  const places: readonly Box['type'][] = ['entrance', 'workload', 'storage', 'outside'];
  const placeOf = (box: Box) => (box.id === CLIENTS ? -1 : places.indexOf(box.type));
  const isServer = (box: Box) => Number(box.type === 'workload' && box.server !== undefined);
  const sorted = boxes.toSorted(
    (one, other) =>
      placeOf(one) - placeOf(other) ||
      isServer(one) - isServer(other) ||
      (one.type === 'workload' ? rankOf(one.id) - rankOf(other.id) : 0),
  );
  const positions = new Map(sorted.map(({ id }, position) => [id, position]));
  const isBackwards = ({ from, to, isMutual }: Arrow) =>
    isMutual && (positions.get(from) ?? 0) > (positions.get(to) ?? 0);
  return {
    boxes: sorted,
    arrows: arrows.map((arrow) =>
      isBackwards(arrow) ? { ...arrow, from: arrow.to, to: arrow.from } : arrow,
    ),
  };
}
