import type { Offer } from './beat.js';
import type { Member } from './members.js';

/** Requests must wait for so long before one more replica is worth its load. */
const BUSY_MILLISECONDS = 30_000;
/** The others must be able to do the work for so long before one is taken away. */
const IDLE_MILLISECONDS = 300_000;
/** Share of the sequences that the remaining replicas may use then. */
const IDLE_SHARE = 0.5;

interface Demand {
  extra: number;
  busySince: number | undefined;
  idleSince: number | undefined;
}

/** How many replicas a model gets between those it always has and its `max`, by what waits for it. */
export class ReplicaDemand {
  private readonly demands = new Map<string, Demand>();

  /** Call it every second or so. Times are in milliseconds. */
  replicas({ model, replicas, max }: Offer, members: readonly Member[], now: number): number | undefined {
    if (replicas === undefined || max === undefined || max <= replicas) return replicas;
    const demand = this.demands.get(model) ?? { extra: 0, busySince: undefined, idleSince: undefined };
    this.demands.set(model, demand);
    const loads = members
      .flatMap((member) => member.models)
      .flatMap(({ id, state, load }) => (id === model && state === 'ready' && load ? [load] : []));
    const sum = (key: 'running' | 'queued' | 'sequences') =>
      loads.reduce((total, load) => total + load[key], 0);
    const left = sum('sequences') * (1 - 1 / Math.max(1, loads.length));
    demand.busySince = sum('queued') > 0 ? (demand.busySince ?? now) : undefined;
    demand.idleSince =
      sum('queued') === 0 && sum('running') <= left * IDLE_SHARE ? (demand.idleSince ?? now) : undefined;
    if (demand.busySince !== undefined && now - demand.busySince >= BUSY_MILLISECONDS) {
      demand.extra = Math.min(demand.extra + 1, max - replicas);
      demand.busySince = now;
    } else if (demand.idleSince !== undefined && now - demand.idleSince >= IDLE_MILLISECONDS) {
      demand.extra = Math.max(demand.extra - 1, 0);
      demand.idleSince = now;
    }
    return replicas + demand.extra;
  }
}
