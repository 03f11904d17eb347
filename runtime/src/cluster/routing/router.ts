import { hashOf, score } from './rendezvous.js';
import type { Target } from './target.js';

export interface RouterOptions {
  /** All that serve the model and take new work, this node included. Asked a few times a second at most. */
  readonly targetsOf: (model: string) => readonly Target[];
  readonly zone: string | undefined;
}

/** Why a target was chosen. `spilled`: the one that the key belongs to has more than its share. */
type Reason = 'only' | 'affinity' | 'spilled' | 'least-loaded';

export interface Choice {
  readonly target: Target;
  readonly reason: Reason;
}

/**
 * Nobody gets more than so many times its share while others have less: consistent hashing with bounded loads. Below
 * what it works on at once nothing is too much, since nothing waits.
 */
const MOST_LOADED = 1.25;
/** What members tell of their load is some heartbeats old anyway. */
const FRESH_MILLISECONDS = 250;

/** A target as this node knows it, with what it has sent there itself. */
interface Place {
  readonly target: Target;
  readonly hash: number;
  readonly traffic: Traffic;
  /** Of `traffic.inFlight`, what is in `target.load` already. */
  readonly reported: number;
}

interface Traffic {
  inFlight: number;
  /** It has refused work as too much; until then, by `performance.now()`, it is not asked again. */
  fullUntil: number;
}

interface Places {
  readonly all: readonly Place[];
  readonly weight: number;
  readonly at: number;
}

/**
 * Says who answers a request: of a key, the node that it belongs to while that has no more than its share, else the
 * next in the key's order; without a key, the least loaded. All nodes that know the same members come to the same
 * answer; what differs is only what each has itself sent since it last heard of a member's load.
 */
export class Router {
  private readonly known = new Map<string, Places>();
  private readonly traffic = new Map<string, Traffic>();

  constructor(private readonly options: RouterOptions) {}

  /** Members have come, gone or changed. */
  refresh(): void {
    this.known.clear();
  }

  /** Whether anybody takes work for the model, however full. */
  serves(model: string): boolean {
    return this.placesOf(model).all.length > 0;
  }

  /** `undefined` where nobody is left but those that are excluded or have just refused. */
  choose(model: string, key: number | undefined, excluded?: ReadonlySet<string>): Choice | undefined {
    const { all, weight } = this.placesOf(model);
    const [first] = all;
    const now = performance.now();
    if (first && all.length === 1) return isOpen(first, now, excluded) ? chosen(first, 'only') : undefined;
    return key === undefined ? this.leastLoaded(all, now, excluded) : byKey(all, weight, key, now, excluded);
  }

  /** Counts a request that this node sends there; returns how to say that it is answered. */
  enter({ id }: Target): () => void {
    const traffic = this.trafficOf(id);
    traffic.inFlight++;
    return () => traffic.inFlight--;
  }

  /** It has refused work as too much: it is not asked again for so long. */
  full({ id }: Target, milliseconds: number): void {
    this.trafficOf(id).fullUntil = performance.now() + milliseconds;
  }

  private leastLoaded(
    all: readonly Place[],
    now: number,
    excluded: ReadonlySet<string> | undefined,
  ): Choice | undefined {
    let best: Place | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const place of all) {
      if (!isOpen(place, now, excluded)) continue;
      const { weight, sequences } = place.target;
      const busy = loadOf(place) / (weight * Math.max(1, sequences));
      if (busy < least || (busy === least && best && this.isNearer(place, best))) {
        best = place;
        least = busy;
      }
    }
    return best && chosen(best, 'least-loaded');
  }

  private isNearer(place: Place, than: Place): boolean {
    return this.distance(place.target) < this.distance(than.target);
  }

  private distance({ kind, zone }: Target): number {
    if (kind === 'self') return 0;
    return zone !== undefined && zone === this.options.zone ? 1 : 2;
  }

  private placesOf(model: string): Places {
    const known = this.known.get(model);
    const now = performance.now();
    if (known && now - known.at < FRESH_MILLISECONDS) return known;
    const targets = this.options.targetsOf(model);
    const before = new Map(known?.all.map((place) => [place.target.id, place]));
    const all = targets.map((target): Place => {
      const traffic = this.trafficOf(target.id);
      const old = before.get(target.id);
      // The same figure once more is the same report: what was sent since then is not in it.
      const same = old?.target.load === target.load;
      return {
        target,
        hash: old?.hash ?? hashOf(target.id),
        traffic,
        reported: same ? Math.min(old.reported, traffic.inFlight) : traffic.inFlight,
      };
    });
    const places = { all, weight: targets.reduce((sum, target) => sum + target.weight, 0), at: now };
    // Names of models come from clients: only those that somebody serves are remembered.
    if (all.length > 0) this.known.set(model, places);
    return places;
  }

  private trafficOf(id: string): Traffic {
    let traffic = this.traffic.get(id);
    if (!traffic) {
      traffic = { inFlight: 0, fullUntil: 0 };
      this.traffic.set(id, traffic);
    }
    return traffic;
  }
}

function byKey(
  all: readonly Place[],
  weights: number,
  key: number,
  now: number,
  excluded: ReadonlySet<string> | undefined,
): Choice | undefined {
  let load = 1;
  for (const place of all) load += loadOf(place);
  const owner = new Highest();
  const open = new Highest();
  const bounded = new Highest();
  for (const place of all) {
    const { weight, sequences } = place.target;
    const wants = score(key, place.hash, weight);
    owner.consider(place, wants);
    if (wants <= bounded.score || !isOpen(place, now, excluded)) continue;
    open.consider(place, wants);
    const most = Math.max(sequences, Math.ceil((MOST_LOADED * load * weight) / weights));
    if (loadOf(place) < most) bounded.consider(place, wants);
  }
  const { place } = bounded.place ? bounded : open;
  return place && chosen(place, place === owner.place ? 'affinity' : 'spilled');
}

class Highest {
  place: Place | undefined;
  score = -1;

  consider(place: Place, score: number): void {
    if (score <= this.score) return;
    this.place = place;
    this.score = score;
  }
}

function isOpen({ target, traffic }: Place, now: number, excluded: ReadonlySet<string> | undefined): boolean {
  return traffic.fullUntil <= now && excluded?.has(target.id) !== true;
}

function loadOf({ target, traffic, reported }: Place): number {
  return Math.max(0, target.load + traffic.inFlight - reported);
}

function chosen({ target }: Place, reason: Reason): Choice {
  return { target, reason };
}
